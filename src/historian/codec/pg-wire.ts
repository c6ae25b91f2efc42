/**
 * The few messages of PostgreSQL's frontend/backend protocol 3.0 (PostgreSQL manual, 55.7) that one statement needs:
 * binary parameters in, binary results out.
 */

export interface WireError {
  readonly sqlState: string;
  readonly message: string;
}

export interface WireResponse {
  /** The CopyData messages of a COPY ... TO STDOUT, whole ones in each part. */
  readonly copied: readonly Uint8Array<ArrayBuffer>[];
  readonly rows: readonly (readonly (Uint8Array<ArrayBuffer> | null)[])[];
  /** The first error of the exchange. */
  readonly error: WireError | undefined;
}

const encoder = new TextEncoder();

/** Parse, Bind, Execute and Sync of one statement as one buffer. */
export function encodeStatement(sql: string, parameters: readonly (Uint8Array | string)[]): Uint8Array<ArrayBuffer> {
  const text = encoder.encode(sql);
  const values = parameters.map((value) => (typeof value === "string" ? encoder.encode(value) : value));
  const bindBytes = 2 + 2 + 2 * values.length + 2 + values.reduce((sum, value) => sum + 4 + value.length, 0) + 4;
  const out = new WireWriter(5 + text.length + 4 + 5 + bindBytes + 5 + 5 + 5);
  out.begin("P").zero().bytes(text).zero().int16(0).end();
  out.begin("B").zero().zero().int16(values.length);
  for (const parameter of parameters) out.int16(typeof parameter === "string" ? 0 : 1);
  out.int16(values.length);
  for (const value of values) out.int32(value.length).bytes(value);
  out.int16(1).int16(1).end();
  out.begin("E").zero().int32(0).end();
  out.begin("S").end();
  return out.take();
}

/** A simple Query: several statements in one implicit transaction. */
export function encodeScript(script: string): Uint8Array<ArrayBuffer> {
  const text = encoder.encode(script);
  return new WireWriter(6 + text.length).begin("Q").bytes(text).zero().end().take();
}

/** A COPY ... FROM STDIN with all its bytes: whoever reads them need not wait for an answer in between. */
export function encodeCopyIn(sql: string, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const query = encodeScript(sql);
  const out = new WireWriter(query.length + 5 + bytes.length + 5).bytes(query);
  return out.begin("d").bytes(bytes).end().begin("c").end().take();
}

class WireWriter {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #offset = 0;
  #start = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  begin(type: string): this {
    this.#bytes[this.#offset] = type.charCodeAt(0);
    this.#start = this.#offset + 1;
    this.#offset += 5;
    return this;
  }

  end(): this {
    this.#view.setInt32(this.#start, this.#offset - this.#start);
    return this;
  }

  zero(): this {
    this.#offset += 1;
    return this;
  }

  int16(value: number): this {
    this.#view.setInt16(this.#offset, value);
    this.#offset += 2;
    return this;
  }

  int32(value: number): this {
    this.#view.setInt32(this.#offset, value);
    this.#offset += 4;
    return this;
  }

  bytes(value: Uint8Array): this {
    this.#bytes.set(value, this.#offset);
    this.#offset += value.length;
    return this;
  }

  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#offset);
  }
}

/** Rows and error of everything the engine answered; the rows are views into `bytes`. */
export function decodeResponse(bytes: Uint8Array<ArrayBuffer>): WireResponse {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rows: (Uint8Array<ArrayBuffer> | null)[][] = [];
  const copied: Uint8Array<ArrayBuffer>[] = [];
  let copyStart: number | undefined;
  let error: WireError | undefined;
  for (let offset = 0; offset + 5 <= bytes.length; ) {
    const end = offset + 1 + view.getInt32(offset + 1);
    if (bytes[offset] === 0x64) {
      copyStart ??= offset;
    } else if (copyStart !== undefined) {
      copied.push(bytes.subarray(copyStart, offset));
      copyStart = undefined;
    }
    if (bytes[offset] === 0x44) rows.push(decodeRow(bytes, view, offset + 5));
    else if (bytes[offset] === 0x45) error ??= decodeError(bytes.subarray(offset + 5, end));
    offset = end;
  }
  return { rows, copied, error };
}

function decodeRow(bytes: Uint8Array<ArrayBuffer>, view: DataView, start: number): (Uint8Array<ArrayBuffer> | null)[] {
  const count = view.getInt16(start);
  const row: (Uint8Array<ArrayBuffer> | null)[] = [];
  let offset = start + 2;
  for (let i = 0; i < count; i += 1) {
    const size = view.getInt32(offset);
    offset += 4;
    row.push(size < 0 ? null : bytes.subarray(offset, offset + size));
    offset += Math.max(0, size);
  }
  return row;
}

/** Fields of an ErrorResponse: a type byte and a text ended by zero, each. */
function decodeError(body: Uint8Array): WireError {
  const fields = new Map(
    Buffer.from(body)
      .toString("utf8")
      .split("\0")
      .map((field) => [field.slice(0, 1), field.slice(1)]),
  );
  return { sqlState: fields.get("C") ?? "XX000", message: fields.get("M") ?? "unknown error" };
}
