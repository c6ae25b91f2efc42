/** Packet types of MQTT that matter to a receiver (MQTT 3.1.1, 2.2.1). */
export const packetType = { connack: 2, publish: 3 } as const;

/**
 * Cuts the bytes of a broker into MQTT control packets. What a call of `next` shows is valid until the following call of
 * `next`, `keep` or `feed`.
 */
export class PacketFrames {
  /** Bytes that the packets of the current turn are cut from. */
  bytes: Buffer = Buffer.alloc(0);
  /** Of the packet that `next` found, where: its first byte, its first behind the fixed header, and the one behind its last. */
  first = 0;
  start = 0;
  end = 0;
  #at = 0;
  #limit = 0;
  /** A packet of which only a part has come; grows with what has come, not with what it announces. */
  #held = Buffer.alloc(0);
  #heldLength = 0;

  /** Takes what one read brought; it must stay as it is until `keep`. */
  feed(chunk: Buffer): void {
    if (this.#heldLength === 0) {
      this.bytes = chunk;
      this.#limit = chunk.length;
    } else {
      this.#append(chunk);
      this.bytes = this.#held;
      this.#limit = this.#heldLength;
    }
    this.#at = 0;
  }

  /** `packet` when a whole one is there: `first`, `start` and `end` tell where; `malformed` when its length is no MQTT. */
  next(): "packet" | "partial" | "malformed" {
    const { bytes } = this;
    let at = this.#at + 1;
    let length = 0;
    for (let shift = 0; ; shift += 7, at += 1) {
      if (at >= this.#limit) return "partial";
      const byte = bytes[at] ?? 0;
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
      if (shift === 21) return "malformed";
    }
    const start = at + 1;
    if (start + length > this.#limit) return "partial";
    this.first = this.#at;
    this.start = start;
    this.end = start + length;
    this.#at = this.end;
    return "packet";
  }

  /** Keeps what is left over, so that the buffer of the read can be used again. */
  keep(): void {
    const left = this.#limit - this.#at;
    if (left === 0) {
      this.#heldLength = 0;
      if (this.#held.length > largestIdle) this.#held = Buffer.alloc(0);
    } else if (this.bytes === this.#held) {
      this.#held.copyWithin(0, this.#at, this.#limit);
      this.#heldLength = left;
    } else {
      this.#heldLength = 0;
      this.#append(this.bytes.subarray(this.#at, this.#limit));
    }
    this.bytes = this.#held;
    this.#at = 0;
    this.#limit = this.#heldLength;
  }

  #append(chunk: Buffer): void {
    const length = this.#heldLength + chunk.length;
    if (length > this.#held.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, this.#held.length * 2));
      this.#held.copy(larger, 0, 0, this.#heldLength);
      this.#held = larger;
    }
    chunk.copy(this.#held, this.#heldLength);
    this.#heldLength = length;
  }
}

/** Bytes that are kept for later when nothing is left over. */
const largestIdle = 1 << 20;
