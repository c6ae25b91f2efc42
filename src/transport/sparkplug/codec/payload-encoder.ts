import { InternalError } from "#model/errors.ts";
import { SparkplugType, type SparkplugTypeCode, typeNameOf } from "./data-type.ts";
import { packArray } from "./packed-array.ts";
import type {
  DataSet,
  MetaData,
  Metric,
  MetricValue,
  Payload,
  PropertySet,
  PropertyValue,
  Scalar,
  Template,
  TemplateParameter,
} from "./payload.ts";
import { WireWriter } from "./wire-writer.ts";

const rememberedNames = 4096;

/** Encodes payloads (Sparkplug 3.0, section 6.4); values must fit the datatype of their metric. */
export class PayloadEncoder {
  readonly #writer = new WireWriter();
  readonly #names = new Map<string, Uint8Array>();

  #writesDatatypes = true;

  /**
   * The bytes of `payload`, fields in the order of their numbers; throws InternalError on a value that does not fit.
   * Without `writesDatatypes` the datatypes of its metrics choose the value's field, and are not written.
   */
  encode(payload: Payload, writesDatatypes = true): Buffer {
    const writer = this.#writer;
    writer.reset();
    this.#writesDatatypes = writesDatatypes;
    if (payload.body !== undefined) this.#bytes(0x2a, payload.body);
    this.#optionalText(0x22, payload.uuid);
    this.#optionalUint(0x18, payload.seq);
    for (let i = payload.metrics.length - 1; i >= 0; i -= 1) {
      const metric = payload.metrics[i];
      if (metric !== undefined) this.#metric(0x12, metric);
    }
    this.#optionalUint(0x08, payload.timestamp);
    return writer.take();
  }

  #metric(tag: number, metric: Metric): void {
    const writer = this.#writer;
    const { mark } = writer;
    if (metric.value === undefined) this.#uint(0x38, 1);
    else this.#value(metric.value, metric.datatype ?? inferredTypeOf(metric.value));
    if (metric.properties !== undefined) this.#properties(0x4a, metric.properties);
    if (metric.metadata !== undefined) this.#metadata(metric.metadata);
    if (metric.isTransient === true) this.#uint(0x30, 1);
    if (metric.isHistorical === true) this.#uint(0x28, 1);
    if (this.#writesDatatypes) this.#optionalUint(0x20, metric.datatype);
    this.#optionalUint(0x18, metric.timestamp);
    this.#optionalUint(0x10, metric.alias);
    if (metric.name !== undefined) this.#bytes(0x0a, this.#nameBytes(metric.name));
    writer.close(tag, mark);
  }

