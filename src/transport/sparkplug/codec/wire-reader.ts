/** Wire types of protocol buffers. */
export const WireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/**
 * Reads protocol-buffer fields from bytes, never beyond `end`. Failure is sticky instead of thrown: the first violation
 * sets `failure` and moves to the end, so that every reading loop stops by itself.
 */
export class WireReader {
  /** The whole buffer that the message lies in; positions count from its start. */
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(this.bytes.buffer);
  position = 0;
  end = 0;
  failure: string | undefined;
  /** Lower and upper 32 bits of the last varint or fixed64, unsigned. */
  low = 0;
  high = 0;

  /** Starts on new bytes. Messages of one socket read lie in one buffer: its views are made once. */
  open(bytes: Uint8Array): void {
    if (bytes.buffer !== this.bytes.buffer) {
      this.bytes = new Uint8Array(bytes.buffer);
      this.view = new DataView(bytes.buffer);
    }
    this.position = bytes.byteOffset;
    this.end = bytes.byteOffset + bytes.byteLength;
    this.failure = undefined;
  }

  /** Goes to a part of the same bytes, e.g. a sub-message found before. */
  seek(start: number, end: number): void {
    this.position = start;
    this.end = end;
  }

  fail(reason: string): void {
    this.failure ??= reason;
    this.position = this.end;
  }

  /** A tag or a 32-bit value: upper bits of longer varints are dropped. */
  uint32(): number {
    const first = this.bytes[this.position] ?? 0x80;
    if (first < 0x80 && this.position < this.end) {
      this.position += 1;
      return first;
    }
    this.varint();
    return this.low;
  }

  /** Reads a varint of up to ten bytes into `low` and `high`. */
  varint(): void {
    const { bytes, end } = this;
    let position = this.position;
    let low = 0;
    let high = 0;
    let shift = 0;
    while (position < end) {
      const byte = bytes[position] ?? 0;
      position += 1;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else if (shift < 63) high |= bits << (shift - 32);
      else high |= (bits & 1) << 31;
      if (byte < 0x80) {
        this.low = low >>> 0;
        this.high = high >>> 0;
        this.position = position;
        return;
      }
      shift += 7;
      if (shift > 63) break;
    }
    this.low = 0;
    this.high = 0;
    this.fail(position < end ? "a varint is longer than 10 bytes" : "the message ends inside a varint");
  }

  /** A varint as a number: exact up to 2^53, rounded beyond. */
  uint64(): number {
    const { bytes } = this;
    let at = this.position;
    // Seven bytes hold every time and every small number, and none of them needs the two halves.
    if (at + 7 <= this.end) {
      let low = 0;
      for (let shift = 0; shift < 28; shift += 7) {
        const byte = bytes[at] ?? 0;
        at += 1;
        low |= (byte & 0x7f) << shift;
        if (byte < 0x80) {
          this.position = at;
          return low;
        }
      }
      let high = 0;
      for (let shift = 0; shift < 21; shift += 7) {
        const byte = bytes[at] ?? 0;
        at += 1;
        high |= (byte & 0x7f) << shift;
        if (byte < 0x80) {
          this.position = at;
          return high * 268435456 + low;
        }
      }
    }
    this.varint();
    return this.high * 4294967296 + this.low;
  }

  float(): number {
    const at = this.#take(4);
    return at < 0 ? 0 : this.view.getFloat32(at, true);
  }

  double(): number {
    const at = this.#take(8);
    return at < 0 ? 0 : this.view.getFloat64(at, true);
  }

  /** Reads a length and returns the end of that many bytes; `position` is their start. Fails when they are not there. */
  lengthEnd(): number {
    const length = this.uint32();
    if (this.high !== 0 && length >= 0x80) this.fail("a length is beyond 32 bits");
    const end = this.position + length;
    if (end <= this.end) return end;
    this.fail(`a field of ${length} bytes is longer than its message`);
    return this.position;
  }

  /** Skips the value of an unknown field. */
  skip(wireType: number): void {
    if (wireType === WireType.varint) this.varint();
    else if (wireType === WireType.fixed64) this.#take(8);
    else if (wireType === WireType.bytes) this.position = this.lengthEnd();
    else if (wireType === WireType.fixed32) this.#take(4);
    else this.fail(`wire type ${wireType} does not exist`);
  }

  #take(count: number): number {
    const at = this.position;
    if (at + count > this.end) {
      this.fail(`the message ends inside a ${count}-byte value`);
      return -1;
    }
    this.position = at + count;
    return at;
  }
}
