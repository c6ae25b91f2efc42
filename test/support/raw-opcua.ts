import { connect, type Socket } from "node:net";

/** A TCP connection that speaks OPC UA badly on purpose: bytes in, bytes out (OPC 10000-6, 6.7 and 7.1). */
export class RawOpcUa implements AsyncDisposable {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  #received = Buffer.alloc(0);
  #sequence = 0;
  channelId = 0;
  tokenId = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.on("error", () => {});
    socket.once("close", () => resolve());
    socket.on("data", (chunk: Buffer) => (this.#received = Buffer.concat([this.#received, chunk])));
    this.closed = promise;
  }

  static async open(port: number): Promise<RawOpcUa> {
    const socket = connect({ port, host: "127.0.0.1" });
    const raw = new RawOpcUa(socket);
    const connected = Promise.withResolvers<void>();
    socket.once("connect", connected.resolve);
    socket.once("close", () => connected.reject(new Error("closed before it was connected")));
    await connected.promise;
    return raw;
  }

  /** Writes, and waits until the system took the bytes; false when the connection is gone. */
  async send(bytes: Buffer): Promise<boolean> {
    if (this.socket.destroyed || !this.socket.writable) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.socket.write(bytes, (error) => resolve(error === undefined || error === null));
    return Promise.race([promise, this.closed.then(() => false)]);
  }

  /** Says Hello with these limits and waits for the Acknowledge. */
  async hello(bufferSize = 65_536, maxMessageSize = 0): Promise<void> {
    const url = Buffer.from("opc.tcp://127.0.0.1");
    const body = Buffer.concat([u32(0, bufferSize, bufferSize, maxMessageSize, 0, url.length), url]);
    await this.send(message("HEL", "F", body));
    await this.message();
  }

  /** Opens a channel without security and remembers its ids. */
  async openChannel(): Promise<void> {
    const policy = Buffer.from("http://opcfoundation.org/UA/SecurityPolicy#None");
    const security = Buffer.concat([u32(0, policy.length), policy, u32(0xffffffff, 0xffffffff)]);
    const request = Buffer.concat([nodeId(446), requestHeader(), u32(0, 0, 1, 0xffffffff, 600_000)]);
    await this.send(message("OPN", "F", Buffer.concat([security, this.#sequenceHeader(), request])));
    const answer = await this.message();
    this.channelId = answer.readUInt32LE(8);
    // The security token stands in front of its times and the server nonce, whose length is last but not fixed.
    this.tokenId = answer.readUInt32LE(tokenOffset(answer));
  }

  /** A request of the open channel; `final` is F (last chunk) or C (more to come). */
  request(body: Buffer, final: "F" | "C" = "F"): Buffer {
    const header = Buffer.concat([u32(this.channelId, this.tokenId), this.#sequenceHeader()]);
    return message("MSG", final, Buffer.concat([header, body]));
  }

  /** The next whole message; rejects when the connection closes or nothing comes. */
  async message(timeoutMs = 5_000): Promise<Buffer> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const size = this.#received.length >= 8 ? this.#received.readUInt32LE(4) : Number.POSITIVE_INFINITY;
      if (this.#received.length >= size) {
        const found = this.#received.subarray(0, size);
        this.#received = this.#received.subarray(size);
        return found;
      }
      if (this.socket.destroyed) throw new Error("the connection is closed");
      if (performance.now() > deadline) throw new Error(`no message within ${timeoutMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** True when the server closes the connection in time. */
  async isClosedWithin(timeoutMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), timeoutMs)));
    const closed = await Promise.race([this.closed.then(() => true), timeout]);
    clearTimeout(timer);
    return closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
  }

  #sequenceHeader(): Buffer {
    this.#sequence += 1;
    return u32(this.#sequence, this.#sequence);
  }
}

/** A message chunk with its length in the header, or with a length that lies. */
export function message(type: string, final: string, body: Buffer, length = body.length + 8): Buffer {
  return Buffer.concat([Buffer.from(`${type}${final}`), u32(length), body]);
}

/** Unsigned 32-bit numbers, little-endian. */
export function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, i * 4);
  return bytes;
}

/** A NodeId of namespace 0 in four bytes. */
export function nodeId(id: number): Buffer {
  return Buffer.from([1, 0, id & 0xff, id >> 8]);
}

/** A RequestHeader without a session. */
export function requestHeader(): Buffer {
  const time = Buffer.alloc(8);
  return Buffer.concat([Buffer.from([0, 0]), time, u32(1, 0, 0xffffffff, 10_000), Buffer.from([0, 0, 0])]);
}

/** The StatusCode of an ERR message or of a ServiceFault. */
export function statusOf(answer: Buffer): number {
  if (answer.toString("latin1", 0, 3) === "ERR") return answer.readUInt32LE(8);
  // MSG: header 24, type 4, time 8, request handle 4.
  return answer.readUInt32LE(40);
}

function tokenOffset(answer: Buffer): number {
  const policyLength = answer.readUInt32LE(12);
  let offset = 16 + policyLength;
  for (let i = 0; i < 2; i += 1) {
    const length = answer.readInt32LE(offset);
    offset += 4 + Math.max(0, length);
  }
  // Sequence header 8, type 4, response header: time 8, handle 4, result 4, diagnostics 1, string table 4, extra 3.
  const stringTable = offset + 8 + 4 + 17;
  const strings = Math.max(0, answer.readInt32LE(stringTable));
  if (strings > 0) throw new Error("unexpected string table");
  // Then the protocol version 4 and the channel id 4.
  return stringTable + 4 + 3 + 4 + 4;
}
