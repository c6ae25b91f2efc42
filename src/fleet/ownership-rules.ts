import { wildcard } from "#lib/wildcard.ts";
import type { Protocol } from "#model/protocol.ts";
import type { Device } from "./device.ts";
import type { OwnershipPolicy } from "./ownership.ts";

/** What holds for devices that are reachable over two protocols. */
export interface OwnershipRule {
  /** Names of devices; `*` stands for any characters. */
  readonly devices: string;
  /** The protocol whose word counts; undefined: the one that the device speaks first. */
  readonly owner?: Protocol | undefined;
  /** Protocols over which the values are published besides. */
  readonly mirrorTo: readonly Protocol[];
}

/** Which protocol owns a device, and where its values go besides, by the first rule that fits its name. */
export class OwnershipRules implements OwnershipPolicy {
  readonly #rules: readonly (OwnershipRule & { readonly pattern: RegExp })[];
  readonly #mirrors = new WeakMap<Device, readonly Protocol[]>();

  constructor(rules: readonly OwnershipRule[]) {
    this.#rules = rules.map((rule) => ({ ...rule, pattern: wildcard(rule.devices) }));
  }

  /** True when any values are published besides. */
  get hasMirrors(): boolean {
    return this.#rules.some(({ mirrorTo }) => mirrorTo.length > 0);
  }

  ownerOf(name: string): Protocol | undefined {
    return this.#ruleOf(name)?.owner;
  }

  mayLink(name: string): boolean {
    return this.#ruleOf(name) !== undefined;
  }

  mirrorsOf(device: Device): readonly Protocol[] {
    const known = this.#mirrors.get(device);
    if (known !== undefined) return known;
    const mirrors = this.#ruleOf(device.id)?.mirrorTo ?? [];
    this.#mirrors.set(device, mirrors);
    return mirrors;
  }

  #ruleOf(name: string): OwnershipRule | undefined {
    return this.#rules.find(({ pattern }) => pattern.test(name));
  }
}
