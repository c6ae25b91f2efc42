import type { AddCauseCode } from "./add-cause.ts";
import type { Condition } from "./condition.ts";
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
  /** Roles that single choices need instead of the command's, e.g. `ThermalMemory`: administrator. */
  readonly choiceRoles?: Readonly<Record<string, PackageRole>>;
  /** Where the argument travels, per protocol (e.g. a Sparkplug metric name). */
  readonly addresses: Readonly<Partial<Record<Protocol, string>>>;
}

/** What proves that a command took effect: the device's answer, or a parameter that reaches a value. */
export type ConfirmRule =
  | { readonly by: "ack" }
  | {
      readonly by: "state";
      readonly parameter: string;
      readonly equals: ParameterValue;
      /** Further values that prove it as well, e.g. Open where some devices say Tripped. */
      readonly or?: readonly ParameterValue[];
    };

export interface CommandBinding {
  /** Sparkplug metric name, JSON command word or LwM2M path. */
  readonly address: string;
  /** The value that carries the command, e.g. true. */
  readonly value: ParameterValue;
}

/** What must hold before a command may be sent; a trip is never interlocked. */
export interface InterlockSpec {
  readonly name: string;
  /** The command is blocked unless this is known to hold. */
  readonly condition: Condition;
  /** Why it is blocked otherwise. */
  readonly message: string;
  /** Default: 10, blocked by interlocking. */
  readonly addCause?: AddCauseCode;
}

/** Select-before-operate: the command needs a selection that one client holds (ctlModel 4 of IEC 61850-7-2). */
export interface SelectSpec {
  /** The selection lapses after this time. */
  readonly timeoutMs: number;
  /** Needed only while this holds; absent: always. */
  readonly when?: Condition;
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
  readonly interlocks?: readonly InterlockSpec[];
  readonly select?: SelectSpec;
  readonly bindings: Readonly<Partial<Record<Protocol, CommandBinding>>>;
}
