import { createServer, type Server, type Socket } from "node:net";
import { Aedes } from "aedes";

/** A real MQTT broker that a test can stop, start again on the same port, and look into. */
export class TestBroker implements AsyncDisposable {
  #aedes: Aedes | undefined;
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();
  readonly #clients = new Map<string, Socket>();
  readonly #connections: string[] = [];
  #port = 0;
  /** Topics of everything that clients published, with who did. */
  readonly published: { readonly client: string; readonly topic: string }[] = [];

  static async open(): Promise<TestBroker> {
    const broker = new TestBroker();
    await broker.start();
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    const aedes = await Aedes.createBroker();
    aedes.on("publish", ({ topic }, client) => {
      if (client !== null) this.published.push({ client: client.id, topic });
    });
    aedes.on("client", ({ id, conn }) => {
      this.#clients.set(id, conn as Socket);
      this.#connections.push(id);
    });
    const server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      aedes.handle(socket);
    });
    const listening = Promise.withResolvers<void>();
    server.once("error", listening.reject);
    server.listen(this.#port, "127.0.0.1", listening.resolve);
    await listening.promise;
    const address = server.address();
    this.#port = typeof address === "object" && address !== null ? address.port : 0;
    this.#aedes = aedes;
    this.#server = server;
  }

  /** Goes away at once, as if killed; whatever it kept is lost. */
  async stop(): Promise<void> {
    const closed = Promise.withResolvers<void>();
    this.#server?.close(() => closed.resolve());
    for (const socket of this.#sockets) socket.destroy();
    this.#aedes?.close();
    if (this.#server === undefined) closed.resolve();
    this.#aedes = undefined;
    this.#server = undefined;
    await closed.promise;
  }

  /** Cuts one client's connection, as a network would. */
  cut(client: string): void {
    this.#clients.get(client)?.destroy();
  }

  /** Messages that a client published on topics that begin so. */
  count(client: string, prefix = ""): number {
    return this.published.filter((message) => message.client === client && message.topic.startsWith(prefix)).length;
  }

  /** How often a client connected. */
  connections(client: string): number {
    return this.#connections.filter((id) => id === client).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
