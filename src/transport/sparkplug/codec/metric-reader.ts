import { SparkplugType, type SparkplugTypeCode, WireKind } from "./data-type.ts";
import { MetricFlag } from "./metric-columns.ts";
import type { MetricSource } from "./metric-fields.ts";
import { exactLong, numberOf } from "./metric-value.ts";
import { NestedPool } from "./nested-metrics.ts";
import { isArrayType, unpackArray } from "./packed-array.ts";
import type { DataSet, Metric, MetricValue, Scalar, Template } from "./payload.ts";
import { PropertyReader } from "./property-reader.ts";

/** Makes objects of decoded rows, for whoever wants all of a metric: BIRTHs, structured values, tests. Never throws. */
export class MetricReader {
  readonly #nested = new NestedPool();
  readonly #properties = new PropertyReader();

  /** All metrics of `source`, copied out of it. */
  metrics(source: MetricSource): Metric[] {
    return this.#range(source, 0, source.columns.size, 0);
  }

  /** Row `i` of `source`. Structured values nested too deep or malformed are undefined, as null is. */
  metric(source: MetricSource, i: number): Metric {
    return this.#metric(source, i, 0);
  }

  /** The value of row `i`, read with `datatype`; undefined for null and for what cannot be read. */
  value(source: MetricSource, i: number, datatype: SparkplugTypeCode): MetricValue | undefined {
    return this.#value(source, i, datatype, 0);
  }

  #range(source: MetricSource, from: number, to: number, depth: number): Metric[] {
    return Array.from({ length: to - from }, (_, k) => this.#metric(source, from + k, depth));
  }

  #metric(source: MetricSource, i: number, depth: number): Metric {
    const { columns } = source;
    const alias = columns.aliases[i] ?? -1;
    const time = columns.times[i] ?? Number.NaN;
    const datatype = columns.datatypes[i] ?? 0;
    const flags = columns.flags[i] ?? 0;
    const metadataEnd = columns.metadataEnds[i] ?? 0;
    const propertyEnd = columns.propertyEnds[i] ?? 0;
    const { bytes } = columns;
    return {
      name: columns.names[i] === "" ? undefined : columns.names[i],
      alias: alias < 0 ? undefined : alias,
      timestamp: Number.isNaN(time) ? undefined : time,
      datatype: datatype === 0 ? undefined : datatype,
      isHistorical: (flags & MetricFlag.historical) !== 0,
      isTransient: (flags & MetricFlag.transient) !== 0,
      metadata:
        metadataEnd === 0 ? undefined : this.#properties.metadata(bytes, columns.metadataStarts[i] ?? 0, metadataEnd),
      properties:
        propertyEnd === 0 ? undefined : this.#properties.properties(bytes, columns.propertyStarts[i] ?? 0, propertyEnd),
      value: this.#value(source, i, datatype, depth),
    };
  }

  #value(source: MetricSource, i: number, datatype: SparkplugTypeCode, depth: number): MetricValue | undefined {
    const { columns } = source;
    if (((columns.flags[i] ?? 0) & MetricFlag.null) !== 0) return undefined;
    switch (columns.kinds[i]) {
      case WireKind.bytes:
        return bytesValue(columns.bytes.subarray(columns.lows[i], columns.highs[i]), datatype);
      case WireKind.dataset:
        return this.#dataSet(source, i, depth);
      case WireKind.template:
        return this.#template(source, i, depth);
      default:
        return scalarValue(source, i, datatype);
    }
  }

  #dataSet(source: MetricSource, i: number, depth: number): DataSet | undefined {
    const nested = this.#nested.at(depth);
    const { columns } = source;
    if (!nested?.readDataSet(columns.bytes, columns.lows[i] ?? 0, columns.highs[i] ?? 0, Number.NaN)) return undefined;
    const cells = Array.from({ length: nested.columns.size }, (_, k) =>
      ((nested.columns.flags[k] ?? 0) & MetricFlag.null) === 0
        ? scalarValue(nested, k, nested.columns.datatypes[k] ?? 0)
        : undefined,
    );
    const width = Math.max(1, nested.columnNames.length);
    const rows = Array.from({ length: Math.ceil(cells.length / width) }, (_, r) =>
      cells.slice(r * width, (r + 1) * width),
    );
    return { columns: nested.columnNames, types: nested.columnTypes, rows };
  }

  #template(source: MetricSource, i: number, depth: number): Template | undefined {
    const nested = this.#nested.at(depth);
    const { columns } = source;
    if (!nested?.readTemplate(columns.bytes, columns.lows[i] ?? 0, columns.highs[i] ?? 0, Number.NaN)) return undefined;
    const { version, reference, isDefinition, firstParameter } = nested;
    const parameters = this.#range(nested, firstParameter, nested.columns.size, depth + 1);
    return {
      version,
      reference,
      isDefinition,
      metrics: this.#range(nested, 0, firstParameter, depth + 1),
      parameters: parameters.map(({ name = "", datatype = 0, value }) => ({
        name,
        datatype,
        value: isScalar(value) ? value : undefined,
      })),
    };
  }
}

function isScalar(value: MetricValue | undefined): value is Scalar {
  return value !== undefined && typeof value !== "object";
}

function bytesValue(bytes: Uint8Array, datatype: SparkplugTypeCode): MetricValue | undefined {
  return isArrayType(datatype) ? unpackArray(bytes, datatype) : new Uint8Array(bytes);
}

/** The scalar of row `i`; the type's zero where no value field came (proto3 encoders drop zeros). */
function scalarValue(source: MetricSource, i: number, datatype: SparkplugTypeCode): Scalar | undefined {
  const { columns } = source;
  switch (columns.kinds[i]) {
    case WireKind.string:
      return source.textOf(i);
    case WireKind.boolean:
      return numberOf(columns, i, SparkplugType.Boolean) !== 0;
    case WireKind.long: {
      if (datatype === SparkplugType.Boolean) return numberOf(columns, i, datatype) !== 0;
      return exactLong(columns.lows[i] ?? 0, columns.highs[i] ?? 0, datatype);
    }
    case WireKind.none:
      return zeroOf(datatype);
    case WireKind.int:
    case WireKind.float:
    case WireKind.double: {
      const number = numberOf(columns, i, datatype);
      return datatype === SparkplugType.Boolean ? number !== 0 : number;
    }
    default:
      return undefined;
  }
}

function zeroOf(datatype: SparkplugTypeCode): Scalar {
  if (datatype === SparkplugType.Boolean) return false;
  const isText =
    datatype === SparkplugType.String || datatype === SparkplugType.Text || datatype === SparkplugType.UUID;
  return isText ? "" : 0;
}
