import { deflateAlgorithm, inflateBody } from "./compression.ts";
import type { MetricColumns } from "./metric-columns.ts";
import { MetricFields, type MetricSource } from "./metric-fields.ts";
import { TextCache } from "./text-cache.ts";
import { WireReader } from "./wire-reader.ts";

export interface DecoderLimits {
  /** Bytes of one payload as received. */
  readonly maxBytes: number;
  readonly maxMetrics: number;
  /** Bytes that a compressed payload may unfold to. */
  readonly maxInflatedBytes: number;
}

export const defaultLimits: DecoderLimits = {
  maxBytes: 256 * 1024,
  maxMetrics: 10_000,
  maxInflatedBytes: 1024 * 1024,
};

export type DecodeResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: "malformed" | "oversized"; readonly detail: string };

const fine: DecodeResult = { ok: true };

/**
 * Decodes Sparkplug B payloads (section 6.4) into `columns`, which hold one message until the next call. Never throws:
 * any bytes give a result. Unknown fields are skipped; a field that comes twice counts with its last value.
 */
export class PayloadDecoder implements MetricSource {
  readonly columns: MetricColumns;
  readonly #limits: DecoderLimits;
  readonly #reader = new WireReader();
  readonly #fields = new MetricFields(this.#reader, new TextCache());

  constructor(limits: DecoderLimits = defaultLimits) {
    this.#limits = limits;
    this.columns = this.#fields.columns;
  }

  decode(bytes: Uint8Array): DecodeResult {
    const { maxBytes } = this.#limits;
    if (bytes.byteLength > maxBytes) return oversized(`${bytes.byteLength} bytes, at most ${maxBytes} are read`);
    const outer = this.#decodePlain(bytes);
    if (!outer.ok || this.columns.uuid !== "SPBV1.0_COMPRESSED") return outer;
    return this.#decodeCompressed();
  }

  textOf(metric: number): string | undefined {
    return this.#fields.textOf(metric);
  }

  // The wrapper has neither seq nor timestamp of its own in the encoders in use; the inner payload has both.
  #decodeCompressed(): DecodeResult {
    const { bytes, bodyStart, bodyEnd } = this.columns;
    const inflated = inflateBody(bytes.subarray(bodyStart, bodyEnd), this.#algorithm(), this.#limits.maxInflatedBytes);
    return inflated.ok ? this.#decodePlain(inflated.bytes) : inflated;
  }

  #algorithm(): string {
    const { columns } = this;
    for (let i = 0; i < columns.size; i += 1) if (columns.names[i] === "algorithm") return this.textOf(i) ?? "";
    return deflateAlgorithm;
  }

  #decodePlain(message: Uint8Array): DecodeResult {
    const reader = this.#reader;
    const { columns } = this;
    reader.open(message);
    const { bytes, end } = reader;
    columns.reset(bytes);
    while (reader.position < end) {
      const at = reader.position;
      const length = bytes[at + 1] ?? 0x80;
      if (bytes[at] === 0x12 && length < 0x80 && at + 2 + length <= end)
        this.#fields.read(at + 2, at + 2 + length, end);
      else this.#payloadField(reader.uint32(), end);
      if (columns.size > this.#limits.maxMetrics) return this.#tooManyMetrics();
    }
    if (reader.failure === undefined) return fine;
    columns.size = 0;
    return { ok: false, reason: "malformed", detail: reader.failure };
  }

  #tooManyMetrics(): DecodeResult {
    this.columns.size = 0;
    return oversized(`more than ${this.#limits.maxMetrics} metrics`);
  }

  #payloadField(tag: number, end: number): void {
    const reader = this.#reader;
    const { columns } = this;
    switch (tag) {
      case 0x12: {
        const metricEnd = reader.lengthEnd();
        this.#fields.read(reader.position, metricEnd, end);
        break;
      }
      case 0x08:
        columns.timestamp = reader.uint64();
        break;
      case 0x18:
        columns.seq = reader.uint64();
        columns.hasSeq = true;
        break;
      case 0x22:
        columns.uuid = this.#fields.text();
        break;
      case 0x2a:
        columns.bodyEnd = reader.lengthEnd();
        columns.bodyStart = reader.position;
        reader.position = columns.bodyEnd;
        break;
      default:
        this.#fields.skip(tag);
    }
  }
}

function oversized(detail: string): DecodeResult {
  return { ok: false, reason: "oversized", detail };
}
