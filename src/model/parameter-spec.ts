import type { Condition } from "./condition.ts";
import type { DataType, ParameterValue } from "./data-type.ts";
import type { Protocol } from "./protocol.ts";
import type { Unit } from "./unit.ts";

export interface Range {
  readonly low: number;
  readonly high: number;
}

export interface EnumValue {
  readonly value: number;
  readonly name: string;
}

/**
 * What kind of quantity a parameter is: `dynamic` is measured, `static` is a setting kept in the device, `rating` is fixed
 * by construction, `local` is a setting of the host about the device.
 */
export type ParameterClass = "dynamic" | "static" | "rating" | "local";

export type ParameterAccess = "read" | "write" | "read-write";

/** Where a parameter is found on the wire; package value = wire value * scale + offset. */
export interface PointBinding {
  /** Sparkplug metric name, JSON path (dots) or LwM2M path (/object/instance/resource). */
  readonly address: string;
  readonly scale: number;
  readonly offset: number;
  /** Wire texts or numbers that stand for enumeration values, e.g. "closed" -> 1. */
  readonly valueMap?: ReadonlyMap<string, number>;
}

/** What the historian keeps of a parameter. */
export interface HistorySpec {
  readonly historize: boolean;
  /** Changes up to this size (in the parameter's unit) are not stored; 0 stores every value, with a heartbeat every change. */
  readonly deadband: number;
  /** An unchanged value is stored again after this time. */
  readonly heartbeatMs?: number;
}

/** One quantity of a device type: the definition its node, its bindings, its checks and its history come from. */
export interface ParameterSpec {
  /** Identifier within the package, e.g. `CurrentPhaseA`; the last part of its NodeId. */
  readonly name: string;
  /** Position within the package: the index of its column slot. */
  readonly index: number;
  readonly displayName: string;
  readonly description: string;
  readonly dataType: DataType;
  readonly unit?: Unit;
  /** Operating range (EURange); also the limits of a write. */
  readonly range?: Range;
  readonly step?: number;
  readonly access: ParameterAccess;
  readonly class: ParameterClass;
  /** Empty when the parameter is not an enumeration. */
  readonly enumeration: readonly EnumValue[];
  /** Texts of a boolean's two states. */
  readonly states?: { readonly true: string; readonly false: string };
  /** Functional group path, e.g. `Operational/Electrical`. */
  readonly group: string;
  readonly defaultValue?: ParameterValue;
  readonly history: HistorySpec;
  /** False: when the device is silent the value is Bad, not Uncertain (switch position, alarms). */
  readonly trustStale: boolean;
  /** IEC 61850 semantics, e.g. `MMXU1.A.phsA`. */
  readonly logicalNode?: string;
  /** ANSI/IEEE C37.2 device number, e.g. `51`. */
  readonly ansi?: string;
  readonly bindings: Readonly<Partial<Record<Protocol, PointBinding>>>;
  /** Shown only while this holds (IEC 62769-3 conditional definition). */
  readonly visibleWhen?: Condition;
  /** Written only while this holds. */
  readonly validWhen?: Condition;
}