  #value(value: MetricValue, datatype: SparkplugTypeCode): void {
    if (typeof value !== "object") this.#scalar(value, datatype, 10);
    else if (value instanceof Uint8Array) this.#bytes(0x82, value);
    else if ("rows" in value) this.#dataSet(value);
    else if ("isDefinition" in value) this.#template(value);
    else this.#bytes(0x82, packArray(value, datatype));
  }

  /** One of the six scalar fields that begin at number `first`: int, long, float, double, boolean, string. */
  #scalar(value: Scalar, datatype: SparkplugTypeCode, first: number): void {
    const writer = this.#writer;
    if (typeof value === "boolean") this.#uint((first + 4) << 3, value ? 1 : 0);
    else if (typeof value === "string") this.#text(((first + 5) << 3) | 2, value);
    else if (datatype === SparkplugType.Float) {
      writer.float(Number(value));
      writer.uint(((first + 2) << 3) | 5);
    } else if (datatype === SparkplugType.Double) {
      writer.double(Number(value));
      writer.uint(((first + 3) << 3) | 1);
    } else if (is64Bit(datatype)) {
      writer.int64(value);
      writer.uint((first + 1) << 3);
    } else if (datatype >= SparkplugType.Int8 && datatype <= SparkplugType.UInt32) {
      writer.uint32(Number(value));
      writer.uint(first << 3);
    } else throw new InternalError(`${String(value)} cannot be encoded as ${typeNameOf(datatype)}`);
  }

  #dataSet({ columns, types, rows }: DataSet): void {
    const writer = this.#writer;
    const { mark } = writer;
    this.#each(rows, (row) => {
      const rowMark = writer.mark;
      this.#each(row, (cell, column) => {
        const cellMark = writer.mark;
        if (cell !== undefined) this.#scalar(cell, types[column] ?? SparkplugType.Unknown, 1);
        writer.close(0x0a, cellMark);
      });
      writer.close(0x22, rowMark);
    });
    this.#each(types, (type) => this.#uint(0x18, type));
    this.#each(columns, (name) => this.#text(0x12, name));
    this.#uint(0x08, columns.length);
    writer.close(0x8a, mark);
  }

  #template({ version, reference, isDefinition, metrics, parameters }: Template): void {
    const { mark } = this.#writer;
    this.#uint(0x28, isDefinition ? 1 : 0);
    this.#optionalText(0x22, reference);
    this.#each(parameters, (parameter) => this.#parameter(parameter));
    this.#each(metrics, (metric) => this.#metric(0x12, metric));
    this.#optionalText(0x0a, version);
    this.#writer.close(0x92, mark);
  }

  #parameter({ name, datatype, value }: TemplateParameter): void {
    const { mark } = this.#writer;
    if (value !== undefined) this.#scalar(value, datatype, 3);
    this.#uint(0x10, datatype);
    this.#text(0x0a, name);
    this.#writer.close(0x1a, mark);
  }

  #properties(tag: number, set: PropertySet): void {
    const { mark } = this.#writer;
    this.#each([...set.values()], (value) => this.#property(value));
    this.#each([...set.keys()], (key) => this.#text(0x0a, key));
    this.#writer.close(tag, mark);
  }

  #property({ datatype, value }: PropertyValue): void {
    const writer = this.#writer;
    const { mark } = writer;
    if (value === undefined) this.#uint(0x10, 1);
    else if (typeof value !== "object") this.#scalar(value, datatype, 3);
    else if ("get" in value) this.#properties(0x4a, value);
    else {
      const listMark = writer.mark;
      this.#each(value, (set) => this.#properties(0x0a, set));
      writer.close(0x52, listMark);
    }
    this.#uint(0x08, datatype);
    writer.close(0x12, mark);
  }

  #metadata(data: MetaData): void {
    const { mark } = this.#writer;
    this.#optionalText(0x42, data.description);
    this.#optionalText(0x3a, data.md5);
    this.#optionalText(0x32, data.fileType);
    this.#optionalText(0x2a, data.fileName);
    this.#optionalUint(0x20, data.seq);
    this.#optionalUint(0x18, data.size);
    this.#optionalText(0x12, data.contentType);
    if (data.isMultiPart !== undefined) this.#uint(0x08, data.isMultiPart ? 1 : 0);
    this.#writer.close(0x42, mark);
  }

  /** Writes from the last to the first, as everything here is written. */
  #each<T>(items: readonly T[], write: (item: T, index: number) => void): void {
    items.toReversed().forEach((item, i) => write(item, items.length - 1 - i));
  }

  #optionalUint(tag: number, value: number | undefined): void {
    if (value !== undefined) this.#uint(tag, value);
  }

  #optionalText(tag: number, text: string | undefined): void {
    if (text !== undefined) this.#text(tag, text);
  }

  #uint(tag: number, value: number): void {
    this.#writer.uint(value);
    this.#writer.uint(tag);
  }

  #text(tag: number, text: string): void {
    const { mark } = this.#writer;
    this.#writer.text(text);
    this.#writer.close(tag, mark);
  }

  #bytes(tag: number, bytes: Uint8Array): void {
    const { mark } = this.#writer;
    this.#writer.raw(bytes);
    this.#writer.close(tag, mark);
  }

  // The same few names are sent again and again; whoever sends others than that pays with a new start.
  #nameBytes(name: string): Uint8Array {
    let bytes = this.#names.get(name);
    if (bytes === undefined) {
      if (this.#names.size === rememberedNames) this.#names.clear();
      bytes = Buffer.from(name, "utf8");
      this.#names.set(name, bytes);
    }
    return bytes;
  }
}

function is64Bit(datatype: SparkplugTypeCode): boolean {
  return datatype === SparkplugType.Int64 || datatype === SparkplugType.UInt64 || datatype === SparkplugType.DateTime;
}

function inferredTypeOf(value: MetricValue): SparkplugTypeCode {
  if (typeof value === "bigint") return SparkplugType.Int64;
  return typeof value === "number" ? SparkplugType.Double : SparkplugType.Unknown;
}
