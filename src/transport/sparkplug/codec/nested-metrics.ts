import type { SparkplugTypeCode } from "./data-type.ts";
import { MetricFlag } from "./metric-columns.ts";
import { MetricFields, type MetricSource } from "./metric-fields.ts";
import { ScalarField } from "./scalar-field.ts";
import { TextCache } from "./text-cache.ts";
import { WireReader } from "./wire-reader.ts";

/** Templates within templates beyond this are not read. */
const maxDepth = 8;
const maxRows = 10_000;

/**
 * Reads the inside of one Template or DataSet value into rows of its own, so that members and cells can be handled like
 * metrics. Holds one value until the next is read; never throws.
 */
export class NestedMetrics implements MetricSource {
  readonly #reader = new WireReader();
  readonly #fields = new MetricFields(this.#reader, new TextCache());
  readonly #scalar = new ScalarField();
  readonly columns = this.#fields.columns;
  /** Rows from here on are template parameters, not metrics. */
  firstParameter = 0;
  version: string | undefined;
  reference: string | undefined;
  isDefinition = false;
  /** Column names and types of a DataSet; its cells are the rows, row by row. */
  columnNames: string[] = [];
  columnTypes: SparkplugTypeCode[] = [];

  textOf(metric: number): string | undefined {
    return this.#fields.textOf(metric);
  }

  /** Reads the Template in bytes [start, end) of `source`; `timestamp` stands for members without one. */
  readTemplate(bytes: Uint8Array, start: number, end: number, timestamp: number): boolean {
    const reader = this.#open(bytes, start, end, timestamp);
    this.version = undefined;
    this.reference = undefined;
    this.isDefinition = false;
    const parameters: number[] = [];
    while (reader.position < end && this.columns.size <= maxRows) {
      const tag = reader.uint32();
      if (tag === 0x0a) this.version = this.#fields.text();
      else if (tag === 0x22) this.reference = this.#fields.text();
      else if (tag === 0x28) this.isDefinition = reader.uint32() !== 0;
      else if (tag === 0x12) {
        const metricEnd = reader.lengthEnd();
        this.#fields.read(reader.position, metricEnd, end);
      } else if (tag === 0x1a) {
        const parameterEnd = reader.lengthEnd();
        parameters.push(reader.position, parameterEnd);
        reader.position = parameterEnd;
      } else this.#fields.skip(tag);
    }
    this.firstParameter = this.columns.size;
    for (let i = 0; i < parameters.length; i += 2) this.#parameter(parameters[i] ?? 0, parameters[i + 1] ?? 0);
    return this.#isWhole();
  }

  /** Reads the DataSet in bytes [start, end) of `source` into one row per cell, each named after its column. */
  readDataSet(bytes: Uint8Array, start: number, end: number, timestamp: number): boolean {
    const reader = this.#open(bytes, start, end, timestamp);
    this.columnNames = [];
    this.columnTypes = [];
    const rows: number[] = [];
    while (reader.position < end) {
      const tag = reader.uint32();
      if (tag === 0x12) this.columnNames.push(this.#fields.text());
      else if (tag === 0x18) this.columnTypes.push(reader.uint32());
      else if (tag === 0x1a) this.#packedTypes();
      else if (tag === 0x22) {
        const rowEnd = reader.lengthEnd();
        rows.push(reader.position, rowEnd);
        reader.position = rowEnd;
      } else this.#fields.skip(tag);
    }
    this.firstParameter = 0;
    for (let i = 0; i < rows.length; i += 2) {
      this.#row(rows[i] ?? 0, rows[i + 1] ?? 0);
      if (this.columns.size > maxRows) break;
    }
    return this.#isWhole();
  }

  #open(bytes: Uint8Array, start: number, end: number, timestamp: number): WireReader {
    const reader = this.#reader;
    reader.open(bytes);
    reader.seek(start, end);
    this.columns.reset(reader.bytes);
    this.columns.timestamp = timestamp;
    return reader;
  }

  #isWhole(): boolean {
    if (this.#reader.failure === undefined && this.columns.size <= maxRows) return true;
    this.columns.size = 0;
    this.firstParameter = 0;
    return false;
  }

  #packedTypes(): void {
    const reader = this.#reader;
    const end = reader.lengthEnd();
    while (reader.position < end) this.columnTypes.push(reader.uint32());
  }

  /** Template.Parameter: name 1, type 2, value 3 to 8. */
  #parameter(start: number, end: number): void {
    const reader = this.#reader;
    reader.seek(start, end);
    let name = "";
    let type = 0;
    this.#scalar.clear();
    while (reader.position < end) {
      const tag = reader.uint32();
      if (tag === 0x0a) name = this.#fields.text();
      else if (tag === 0x10) type = reader.uint32();
      else if (!this.#scalar.take(reader, tag, 3)) this.#fields.skip(tag);
    }
    if (reader.failure === undefined) this.#addRow(name, type);
  }

  /** DataSet.Row: elements 1, each with its value in 1 to 6; a cell without one is null. */
  #row(start: number, end: number): void {
    const reader = this.#reader;
    reader.seek(start, end);
    let column = 0;
    while (reader.position < end && column <= this.columnNames.length) {
      const tag = reader.uint32();
      if (tag === 0x0a) {
        this.#cell(column);
        column += 1;
      } else this.#fields.skip(tag);
    }
    if (column !== this.columnNames.length) {
      reader.fail(`a row of ${column} cells in a table of ${this.columnNames.length} columns`);
    }
  }

  #cell(column: number): void {
    const reader = this.#reader;
    const end = reader.lengthEnd();
    this.#scalar.clear();
    while (reader.position < end) {
      const tag = reader.uint32();
      if (!this.#scalar.take(reader, tag, 1)) this.#fields.skip(tag);
    }
    if (reader.position !== end) reader.fail("a cell is longer than its row");
    this.#addRow(this.columnNames[column] ?? "", this.columnTypes[column] ?? 0);
  }

  #addRow(name: string, datatype: SparkplugTypeCode): void {
    const { columns } = this;
    const { kind, low, high, number } = this.#scalar;
    const i = columns.push();
    columns.clear(i);
    columns.names[i] = name;
    columns.datatypes[i] = datatype;
    columns.numbers[i] = number;
    columns.setBits(i, kind, low, high);
    if (kind === 0) columns.flags[i] = MetricFlag.null;
  }
}

/** One reader per depth: a member's inside can be read while its outside is still in use. */
export class NestedPool {
  readonly #readers: NestedMetrics[] = [];

  /** The reader for values `depth` levels down; undefined where it is too deep. */
  at(depth: number): NestedMetrics | undefined {
    if (depth >= maxDepth) return undefined;
    const reader = this.#readers[depth] ?? new NestedMetrics();
    this.#readers[depth] = reader;
    return reader;
  }
}
