import { createServer, type Server, type Socket } from "node:net";

/** A server that answers each MQTT connection with the same bytes, whatever it is sent, and records what it is sent. */
export class ScriptedBroker implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** All bytes of all connections. */
  received = Buffer.alloc(0);

  private constructor(answer: Uint8Array) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("data", () => socket.write(answer));
      socket.on("data", (bytes) => {
        this.received = Buffer.concat([this.received, bytes]);
      });
    });
  }

  static async open(answer: Uint8Array): Promise<ScriptedBroker> {
    const broker = new ScriptedBroker(answer);
    await new Promise<void>((resolve) => {
      broker.#server.listen(0, "127.0.0.1", resolve);
    });
    return broker;
  }

  get url(): string {
    const address = this.#server.address();
    return `mqtt://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}
