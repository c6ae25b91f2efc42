import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { FeedMessage } from "./feed.ts";

/** Publishes over MQTT 3.1.1 with next to no work for each message, so that the machine is left to what is measured. */
export class Publisher {
  readonly #socket: Socket;
  #id = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.resume();
  }

  static async connect(port: number): Promise<Publisher> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    socket.setNoDelay(true);
    const clientId = Buffer.from("bench-feeder");
    const head = Buffer.from([0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0, 0, clientId.length]);
    socket.write(Buffer.concat([Buffer.from([0x10, head.length + clientId.length]), head, clientId]));
    await once(socket, "data");
    return new Publisher(socket);
  }

  /** Sends messages in one write; resolves when the socket takes more. */
  async publish(messages: readonly FeedMessage[]): Promise<void> {
    const packets = messages.map((message) => this.#packet(message));
    if (!this.#socket.write(Buffer.concat(packets))) await once(this.#socket, "drain");
  }

  close(): void {
    this.#socket.end(Buffer.from([0xe0, 0]));
  }

  #packet({ topic, payload, qos }: FeedMessage): Buffer {
    const name = Buffer.from(topic);
    const length = 2 + name.length + (qos > 0 ? 2 : 0) + payload.length;
    const head: number[] = [0x30 | (qos << 1)];
    for (let left = length; ; left >>= 7) {
      head.push(left < 128 ? left : (left & 127) | 128);
      if (left < 128) break;
    }
    head.push(name.length >> 8, name.length & 255);
    this.#id = (this.#id % 65_535) + 1;
    const id = qos > 0 ? [this.#id >> 8, this.#id & 255] : [];
    return Buffer.concat([Buffer.from(head), name, Buffer.from(id), payload]);
  }
}
