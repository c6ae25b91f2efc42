import type { Socket } from "node:net";

/**
 * Follows the fixed headers in a stream of MQTT packets (MQTT 3.1.1, 2.2), so that one that is too long is found out by its
 * first bytes, before anything is gathered for it.
 */
export class PacketLengths {
  readonly #maxBytes: number;
  #left = 0;
  #isInLength = false;
  #length = 0;
  #factor = 1;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** False once a packet begins whose remaining length is too large, or no length at all. */
  accept(bytes: Uint8Array): boolean {
    let at = 0;
    while (at < bytes.length) {
      if (this.#left > 0) {
        const passed = Math.min(this.#left, bytes.length - at);
        this.#left -= passed;
        at += passed;
        continue;
      }
      const byte = bytes[at] ?? 0;
      at += 1;
      if (!this.#isInLength) {
        this.#isInLength = true;
        this.#length = 0;
        this.#factor = 1;
      } else if (!this.#lengthByte(byte)) {
        return false;
      }
    }
    return true;
  }

  #lengthByte(byte: number): boolean {
    // At most four bytes of seven bits each.
    if (this.#factor > 128 ** 3) return false;
    this.#length += (byte & 127) * this.#factor;
    this.#factor *= 128;
    if (this.#length > this.#maxBytes) return false;
    if (byte < 128) {
      this.#isInLength = false;
      this.#left = this.#length;
    }
    return true;
  }
}

/** Cuts a client that begins a packet of more than `maxBytes`. Must be called before anything reads from the socket. */
export function limitPackets(socket: Socket, maxBytes: number): void {
  const lengths = new PacketLengths(maxBytes);
  const read = socket.read.bind(socket);
  // aedes (1.2) pulls what has come and would gather up to 256 MiB for one packet, also of who has not logged in.
  socket.read = (size?: number): unknown => {
    const chunk: unknown = read(size);
    if (!(chunk instanceof Uint8Array) || lengths.accept(chunk)) return chunk;
    socket.destroy();
    return null;
  };
}
