import type { SparkplugTypeCode } from "./data-type.ts";

/** 64-bit integers beyond 2^53 are bigint. */
export type Scalar = number | bigint | boolean | string;

/** A metric's value as people write it: arrays for types 22 to 34, bytes for Bytes and File. */
export type MetricValue = Scalar | Uint8Array | readonly Scalar[] | DataSet | Template;

/** A table (Sparkplug 3.0, section 6.4.9): one type per column, one scalar per cell, undefined for null. */
export interface DataSet {
  readonly columns: readonly string[];
  readonly types: readonly SparkplugTypeCode[];
  readonly rows: readonly (readonly (Scalar | undefined)[])[];
}

/** A definition, or an instance of one (section 6.4.12). */
export interface Template {
  readonly version?: string | undefined;
  /** The definition that an instance is made from. */
  readonly reference?: string | undefined;
  readonly isDefinition: boolean;
  readonly metrics: readonly Metric[];
  readonly parameters: readonly TemplateParameter[];
}

export interface TemplateParameter {
  readonly name: string;
  readonly datatype: SparkplugTypeCode;
  readonly value: Scalar | undefined;
}

/** Section 6.4.13; undefined values are null. */
export type PropertySet = ReadonlyMap<string, PropertyValue>;

export interface PropertyValue {
  readonly datatype: SparkplugTypeCode;
  readonly value: Scalar | PropertySet | readonly PropertySet[] | undefined;
}

/** Section 6.4.7. */
export interface MetaData {
  readonly isMultiPart?: boolean | undefined;
  readonly contentType?: string | undefined;
  readonly size?: number | undefined;
  readonly seq?: number | undefined;
  readonly fileName?: string | undefined;
  readonly fileType?: string | undefined;
  readonly md5?: string | undefined;
  readonly description?: string | undefined;
}

/** One metric of a payload (section 6.4.6). Times are epoch ms. */
export interface Metric {
  readonly name?: string | undefined;
  readonly alias?: number | undefined;
  readonly timestamp?: number | undefined;
  readonly datatype?: SparkplugTypeCode | undefined;
  readonly isHistorical?: boolean | undefined;
  readonly isTransient?: boolean | undefined;
  readonly metadata?: MetaData | undefined;
  readonly properties?: PropertySet | undefined;
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
