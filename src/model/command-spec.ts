import type { DataType, ParameterValue } from "./data-type.ts";
import type { Range } from "./parameter-spec.ts";
import type { Protocol } from "./protocol.ts";
import type { Unit } from "./unit.ts";

/** Package roles; they map onto the well-known roles of OPC UA (OPC 10000-18). */
export const packageRoles = ["viewer", "operator", "maintenance", "administrator"] as const;

export type PackageRole = (typeof packageRoles)[number];

export const commandEffects = ["trip", "close", "reset", "configure", "test", "query"] as const;

export type CommandEffect = (typeof commandEffects)[number];

export interface ArgumentSpec {
  readonly name: string;
  readonly description: string;
  readonly dataType: DataType;
  readonly required: boolean;
  readonly defaultValue?: ParameterValue;
  readonly unit?: Unit;
  readonly range?: Range;
  /** Allowed texts; empty when any is allowed. */
  readonly choices: readonly string[];
  /** Where the argument travels, per protocol (e.g. a Sparkplug metric name). */
  readonly addresses: Readonly<Partial<Record<Protocol, string>>>;
}

/** What proves that a command took effect: the device's answer, or a parameter that reaches a value. */
export type ConfirmRule =
  | { readonly by: "ack" }
  | { readonly by: "state"; readonly parameter: string; readonly equals: ParameterValue };

export interface CommandBinding {
  /** Sparkplug metric name, JSON command word or LwM2M path. */
  readonly address: string;
  /** The value that carries the command, e.g. true. */
  readonly value: ParameterValue;
}

/** One command of a device type: an OPC UA method, how it is sent and what confirms it. */
export interface CommandSpec {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly effect: CommandEffect;
  readonly role: PackageRole;
  readonly inputs: readonly ArgumentSpec[];
  readonly timeoutMs: number;
  /** True: sending it twice does no harm (Trip yes, Close no). */
  readonly idempotent: boolean;
  readonly confirm: ConfirmRule;
  readonly bindings: Readonly<Partial<Record<Protocol, CommandBinding>>>;
}
