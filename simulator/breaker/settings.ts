/**
 * The settings of one breaker in the units of their specs; booleans are 0 and 1. These are the values of a new 250 A
 * moulded case breaker; the first block is what its device package declares, the rest is set by scenarios and service.
 */
export const mccbStandard = {
  ProtectionEnabled: 1,
  ThermalPickup: 250,
  ThermalDelay: 8,
  OvercurrentPickup: 1000,
  OvercurrentDelay: 200,
  InstantaneousPickup: 2500,
  GroundFaultPickup: 100,
  GroundFaultDelay: 200,
  ArcFaultPickup: 500,
  ArcFaultDelay: 100,
  AutoRecloseEnabled: 0,
  AutoRecloseAttempts: 1,
  AutoRecloseDelay: 5,
  RemoteControlEnabled: 1,
  /** 0 thermal image, otherwise the position in `curveNames`. */
  LongTimeCurve: 0,
  TimeMultiplier: 1,
  ShortTimeI2t: 0,
  GroundFaultI2t: 0,
  /** Share of Ir that the neutral may carry: 0 = not protected. */
  NeutralProtection: 0,
  UndervoltageEnabled: 0,
  UndervoltagePickup: 70,
  UndervoltageDelay: 2,
  OvervoltageEnabled: 0,
  OvervoltagePickup: 115,
  OvervoltageDelay: 2,
  UnderfrequencyEnabled: 0,
  UnderfrequencyPickup: 47.5,
  UnderfrequencyDelay: 1,
  OverfrequencyEnabled: 0,
  OverfrequencyPickup: 52.5,
  OverfrequencyDelay: 1,
  UnbalanceEnabled: 0,
  UnbalancePickup: 30,
  UnbalanceDelay: 5,
  RecloseAfterThermal: 1,
  RecloseAfterInverseTime: 1,
  RecloseAfterUndervoltage: 1,
  /** A trip within this time after a reclosure counts as the same sequence. */
  RecloseReclaimTime: 10,
  /** Thermal capacity used above which closing is refused. */
  RecloseThermalLevel: 90,
  /** ctlModel of Close (IEC 61850): 0 status-only, 1 direct, 2 select-before-operate, 3 direct enhanced, 4 sbo enhanced. */
  CloseControlModel: 3,
};

export type SettingName = keyof typeof mccbStandard;

export type Settings = Record<SettingName, number>;

export interface SettingSpec {
  readonly kind: "number" | "integer" | "boolean";
  readonly unit: string;
  readonly low: number;
  readonly high: number;
}

export type SettingSpecs = Readonly<Record<SettingName, SettingSpec>>;

const flag: SettingSpec = { kind: "boolean", unit: "", low: 0, high: 1 };

/** A setting that takes any value of a closed range. */
export function rangeSpec(low: number, high: number, unit: string): SettingSpec {
  return { kind: "number", unit, low, high };
}

function whole(low: number, high: number): SettingSpec {
  return { kind: "integer", unit: "", low, high };
}

/** What the 250 A moulded case breaker accepts. */
export const mccbSpecs: SettingSpecs = {
  ProtectionEnabled: flag,
  ThermalPickup: rangeSpec(100, 250, "A"),
  ThermalDelay: rangeSpec(0.5, 24, "s"),
  OvercurrentPickup: rangeSpec(150, 2500, "A"),
  OvercurrentDelay: rangeSpec(0, 400, "ms"),
  InstantaneousPickup: rangeSpec(500, 3750, "A"),
  GroundFaultPickup: rangeSpec(50, 250, "A"),
  GroundFaultDelay: rangeSpec(0, 400, "ms"),
  ArcFaultPickup: rangeSpec(100, 1000, "A"),
  ArcFaultDelay: rangeSpec(0, 1000, "ms"),
  AutoRecloseEnabled: flag,
  AutoRecloseAttempts: whole(0, 3),
  AutoRecloseDelay: rangeSpec(0, 300, "s"),
  RemoteControlEnabled: flag,
  LongTimeCurve: whole(0, 6),
  TimeMultiplier: rangeSpec(0.05, 15, ""),
  ShortTimeI2t: flag,
  GroundFaultI2t: flag,
  NeutralProtection: rangeSpec(0, 1.6, ""),
  UndervoltageEnabled: flag,
  UndervoltagePickup: rangeSpec(50, 95, "%"),
  UndervoltageDelay: rangeSpec(0.1, 60, "s"),
  OvervoltageEnabled: flag,
  OvervoltagePickup: rangeSpec(105, 130, "%"),
  OvervoltageDelay: rangeSpec(0.1, 60, "s"),
  UnderfrequencyEnabled: flag,
  UnderfrequencyPickup: rangeSpec(45, 60, "Hz"),
  UnderfrequencyDelay: rangeSpec(0.1, 60, "s"),
  OverfrequencyEnabled: flag,
  OverfrequencyPickup: rangeSpec(50, 65, "Hz"),
  OverfrequencyDelay: rangeSpec(0.1, 60, "s"),
  UnbalanceEnabled: flag,
  UnbalancePickup: rangeSpec(5, 60, "%"),
  UnbalanceDelay: rangeSpec(0.1, 60, "s"),
  RecloseAfterThermal: flag,
  RecloseAfterInverseTime: flag,
  RecloseAfterUndervoltage: flag,
  RecloseReclaimTime: rangeSpec(1, 300, "s"),
  RecloseThermalLevel: rangeSpec(10, 100, "%"),
  CloseControlModel: whole(0, 4),
};

export function isSettingName(text: string): text is SettingName {
  return Object.hasOwn(mccbStandard, text);
}

export const settingNames: readonly SettingName[] = Object.keys(mccbStandard).filter(isSettingName);

/** Why the device refuses `value` for the setting `name`, with the numbers; undefined when it would accept it. */
export function refusalOf(
  specs: SettingSpecs,
  settings: Settings,
  name: SettingName,
  value: number,
): string | undefined {
  const spec = specs[name];
  if (!Number.isFinite(value)) return `${name}: not a number`;
  if (spec.kind !== "number" && !Number.isInteger(value)) return `${name} ${value} is not a whole number`;
  const unit = spec.unit === "" ? "" : ` ${spec.unit}`;
  if (value < spec.low) return `${name} ${value}${unit} is below ${spec.low}${unit}`;
  if (value > spec.high) return `${name} ${value}${unit} is above ${spec.high}${unit}`;
  return orderRefusalOf({ ...settings, [name]: value });
}

/** Ir < Isd < Ii (Schneider FA23007): a lower element set above a higher one would never operate. */
function orderRefusalOf(after: Settings): string | undefined {
  const { ThermalPickup: ir, OvercurrentPickup: isd, InstantaneousPickup: ii } = after;
  if (isd <= ir) return `OvercurrentPickup ${isd} A must be above ThermalPickup ${ir} A`;
  if (ii <= isd) return `InstantaneousPickup ${ii} A must be above OvercurrentPickup ${isd} A`;
  return undefined;
}
