import { InternalError } from "#model/errors.ts";
import { SparkplugType, typeNameOf } from "./data-type.ts";
import type { Metric, MetricValue, Payload } from "./payload.ts";
import { WireWriter } from "./wire-writer.ts";

const rememberedNames = 4096;

/** Encodes payloads (Sparkplug 3.0, section 6.4); values must fit the datatype of their metric. */
export class PayloadEncoder {
  readonly #writer = new WireWriter();
  readonly #names = new Map<string, Uint8Array>();

  /** The bytes of `payload`, fields in the order of their numbers; throws InternalError on a value that does not fit. */
  encode(payload: Payload): Buffer {
    const writer = this.#writer;
    writer.reset();
    if (payload.body !== undefined) this.#bytesField(0x2a, payload.body);
    if (payload.uuid !== undefined) this.#textField(0x22, payload.uuid);
    if (payload.seq !== undefined) this.#uintField(0x18, payload.seq);
    for (let i = payload.metrics.length - 1; i >= 0; i -= 1) {
      const metric = payload.metrics[i];
      if (metric !== undefined) this.#metric(metric);
    }
    if (payload.timestamp !== undefined) this.#uintField(0x08, payload.timestamp);
    return writer.take();
  }

  #metric(metric: Metric): void {
    const writer = this.#writer;
    const { mark } = writer;
    if (metric.value === undefined) this.#uintField(0x38, 1);
    else this.#value(metric.value, metric.datatype ?? inferredTypeOf(metric.value));
    if (metric.isTransient === true) this.#uintField(0x30, 1);
    if (metric.isHistorical === true) this.#uintField(0x28, 1);
    if (metric.datatype !== undefined) this.#uintField(0x20, metric.datatype);
    if (metric.timestamp !== undefined) this.#uintField(0x18, metric.timestamp);
    if (metric.alias !== undefined) this.#uintField(0x10, metric.alias);
    if (metric.name !== undefined) this.#bytesField(0x0a, this.#nameBytes(metric.name));
    writer.close(0x12, mark);
  }

  #value(value: MetricValue, datatype: number): void {
    switch (typeof value) {
      case "number":
      case "bigint":
        this.#number(value, datatype);
        break;
      case "boolean":
        this.#uintField(0x70, value ? 1 : 0);
        break;
      case "string":
        this.#textField(0x7a, value);
        break;
      default:
        this.#bytesField(0x82, value);
    }
  }

  #number(value: number | bigint, datatype: number): void {
    const writer = this.#writer;
    switch (datatype) {
      case SparkplugType.Float:
        writer.float(Number(value));
        writer.uint(0x65);
        break;
      case SparkplugType.Double:
        writer.double(Number(value));
        writer.uint(0x69);
        break;
      case SparkplugType.Int64:
      case SparkplugType.UInt64:
      case SparkplugType.DateTime:
        writer.int64(value);
        writer.uint(0x58);
        break;
      case SparkplugType.Int8:
      case SparkplugType.Int16:
      case SparkplugType.Int32:
      case SparkplugType.UInt8:
      case SparkplugType.UInt16:
      case SparkplugType.UInt32:
        writer.uint32(Number(value));
        writer.uint(0x50);
        break;
      default:
        throw new InternalError(`${String(value)} cannot be encoded as ${typeNameOf(datatype)}`);
    }
  }

  #uintField(tag: number, value: number): void {
    this.#writer.uint(value);
    this.#writer.uint(tag);
  }

  #textField(tag: number, text: string): void {
    const { mark } = this.#writer;
    this.#writer.text(text);
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

  #bytesField(tag: number, bytes: Uint8Array): void {
    const { mark } = this.#writer;
    this.#writer.raw(bytes);
    this.#writer.close(tag, mark);
  }
}

function inferredTypeOf(value: MetricValue): number {
  if (typeof value === "bigint") return SparkplugType.Int64;
  return typeof value === "number" ? SparkplugType.Double : SparkplugType.Unknown;
}
