import type { DevicePackage } from "#model/device-package.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import type { Protocol } from "#model/protocol.ts";

/** One MQTT message. */
export interface FeedMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1;
}

/** What a fleet of one protocol publishes. */
export interface Feed {
  /** What makes the host know every device. */
  introductions(at: number): FeedMessage[];
  /**
   * Message `count` of a device (numbers from 0), with the first `values` parameters of its list; the parameter
   * `sequenceParameter` among them has the value `count`. Called with ascending counts of each device.
   */
  message(device: number, count: number, values: number, at: number): FeedMessage;
  /** What the least that a host must do with these messages subscribes to, and how it decodes one. */
  readonly filters: readonly string[];
  decode(topic: string, payload: Uint8Array): void;
}

/** How the fleet of a feed is made. */
export interface FeedShape {
  readonly package: DevicePackage;
  readonly parameters: readonly ParameterSpec[];
  readonly devices: number;
}

/** The package of the devices of every feed. */
export const feedPackage = "fdi-host/lsig-mccb";

/** Who looks at the measured host over HTTP. */
export const benchUser = { name: "bench", password: "only for measuring" };

/** Counts the messages of its device, so that nothing can be lost or doubled unnoticed. */
export const sequenceParameter = "OperatingHours";

export function deviceName(device: number): string {
  return `CB-${String(device + 1).padStart(4, "0")}`;
}

/** What devices report, first what changes: the sequence number, measurements, states, then settings. */
export function reportedParameters(pkg: DevicePackage, protocol: Protocol): ParameterSpec[] {
  const bound = pkg.parameters.filter((spec) => spec.bindings[protocol] !== undefined && spec.dataType !== "string");
  const rank = (spec: ParameterSpec): number => {
    if (spec.name === sequenceParameter) return 0;
    if (spec.class !== "dynamic") return 3;
    return spec.range === undefined || spec.unit === undefined ? 2 : 1;
  };
  return bound.sort((a, b) => rank(a) - rank(b));
}

/** The value of a parameter in message `count`: measurements change with each message, states and settings stay. */
export function valueOf(spec: ParameterSpec, count: number): number {
  if (spec.name === sequenceParameter) return count;
  if (spec.name === "Position") return 2;
  if (spec.dataType === "boolean") return 0;
  const { range } = spec;
  if (range === undefined || spec.unit === undefined || spec.class !== "dynamic") {
    return spec.enumeration[0]?.value ?? range?.low ?? 0;
  }
  // Little enough that no alarm comes and goes with it: those have a benchmark of their own. All phases alike, or a device
  // that reports seldom would be unbalanced for long.
  const share = 0.4 + 0.02 * (((count * 7) % 64) / 64) + 0.0001 * (spec.index % 8);
  const value = range.low + (range.high - range.low) * share;
  return spec.dataType === "float" || spec.dataType === "double" ? value : Math.round(value);
}
