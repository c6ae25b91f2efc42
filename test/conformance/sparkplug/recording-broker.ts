import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { Aedes } from "aedes";
import { PacketSplitter, type WireMessage, type WirePacket } from "./mqtt-wire.ts";

/** What happened at the broker: packets of clients, the moment before a SUBACK goes out, the end of a connection. */
export type BrokerEvent = WirePacket | { readonly kind: "suback" } | { readonly kind: "closed" };

/** One connection of a client, with everything that it did, in order. */
export interface Connection {
  clientId: string;
  readonly events: BrokerEvent[];
  readonly socket: Socket;
  readonly openedAt: number;
}

/** How long a SUBACK is held back, so that a client that does not wait for it is found out. */
const subackDelayMs = 25;

/** A real broker in this process that writes down what its clients send. */
export class RecordingBroker {
  readonly connections: Connection[] = [];
  readonly #aedes: Aedes;
  readonly #server: Server;

  private constructor(aedes: Aedes) {
    this.#aedes = aedes;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  static async start(): Promise<RecordingBroker> {
    const holder: { broker?: RecordingBroker } = {};
    const aedes = await Aedes.createBroker({
      authorizeSubscribe: (client, subscription, done) => {
        setTimeout(() => {
          holder.broker?.last(client.id).events.push({ kind: "suback" });
          done(null, subscription);
        }, subackDelayMs);
      },
    });
    const broker = new RecordingBroker(aedes);
    holder.broker = broker;
    broker.#server.listen(0, "127.0.0.1");
    await once(broker.#server, "listening");
    return broker;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the broker does not listen");
    return `mqtt://127.0.0.1:${address.port}`;
  }

  /** Connections of a client, oldest first. */
  of(clientId: string): Connection[] {
    return this.connections.filter((connection) => connection.clientId === clientId);
  }

  last(clientId: string): Connection {
    const connection = this.of(clientId).at(-1);
    if (connection === undefined) throw new Error(`${clientId} never connected`);
    return connection;
  }

  /** Everything a client published, over all its connections. */
  published(clientId: string): WireMessage[] {
    return this.of(clientId).flatMap(publishedIn);
  }

  /** Publishes to the broker's clients as if another client had. */
  async publish(topic: string, payload: Uint8Array | string, options: { qos?: 0 | 1; retain?: boolean } = {}) {
    const { qos = 0, retain = false } = options;
    await new Promise<void>((resolve, reject) => {
      this.#aedes.publish({ cmd: "publish", topic, payload: Buffer.from(payload), qos, retain, dup: false }, (error) =>
        error ? reject(error) : resolve(),
      );
    });
  }

  /** Cuts a client's connection, so that its Will is published. */
  cut(clientId: string): void {
    this.last(clientId).socket.destroy();
  }

  async close(): Promise<void> {
    for (const { socket } of this.connections) socket.destroy();
    await new Promise<void>((resolve) => this.#aedes.close(() => resolve()));
    this.#server.close();
  }

  #accept(socket: Socket): void {
    const connection: Connection = { clientId: "", events: [], socket, openedAt: Date.now() };
    const splitter = new PacketSplitter();
    this.connections.push(connection);
    socket.on("data", (chunk: Buffer) => {
      for (const packet of splitter.push(chunk)) {
        if (packet.kind === "connect") connection.clientId = packet.clientId;
        connection.events.push(packet);
      }
    });
    socket.on("close", () => connection.events.push({ kind: "closed" }));
    this.#aedes.handle(socket);
  }
}

export function publishedIn(connection: Connection): WireMessage[] {
  return connection.events.flatMap((event) => (event.kind === "publish" ? [event.message] : []));
}

export function connectOf(connection: Connection): Extract<WirePacket, { kind: "connect" }> {
  const [connect] = connection.events;
  if (connect?.kind !== "connect") throw new Error("the connection did not begin with CONNECT");
  return connect;
}
