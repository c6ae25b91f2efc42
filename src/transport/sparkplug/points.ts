import { type DataType, dataTypes } from "#model/data-type.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { SparkplugType, type SparkplugTypeCode } from "#transport/sparkplug/codec/data-type.ts";

/** Metrics that carry the answer to a command (exact correlation), where a BIRTH lists them. */
export const commandIdMetric = "Command/Id";
export const lastIdMetric = "Command/LastId";
const lastResultMetric = "Command/LastResult";
const lastReasonMetric = "Command/LastReason";

export type PointRole = "parameter" | "last-id" | "last-result" | "last-reason" | "other";

/** What a metric of a BIRTH means here: which parameter it fills and how its wire value becomes the parameter's. */
export interface Point {
  /** Metric name; members of templates and data sets have the path to them, e.g. `Harmonics/0/percent`. */
  readonly name: string;
  /** -1: the BIRTH gave none. */
  readonly alias: number;
  /** Id of the device it belongs to; empty for the edge node's own metrics. */
  readonly owner: string;
  readonly role: PointRole;
  /** Datatype to read values with: that of the BIRTH, or of the parameter where the BIRTH gave none. */
  readonly datatype: SparkplugTypeCode;
  /** The parameter it is bound to. */
  readonly spec: ParameterSpec | undefined;
  /** Index of that parameter within the device's package; -1 when there is none. */
  readonly parameter: number;
  readonly dataType: DataType;
  readonly scale: number;
  readonly offset: number;
  readonly texts: ReadonlyMap<string, number> | undefined;
  readonly numbers: ReadonlyMap<number, number> | undefined;
  /** Inside of a template (by member name) or of a data set (by row number, then column name). */
  readonly members: ReadonlyMap<string, Point> | undefined;
  readonly rows: readonly ReadonlyMap<string, Point>[] | undefined;
}

/** What a BIRTH (or, in flat dialects, DATA) says of a metric. */
export interface PointDescription {
  readonly name: string;
  readonly alias: number;
  readonly owner: string;
  readonly datatype: SparkplugTypeCode;
  readonly members?: ReadonlyMap<string, Point> | undefined;
  readonly rows?: readonly ReadonlyMap<string, Point>[] | undefined;
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

/** The metric by which a device declares its type. */
export const deviceTypeMetric = "Device/Type";

/** True for metrics that are used up here: those of the protocol, of command ids, and the declared type. */
export function isProtocolMetric(name: string): boolean {
  return (
    name === "bdSeq" ||
    name === deviceTypeMetric ||
    name === commandIdMetric ||
    roles.has(name) ||
    name.startsWith("Node Control/") ||
    name.startsWith("Device Control/")
  );
}

/** The meaning of a metric for a device of type `pkg` (undefined: not admitted). */
export function pointOf(metric: PointDescription, pkg: DevicePackage | undefined, trustsDatatype = true): Point {
  const { name, alias, owner, members, rows } = metric;
  const spec = pkg === undefined ? undefined : boundParameters(pkg).get(name);
  const binding = spec?.bindings.sparkplug;
  const isTyped = metric.datatype !== SparkplugType.Unknown && trustsDatatype;
  return {
    name,
    alias,
    owner,
    role: spec === undefined ? (roles.get(name) ?? "other") : "parameter",
    datatype: isTyped || spec === undefined ? metric.datatype : sparkplugTypeOf(spec.dataType),
    spec,
    parameter: spec?.index ?? -1,
    dataType: spec?.dataType ?? "double",
    scale: binding?.scale ?? 1,
    offset: binding?.offset ?? 0,
    texts: binding?.valueMap,
    numbers: binding?.valueMap === undefined ? undefined : numericKeys(binding.valueMap),
    members,
    rows,
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

const dataTypesByCode = new Map<SparkplugTypeCode, DataType>(
  dataTypes.map((dataType) => [sparkplugTypes[dataType], dataType]),
);

/** The data type that values of a Sparkplug datatype are shown as; texts for arrays, tables and whatever has no scalar. */
export function dataTypeOf(datatype: SparkplugTypeCode): DataType {
  return dataTypesByCode.get(datatype) ?? "string";
}
