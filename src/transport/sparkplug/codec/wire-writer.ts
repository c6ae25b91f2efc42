/**
 * Writes protocol-buffer fields from the last to the first: the length of a sub-message is known when its tag is written,
 * so nothing is measured in advance and nothing is moved. Callers write the value first and its tag after it.
 */
export class WireWriter {
  #bytes = new Uint8Array(4096);
  #view = new DataView(this.#bytes.buffer);
  #start = this.#bytes.length;

  /** Bytes written so far; the length of a sub-message is the difference of two marks. */
  get mark(): number {
    return this.#bytes.length - this.#start;
  }

  reset(): void {
    this.#start = this.#bytes.length;
  }

  /** A copy of what was written. */
  take(): Buffer {
    return Buffer.from(this.#bytes.subarray(this.#start));
  }

  /** An unsigned number up to 2^53. */
  uint(value: number): void {
    if (value < 0x80) this.#reserve(1)[this.#start] = value;
    else if (value <= 0xffffffff) this.#varint(value, 0);
    else this.#varint(value >>> 0, (value / 4294967296) >>> 0);
  }

  /** A signed number as 64-bit two's complement; values beyond 2^53 as bigint. */
  int64(value: number | bigint): void {
    if (typeof value === "number" && value >= 0) this.uint(value);
    else {
      const bits = BigInt.asUintN(64, BigInt(value));
      this.#varint(Number(bits & 0xffffffffn), Number(bits >> 32n));
    }
  }

  /** The 32-bit two's complement of a number. */
  uint32(value: number): void {
    this.uint(value >>> 0);
  }

  float(value: number): void {
    this.#reserve(4);
    this.#view.setFloat32(this.#start, value, true);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#start, value, true);
  }

  /** UTF-8 bytes without tag or length. */
  text(text: string): void {
    this.raw(Buffer.from(text, "utf8"));
  }

  raw(content: Uint8Array): void {
    this.#reserve(content.byteLength).set(content, this.#start);
  }

  /** Closes the length-delimited field whose content began at `mark`. */
  close(tag: number, mark: number): void {
    this.uint(this.mark - mark);
    this.uint(tag);
  }

  // The lowest seven bits come first, so the writing direction is that of reading.
  #varint(low: number, high: number): void {
    const bytes = this.#reserve(lengthOfVarint(low, high));
    let at = this.#start;
    let l = low >>> 0;
    let h = high >>> 0;
    while (h !== 0 || l >= 0x80) {
      bytes[at] = l | 0x80;
      at += 1;
      l = ((l >>> 7) | (h << 25)) >>> 0;
      h >>>= 7;
    }
    bytes[at] = l;
  }

  #reserve(count: number): Uint8Array {
    if (this.#start < count) this.#grow(count);
    this.#start -= count;
    return this.#bytes;
  }

  #grow(count: number): void {
    const old = this.#bytes;
    const grown = new Uint8Array(Math.max(old.length * 2, old.length + count));
    grown.set(old, grown.length - old.length);
    this.#start += grown.length - old.length;
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

function lengthOfVarint(low: number, high: number): number {
  const bits = high === 0 ? 32 - Math.clz32(low) : 64 - Math.clz32(high);
  return Math.max(1, Math.ceil(bits / 7));
}
