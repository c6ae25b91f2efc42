import type { DataType } from "#model/data-type.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { SparkplugType, type SparkplugTypeCode } from "#transport/sparkplug/codec/data-type.ts";

/** Metrics that carry the answer to a command (exact correlation), where a BIRTH lists them. */
export const commandIdMetric = "Command/Id";
export const lastIdMetric = "Command/LastId";
export const lastResultMetric = "Command/LastResult";

export const lastReasonMetric = "Command/LastReason";

export type PointRole = "parameter" | "last-id" | "last-result" | "last-reason" | "other";

/** What a metric of a BIRTH means here: which parameter it fills and how its wire value becomes the parameter's. */
export interface Point {
  readonly name: string;
  /** Id of the device it belongs to; empty for the edge node's own metrics. */
  readonly owner: string;
  readonly role: PointRole;
  /** Datatype of the BIRTH; 0 when it gave none. */
  readonly datatype: SparkplugTypeCode;
  /** Index within the device's package; -1 when it is no parameter. */
  readonly parameter: number;
  readonly dataType: DataType;
  readonly scale: number;
  readonly offset: number;
  readonly texts: ReadonlyMap<string, number> | undefined;
  readonly numbers: ReadonlyMap<number, number> | undefined;
}

const specsByPackage = new WeakMap<DevicePackage, ReadonlyMap<string, ParameterSpec>>();

/** The parameters of a package by Sparkplug metric name. */
export function boundParameters(pkg: DevicePackage): ReadonlyMap<string, ParameterSpec> {
  let specs = specsByPackage.get(pkg);
  if (specs === undefined) {
    specs = new Map(
      pkg.parameters.flatMap((spec) => {
        const address = spec.bindings.sparkplug?.address;
        return address === undefined ? [] : [[address, spec] as const];
      }),
    );
    specsByPackage.set(pkg, specs);
  }
  return specs;
}

const roles = new Map<string, PointRole>([
  [lastIdMetric, "last-id"],
  [lastResultMetric, "last-result"],
  [lastReasonMetric, "last-reason"],
]);

/** The meaning of metric `name` of a device of type `pkg` (undefined: not admitted). */
export function pointOf(
  metric: { readonly name: string; readonly owner: string; readonly datatype: SparkplugTypeCode },
  pkg: DevicePackage | undefined,
): Point {
  const { name, owner } = metric;
  const spec = pkg === undefined ? undefined : boundParameters(pkg).get(name);
  const binding = spec?.bindings.sparkplug;
  const numbers = binding?.valueMap === undefined ? undefined : numericKeys(binding.valueMap);
  return {
    name,
    owner,
    role: spec === undefined ? (roles.get(name) ?? "other") : "parameter",
    datatype: metric.datatype === 0 && spec !== undefined ? sparkplugTypeOf(spec.dataType) : metric.datatype,
    parameter: spec?.index ?? -1,
    dataType: spec?.dataType ?? "double",
    scale: binding?.scale ?? 1,
    offset: binding?.offset ?? 0,
    texts: binding?.valueMap,
    numbers,
  };
}

function numericKeys(valueMap: ReadonlyMap<string, number>): ReadonlyMap<number, number> | undefined {
  const entries = [...valueMap].map(([key, value]) => [Number(key), value] as const);
  const numeric = entries.filter(([key]) => Number.isFinite(key));
  return numeric.length === 0 ? undefined : new Map(numeric);
}

const sparkplugTypes = {
  boolean: SparkplugType.Boolean,
  int8: SparkplugType.Int8,
  uint8: SparkplugType.UInt8,
  int16: SparkplugType.Int16,
  uint16: SparkplugType.UInt16,
  int32: SparkplugType.Int32,
  uint32: SparkplugType.UInt32,
  int64: SparkplugType.Int64,
  uint64: SparkplugType.UInt64,
  float: SparkplugType.Float,
  double: SparkplugType.Double,
  string: SparkplugType.String,
  "date-time": SparkplugType.DateTime,
} satisfies Record<DataType, SparkplugTypeCode>;

/** The Sparkplug datatype of the same width. */
export function sparkplugTypeOf(dataType: DataType): SparkplugTypeCode {
  return sparkplugTypes[dataType];
}
