import type { Clock } from "#lib/clock.ts";
import type { Principal } from "#model/command.ts";
import type { ParameterValue } from "#model/data-type.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { isGood } from "#model/quality.ts";
import { type SampleBatch, SampleFlag } from "#model/sample-batch.ts";
import type { Audit } from "./audit.ts";
import { sameValue } from "./commands/state-proof.ts";
import type { Device } from "./device.ts";
import type { WarningBoard } from "./warning-board.ts";

export interface ConfigurationsParts {
  readonly audit: Audit;
  readonly warnings: WarningBoard;
  readonly clock: Clock;
  /** A short text that is different for different texts, e.g. SHA-256 in hexadecimal. */
  readonly digest: (text: string) => string;
  /** True when a message of the host asks the device for this value. */
  readonly awaits: (device: Device, spec: ParameterSpec, value: ParameterValue) => boolean;
}

/** What must be remembered of a device's settings over a restart; values by parameter name. */
export interface ConfigurationRecord {
  readonly revision: number;
  readonly accepted: Readonly<Record<string, ParameterValue>>;
  readonly reported: Readonly<Record<string, ParameterValue>>;
}

/** A setting that is not what the host last set or accepted. */
export interface ConfigurationDifference {
  readonly parameter: string;
  readonly accepted: ParameterValue;
  readonly reported: ParameterValue;
}

interface Settings {
  /** Counts every change of a setting (RevisionCounter of OPC 10000-100, 4.5.1). */
  revision: number;
  /** By position among the settings of the package: what the host set, or first saw, or was told to accept. */
  readonly accepted: (ParameterValue | undefined)[];
  readonly reported: (ParameterValue | undefined)[];
  hash: string | undefined;
}

/** The settings of a package: the parameters that are kept in the device and change only on purpose. */
interface SettingList {
  readonly specs: readonly ParameterSpec[];
  /** Position of each parameter among them, -1 for the others. */
  readonly positions: Int16Array;
}

/** Follows the settings of every device: what they are, how often they changed, and which changed without the host. */
export class Configurations {
  readonly #parts: ConfigurationsParts;
  readonly #byDevice = new Map<Device, Settings>();
  readonly #lists = new WeakMap<DevicePackage, SettingList>();
  readonly #listeners: ((device: Device) => void)[] = [];

  constructor(parts: ConfigurationsParts) {
    this.#parts = parts;
  }

  /** New samples of a device, before anything else learns of them. */
  observe(device: Device, batch: SampleBatch): void {
    const { positions, specs } = this.#listOf(device.package);
    let changed = false;
    for (let i = 0; i < batch.size; i += 1) {
      const position = positions[batch.parameters[i] ?? 0] ?? -1;
      if (position < 0) continue;
      if (((batch.flags[i] ?? 0) & SampleFlag.historical) !== 0 || !isGood(batch.qualities[i] ?? 0)) continue;
      const spec = specs[position];
      const value = spec === undefined ? undefined : valueIn(batch, i, spec);
      if (spec === undefined || value === undefined) continue;
      changed = this.#see(device, { spec, position, value }) || changed;
    }
    if (changed) this.#tell(device);
  }

  /** How often a setting of the device changed since the host knows it. */
  revisionOf(device: Device): number {
    return this.#byDevice.get(device)?.revision ?? 0;
  }

  /** Digest of all settings as the device reports them; empty while it reported none. */
  hashOf(device: Device): string {
    const settings = this.#byDevice.get(device);
    if (settings === undefined) return "";
    settings.hash ??= this.#parts.digest(this.#textOf(device, settings));
    return settings.hash;
  }

