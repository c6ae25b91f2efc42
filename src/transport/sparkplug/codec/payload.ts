import type { SparkplugTypeCode } from "./data-type.ts";

/** A metric's value as people write it; 64-bit integers beyond 2^53 as bigint, absent (is_null) as undefined. */
export type MetricValue = number | bigint | boolean | string | Uint8Array;

/** One metric of a payload (Sparkplug 3.0, section 6.4.6). Times are epoch ms. */
export interface Metric {
  readonly name?: string | undefined;
  readonly alias?: number | undefined;
  readonly timestamp?: number | undefined;
  readonly datatype?: SparkplugTypeCode | undefined;
  readonly isHistorical?: boolean | undefined;
  readonly isTransient?: boolean | undefined;
  /** Undefined: null. */
  readonly value: MetricValue | undefined;
}

/** A payload (section 6.4.5). */
export interface Payload {
  readonly timestamp?: number | undefined;
  readonly metrics: readonly Metric[];
  readonly seq?: number | undefined;
  readonly uuid?: string | undefined;
  readonly body?: Uint8Array | undefined;
}
