import * as fc from "fast-check";
import { SparkplugType } from "#transport/sparkplug/codec/data-type.ts";
import type { DataSet, Metric, PropertySet, Scalar, Template } from "#transport/sparkplug/codec/payload.ts";

const int64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };
const uint64 = { min: 0n, max: 2n ** 64n - 1n };
const safe = (value: bigint): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value);
const text = fc.string({ unit: "grapheme", maxLength: 12 });
const time = fc.integer({ min: 0, max: 4_102_444_800_000 });

const scalars: readonly (readonly [number, fc.Arbitrary<Scalar>])[] = [
  [SparkplugType.Int8, fc.integer({ min: -128, max: 127 })],
  [SparkplugType.Int16, fc.integer({ min: -32_768, max: 32_767 })],
  [SparkplugType.Int32, fc.integer()],
  [SparkplugType.Int64, fc.bigInt(int64).map(safe)],
  [SparkplugType.UInt8, fc.nat(255)],
  [SparkplugType.UInt16, fc.nat(65_535)],
  [SparkplugType.UInt32, fc.nat(4_294_967_295)],
  [SparkplugType.UInt64, fc.bigInt(uint64).map(safe)],
  [SparkplugType.Float, fc.float()],
  [SparkplugType.Double, fc.double()],
  [SparkplugType.Boolean, fc.boolean()],
  [SparkplugType.String, text],
  [SparkplugType.DateTime, time],
  [SparkplugType.Text, text],
  [SparkplugType.UUID, fc.uuid()],
];

const arrays: readonly (readonly [number, fc.Arbitrary<Scalar>])[] = [
  [SparkplugType.Int8Array, fc.integer({ min: -128, max: 127 })],
  [SparkplugType.Int16Array, fc.integer({ min: -32_768, max: 32_767 })],
  [SparkplugType.Int32Array, fc.integer()],
  [SparkplugType.Int64Array, fc.bigInt(int64).map(safe)],
  [SparkplugType.UInt8Array, fc.nat(255)],
  [SparkplugType.UInt16Array, fc.nat(65_535)],
  [SparkplugType.UInt32Array, fc.nat(4_294_967_295)],
  [SparkplugType.UInt64Array, fc.bigInt(uint64).map(safe)],
  [SparkplugType.FloatArray, fc.float()],
  [SparkplugType.DoubleArray, fc.double()],
  [SparkplugType.BooleanArray, fc.boolean()],
  [SparkplugType.StringArray, text.map((value) => value.replaceAll("\0", ""))],
  [SparkplugType.DateTimeArray, time],
];

type Typed = Pick<Metric, "datatype" | "value">;

const scalarValue: fc.Arbitrary<{ datatype: number; value: Scalar }> = fc.oneof(
  ...scalars.map(([datatype, value]) => fc.record({ datatype: fc.constant(datatype), value })),
);

const arrayValue: fc.Arbitrary<Typed> = fc.oneof(
  ...arrays.map(([datatype, value]) =>
    fc.record({ datatype: fc.constant(datatype), value: fc.array(value, { maxLength: 9 }) }),
  ),
);

const dataSet: fc.Arbitrary<DataSet> = fc
  .array(fc.tuple(text, fc.constantFrom(...scalars)), { minLength: 1, maxLength: 4 })
  .chain((columns) =>
    fc.record({
      columns: fc.constant(columns.map(([name]) => name)),
      types: fc.constant(columns.map(([, [datatype]]) => datatype)),
      rows: fc.array(fc.tuple(...columns.map(([, [, value]]) => fc.option(value, { nil: undefined }))), {
        maxLength: 4,
      }),
    }),
  );

const scalarProperty = scalarValue.map(({ datatype, value }) => ({ datatype, value }));
const flatProperties: fc.Arbitrary<PropertySet> = fc
  .array(fc.tuple(text, scalarProperty), { maxLength: 3 })
  .map((entries) => new Map(entries));
const properties: fc.Arbitrary<PropertySet> = fc
  .array(
    fc.tuple(
      text,
      fc.oneof(
        scalarProperty,
        fc.record({ datatype: fc.constant(SparkplugType.PropertySet), value: flatProperties }),
        fc.record({
          datatype: fc.constant(SparkplugType.PropertySetList),
          value: fc.array(flatProperties, { maxLength: 3 }),
        }),
        fc.record({ datatype: fc.constant(SparkplugType.Int32), value: fc.constant(undefined) }),
      ),
    ),
    { maxLength: 4 },
  )
  .map((entries) => new Map(entries));

const metadata = fc.record({
  isMultiPart: fc.option(fc.boolean(), { nil: undefined }),
  contentType: fc.option(text, { nil: undefined }),
  size: fc.option(fc.nat(), { nil: undefined }),
  seq: fc.option(fc.nat(), { nil: undefined }),
  fileName: fc.option(text, { nil: undefined }),
  fileType: fc.option(text, { nil: undefined }),
  md5: fc.option(text, { nil: undefined }),
  description: fc.option(text, { nil: undefined }),
});

function metricOf(value: fc.Arbitrary<Typed>): fc.Arbitrary<Metric> {
  const envelope = fc.record({
    name: fc.option(fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 }), { nil: undefined }),
    alias: fc.option(fc.nat(2 ** 31), { nil: undefined }),
    timestamp: fc.option(time, { nil: undefined }),
    isHistorical: fc.boolean(),
    isTransient: fc.boolean(),
    metadata: fc.option(metadata, { nil: undefined }),
    properties: fc.option(properties, { nil: undefined }),
  });
  return fc.tuple(envelope, value).map(([rest, typed]) => ({ ...rest, ...typed }));
}

const nullValue = scalarValue.map(({ datatype }) => ({ datatype, value: undefined }));
const bytesValue = fc.record({ datatype: fc.constant(SparkplugType.Bytes), value: fc.uint8Array({ maxLength: 20 }) });
const flatValue: fc.Arbitrary<Typed> = fc.oneof(
  { weight: 4, arbitrary: scalarValue },
  arrayValue,
  nullValue,
  bytesValue,
  fc.record({ datatype: fc.constant(SparkplugType.DataSet), value: dataSet }),
);

const { template } = fc.letrec<{ template: Template; value: Typed }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    flatValue,
    fc.record({ datatype: fc.constant(SparkplugType.Template), value: tie("template") }),
  ),
  template: fc.record({
    version: fc.option(text, { nil: undefined }),
    reference: fc.option(text, { nil: undefined }),
    isDefinition: fc.boolean(),
    metrics: fc.array(metricOf(tie("value")), { maxLength: 3 }),
    parameters: fc.array(
      fc.tuple(text, scalarValue).map(([name, typed]) => ({ name, ...typed })),
      { maxLength: 2 },
    ),
  }),
}));

/** Any metric that the specification allows, templates nested up to three deep. */
export const anyMetric: fc.Arbitrary<Metric> = metricOf(
  fc.oneof(
    { weight: 3, arbitrary: flatValue },
    fc.record({ datatype: fc.constant(SparkplugType.Template), value: template }),
  ),
);

/** A metric with a scalar value and a name. */
export const scalarMetric: fc.Arbitrary<Metric> = fc
  .tuple(fc.string({ minLength: 1, maxLength: 20 }), scalarValue)
  .map(([name, typed]) => ({ name, ...typed }));
