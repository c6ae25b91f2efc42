import type { Breaker } from "#simulator/breaker/breaker.ts";
import type { SettingName } from "#simulator/breaker/settings.ts";
import type { SimulatedDevice } from "#simulator/fleet/simulated-device.ts";

export type MetricType = "Int32" | "Int64" | "Float" | "Double" | "Boolean" | "String" | "DateTime";
export type MetricValue = number | boolean | string | null;

/**
 * One metric of a breaker. `fixed` is told in the BIRTH only, `state` is reported as soon as it changes, `measured` once
 * per period, `command` is written by the host and never reported.
 */
export interface Metric {
  readonly name: string;
  readonly type: MetricType;
  readonly kind: "fixed" | "state" | "measured" | "command";
  readonly read: (device: SimulatedDevice) => MetricValue;
  readonly setting?: SettingName;
  /** Size of the operating range, for deadbands in percent of it. */
  readonly span?: number;
}

export type ReadMetric = (breaker: Breaker, device: SimulatedDevice) => MetricValue;

export function metric(kind: Metric["kind"], name: string, type: MetricType, read: ReadMetric): Metric {
  return { kind, name, type, read: (device) => read(device.breaker, device) };
}

export function fixed(name: string, type: MetricType, read: ReadMetric): Metric {
  return metric("fixed", `Device/${name}`, type, read);
}

export function state(name: string, type: MetricType, read: ReadMetric): Metric {
  return metric("state", name, type, read);
}

/** A measured Float below Breaker/; `span` is the size of its operating range. */
export function measured(name: string, span: number, read: ReadMetric): Metric {
  return { ...metric("measured", `Breaker/${name}`, "Float", read), span };
}

export function command(name: string, type: MetricType, idle: MetricValue): Metric {
  return metric("command", `Command/${name}`, type, () => idle);
}
