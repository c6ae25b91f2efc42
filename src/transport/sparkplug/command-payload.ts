import type { OutgoingWrite } from "#fleet/ports.ts";
import type { OutgoingCommand } from "#model/command.ts";
import type { ParameterValue } from "#model/data-type.ts";
import { HostError } from "#model/errors.ts";
import { SparkplugType, type SparkplugTypeCode, typeNameOf } from "#transport/sparkplug/codec/data-type.ts";
import type { Metric } from "#transport/sparkplug/codec/payload.ts";
import type { EdgeDevice } from "./edge-node.ts";
import { commandIdMetric, lastIdMetric, type Point } from "./points.ts";
import { wireValueOf } from "./wire-value.ts";

/** How metrics of commands are written. */
export interface CommandStyle {
  /**
   * True: to the letter of the specification, alias instead of name where the BIRTH gave one. False: the name always, which
   * every known device understands.
   */
  readonly isStrict: boolean;
  /** Epoch ms. */
  readonly timestamp: number;
}

/**
 * The metrics of a DCMD for `command`: its own one, then its arguments. Throws `command-not-sent` when the BIRTH does not
 * offer a metric, `value-type-mismatch` when a value does not fit its datatype there.
 */
export function commandMetrics(device: EdgeDevice, command: OutgoingCommand, style: CommandStyle): Metric[] {
  const { spec } = command;
  const binding = spec.bindings.sparkplug;
  if (binding === undefined) throw notSent(device, `${spec.name} has no Sparkplug binding`);
  const metrics = [offeredMetric(device, binding.address, binding.value, style)];
  spec.inputs.forEach((argument, i) => {
    const value = command.inputs[i];
    const address = argument.addresses.sparkplug;
    if (value === undefined) return;
    if (address === undefined) throw notSent(device, `argument ${argument.name} has no Sparkplug metric`);
    metrics.push(offeredMetric(device, address, value, style));
  });
  return metrics;
}

/** The metrics of a DCMD that sets a parameter, converted to the device's unit and words. Throws as `commandMetrics` does. */
export function writeMetrics(device: EdgeDevice, write: OutgoingWrite, style: CommandStyle): Metric[] {
  const { parameter, value } = write;
  const binding = parameter.bindings.sparkplug;
  if (binding === undefined) throw notSent(device, `${parameter.name} has no Sparkplug binding`);
  const point = device.points.get(binding.address);
  const wire = wireValueOf(value, binding, point?.datatype ?? SparkplugType.Unknown);
  return [offeredMetric(device, binding.address, wire, style)];
}

/** True when the device takes an id along with commands and echoes it. */
export function echoesIds(device: EdgeDevice): boolean {
  return device.points.has(commandIdMetric) && device.points.has(lastIdMetric);
}

/** The metric that names the command, for devices that echo it. */
export function commandIdOf(device: EdgeDevice, id: number, style: CommandStyle): Metric {
  return offeredMetric(device, commandIdMetric, id, style);
}

function offeredMetric(device: EdgeDevice, name: string, value: ParameterValue, style: CommandStyle): Metric {
  const point = device.points.get(name);
  if (point === undefined) return unofferedMetric(device, name, value, style);
  const datatype = point.datatype === SparkplugType.Unknown ? naturalTypeOf(value) : point.datatype;
  if (!fits(value, datatype)) {
    throw new HostError(
      "value-type-mismatch",
      `${device.address}: ${name} = ${String(value)} is no ${typeNameOf(datatype)}`,
    );
  }
  return { ...key(point, style), timestamp: style.timestamp, datatype, value };
}

/** Devices without births do not list the metrics of their commands. */
function unofferedMetric(device: EdgeDevice, name: string, value: ParameterValue, style: CommandStyle): Metric {
  if (device.node.profile.hasEdgeNodes) throw notSent(device, `metric ${name} was not in its BIRTH`);
  return { name, timestamp: style.timestamp, datatype: naturalTypeOf(value), value };
}

function key(point: Point, style: CommandStyle): Pick<Metric, "name" | "alias"> {
  return style.isStrict && point.alias >= 0 ? { alias: point.alias } : { name: point.name };
}

function naturalTypeOf(value: ParameterValue): SparkplugTypeCode {
  switch (typeof value) {
    case "boolean":
      return SparkplugType.Boolean;
    case "string":
      return SparkplugType.String;
    case "bigint":
      return SparkplugType.Int64;
    default:
      return SparkplugType.Double;
  }
}

const int64Max = 2n ** 63n - 1n;
const integerLimits = new Map<SparkplugTypeCode, readonly [number | bigint, number | bigint]>([
  [SparkplugType.Int8, [-128, 127]],
  [SparkplugType.Int16, [-32_768, 32_767]],
  [SparkplugType.Int32, [-2_147_483_648, 2_147_483_647]],
  [SparkplugType.Int64, [-int64Max - 1n, int64Max]],
  [SparkplugType.UInt8, [0, 255]],
  [SparkplugType.UInt16, [0, 65_535]],
  [SparkplugType.UInt32, [0, 4_294_967_295]],
  [SparkplugType.UInt64, [0, 2n * int64Max + 1n]],
  [SparkplugType.DateTime, [0, 2n * int64Max + 1n]],
]);

/** True when `value` can be sent as `datatype` without loss. */
export function fits(value: ParameterValue, datatype: SparkplugTypeCode): boolean {
  switch (datatype) {
    case SparkplugType.Boolean:
      return typeof value === "boolean";
    case SparkplugType.String:
    case SparkplugType.Text:
    case SparkplugType.UUID:
      return typeof value === "string";
    case SparkplugType.Float:
    case SparkplugType.Double:
      return typeof value === "number";
    default: {
      const limits = integerLimits.get(datatype);
      const isInteger = typeof value === "bigint" || (typeof value === "number" && Number.isSafeInteger(value));
      return limits !== undefined && isInteger && value >= limits[0] && value <= limits[1];
    }
  }
}

function notSent(device: EdgeDevice, reason: string): HostError {
  return new HostError("command-not-sent", `${device.address}: ${reason}`);
}
