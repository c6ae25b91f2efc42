import type { OutgoingCommand } from "#model/command.ts";
import type { DataType, ParameterValue } from "#model/data-type.ts";
import { HostError } from "#model/errors.ts";
import { SparkplugType, type SparkplugTypeCode, typeNameOf } from "#transport/sparkplug/codec/data-type.ts";
import type { Metric } from "#transport/sparkplug/codec/payload.ts";
import type { EdgeDevice } from "./edge-node.ts";
import { sparkplugTypeOf } from "./points.ts";

/**
 * The metrics of a DCMD for `command`: its own one, then its arguments, each by name with the datatype of the BIRTH and the
 * time of sending (epoch ms). Throws `command-not-sent` when the BIRTH does not offer a metric, `value-type-mismatch` when a value does
 * not fit its datatype.
 */
export function commandMetrics(device: EdgeDevice, command: OutgoingCommand, timestamp: number): Metric[] {
  const { spec } = command;
  const binding = spec.bindings.sparkplug;
  if (binding === undefined) throw notSent(device, `${spec.name} has no Sparkplug binding`);
  const metrics = [offeredMetric(device, binding.address, binding.value, timestamp)];
  spec.inputs.forEach((argument, i) => {
    const value = command.inputs[i];
    const address = argument.addresses.sparkplug;
    if (value === undefined) return;
    if (address === undefined) throw notSent(device, `argument ${argument.name} has no Sparkplug metric`);
    metrics.push(offeredMetric(device, address, value, timestamp));
  });
  return metrics;
}

function offeredMetric(device: EdgeDevice, name: string, value: ParameterValue, timestamp: number): Metric {
  const point = device.points.get(name);
  if (point === undefined) throw notSent(device, `metric ${name} was not in its BIRTH`);
  const datatype = point.datatype === SparkplugType.Unknown ? sparkplugTypeOf(naturalTypeOf(value)) : point.datatype;
  if (!fits(value, datatype)) {
    throw new HostError(
      "value-type-mismatch",
      `${device.address}: ${name} = ${String(value)} is no ${typeNameOf(datatype)}`,
    );
  }
  return { name, timestamp, datatype, value };
}

function naturalTypeOf(value: ParameterValue): DataType {
  switch (typeof value) {
    case "boolean":
      return "boolean";
    case "string":
      return "string";
    case "bigint":
      return "int64";
    default:
      return "double";
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
