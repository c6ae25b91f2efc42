import { HistoryData, HistoryModifiedData } from "node-opcua";

/** The part of node-opcua's streams that writes bytes as they are (2.186.4). */
interface ByteSink {
  writeArrayBuffer(bytes: ArrayBuffer, offset: number, length: number): void;
}

/** A HistoryData whose body was encoded before; node-opcua writes it as it is. */
export class EncodedHistoryData extends HistoryData {
  readonly #bytes: Buffer<ArrayBuffer>;

  constructor(bytes: Buffer<ArrayBuffer>) {
    super();
    this.#bytes = bytes;
  }

  override encode(stream: unknown): void {
    putBytes(stream, this.#bytes);
  }
}

/** The same for a HistoryModifiedData. */
export class EncodedHistoryModifiedData extends HistoryModifiedData {
  readonly #bytes: Buffer<ArrayBuffer>;

  constructor(bytes: Buffer<ArrayBuffer>) {
    super();
    this.#bytes = bytes;
  }

  override encode(stream: unknown): void {
    putBytes(stream, this.#bytes);
  }
}

function putBytes(stream: unknown, bytes: Buffer<ArrayBuffer>): void {
  (stream as ByteSink).writeArrayBuffer(bytes.buffer, bytes.byteOffset, bytes.length);
}