  differencesOf(device: Device): ConfigurationDifference[] {
    const settings = this.#byDevice.get(device);
    if (settings === undefined) return [];
    return this.#listOf(device.package).specs.flatMap((spec, i) => {
      const accepted = settings.accepted[i];
      const reported = settings.reported[i];
      if (accepted === undefined || reported === undefined || sameValue(spec, accepted, reported)) return [];
      return [{ parameter: spec.name, accepted, reported }];
    });
  }

  /** Takes what the device reports as what it shall be: nothing differs any more. */
  accept(device: Device, by: Principal): void {
    const settings = this.#byDevice.get(device);
    if (settings === undefined) return;
    const changes = this.differencesOf(device).map(({ parameter, accepted, reported }) => ({
      parameter,
      before: accepted,
      after: reported,
    }));
    for (const [i, value] of settings.reported.entries()) settings.accepted[i] = value;
    const { audit, clock } = this.#parts;
    const { user, origin } = by;
    const about = { commandId: "", user, origin, device: device.id, action: "accept configuration", changes };
    audit.note({ at: clock.now(), kind: "outcome", ...about });
    this.#warn(device);
    this.#tell(device);
  }

  /** Takes up what was known of a device before a restart. */
  restore(device: Device, record: ConfigurationRecord): void {
    const { specs } = this.#listOf(device.package);
    this.#byDevice.set(device, {
      revision: record.revision,
      accepted: specs.map(({ name }) => record.accepted[name]),
      reported: specs.map(({ name }) => record.reported[name]),
      hash: undefined,
    });
    this.#warn(device);
  }

  /** Takes over the settings of a record that another one replaces; those that its package does not have are let go. */
  carry(from: Device, to: Device): void {
    const record = this.recordOf(from);
    if (record === undefined) return;
    this.forget(from);
    this.restore(to, record);
  }

  recordOf(device: Device): ConfigurationRecord | undefined {
    const settings = this.#byDevice.get(device);
    if (settings === undefined) return undefined;
    const { specs } = this.#listOf(device.package);
    const named = (values: readonly (ParameterValue | undefined)[]): Record<string, ParameterValue> =>
      Object.fromEntries(
        specs.flatMap(({ name }, i) => {
          const value = values[i];
          return value === undefined ? [] : [[name, value] as const];
        }),
      );
    return { revision: settings.revision, accepted: named(settings.accepted), reported: named(settings.reported) };
  }

  forget(device: Device): void {
    this.#byDevice.delete(device);
    this.#parts.warnings.clear("configuration-differs", device);
  }

  /** Calls `listener` after each change of a device's settings. */
  onChange(listener: (device: Device) => void): void {
    this.#listeners.push(listener);
  }

  /** Notes a reported setting; true when it is new or changed. */
  #see(device: Device, seen: { spec: ParameterSpec; position: number; value: ParameterValue }): boolean {
    const { spec, position, value } = seen;
    const settings = this.#settingsOf(device);
    const before = settings.reported[position];
    if (before !== undefined && sameValue(spec, before, value)) return false;
    settings.reported[position] = value;
    settings.hash = undefined;
    if (before === undefined) {
      settings.accepted[position] ??= value;
      this.#warn(device);
      return true;
    }
    settings.revision += 1;
    if (this.#parts.awaits(device, spec, value)) settings.accepted[position] = value;
    else this.#noteSiteChange(device, spec, before, value);
    this.#warn(device);
    return true;
  }

  #noteSiteChange(device: Device, spec: ParameterSpec, before: ParameterValue, after: ParameterValue): void {
    this.#parts.audit.note({
      at: this.#parts.clock.now(),
      kind: "site-change",
      commandId: "",
      user: "",
      origin: device.address,
      device: device.id,
      action: `change ${spec.name}`,
      changes: [{ parameter: spec.name, before, after }],
    });
  }

  #warn(device: Device): void {
    const { warnings, clock } = this.#parts;
    const differences = this.differencesOf(device);
    if (differences.length === 0) {
      warnings.clear("configuration-differs", device);
      return;
    }
    const list = differences.map(
      ({ parameter, accepted, reported }) => `${parameter} is ${String(reported)}, was set to ${String(accepted)}`,
    );
    const text = `${device.id}: ${list.join("; ")}`;
    warnings.raise({ name: "configuration-differs", device, since: clock.now(), text });
  }

  #textOf(device: Device, settings: Settings): string {
    const { specs } = this.#listOf(device.package);
    return specs.map(({ name }, i) => `${name}=${String(settings.reported[i] ?? "")}\n`).join("");
  }

  #settingsOf(device: Device): Settings {
    const known = this.#byDevice.get(device);
    if (known !== undefined) return known;
    const settings: Settings = { revision: 0, accepted: [], reported: [], hash: undefined };
    this.#byDevice.set(device, settings);
    return settings;
  }

  #listOf(pkg: DevicePackage): SettingList {
    const known = this.#lists.get(pkg);
    if (known !== undefined) return known;
    const specs = pkg.parameters.filter((spec) => spec.class === "static" && spec.access === "read-write");
    const positions = new Int16Array(pkg.parameters.length).fill(-1);
    for (const [position, spec] of specs.entries()) positions[spec.index] = position;
    const list = { specs, positions };
    this.#lists.set(pkg, list);
    return list;
  }

  #tell(device: Device): void {
    for (const listener of this.#listeners) listener(device);
  }
}

function valueIn(batch: SampleBatch, i: number, spec: ParameterSpec): ParameterValue | undefined {
  const text = batch.texts[i];
  if (text !== undefined) return spec.dataType === "string" ? text : BigInt(text);
  const value = batch.values[i] ?? Number.NaN;
  if (Number.isNaN(value)) return undefined;
  return spec.dataType === "boolean" ? value !== 0 : value;
}
