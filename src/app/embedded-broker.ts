import { createServer, type Server, type Socket } from "node:net";
import { Aedes } from "aedes";
import { HostError, messageOf } from "#model/errors.ts";

/** An MQTT 3.1.1 broker inside the host: for demos and tests; it keeps nothing over a restart. */
export class EmbeddedBroker implements AsyncDisposable {
  readonly #aedes: Aedes;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(aedes: Aedes) {
    this.#aedes = aedes;
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      aedes.handle(socket);
    });
  }

  /** Starts a broker on `host:port`. Throws `port-in-use` naming the port and its setting. */
  static async start(host: string, port: number): Promise<EmbeddedBroker> {
    const broker = new EmbeddedBroker(await Aedes.createBroker());
    const listening = Promise.withResolvers<void>();
    broker.#server.once("error", listening.reject);
    broker.#server.listen(port, host, listening.resolve);
    try {
      await listening.promise;
    } catch (error) {
      broker.#aedes.close();
      if (!messageOf(error).includes("EADDRINUSE")) throw error;
      throw new HostError(
        "port-in-use",
        `port ${port} for MQTT is in use by another program; choose another with FDI_HOST_MQTT_PORT or mqtt.port, or use that broker with FDI_HOST_MQTT_URL`,
        { cause: error },
      );
    }
    return broker;
  }

  /** Port it listens on (useful when 0 was asked for). */
  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = Promise.withResolvers<void>();
    this.#server.close(() => closed.resolve());
    this.#aedes.close(() => {
      for (const socket of this.#sockets) socket.destroy();
    });
    await closed.promise;
  }
}
