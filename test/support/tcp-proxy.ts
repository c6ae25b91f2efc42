import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** A TCP proxy between a client and a server that misbehaves when told to. */
export class TcpProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #target: { readonly host: string; readonly port: number };
  /** Refuses new connections. */
  isDown = false;
  /** Cuts a connection after it carried so many bytes to the server. */
  cutAfterBytes = Number.POSITIVE_INFINITY;
  /** Holds back what goes to the server for so long. */
  delayMs = 0;

  private constructor(target: { readonly host: string; readonly port: number }) {
    this.#target = target;
    this.#server = createServer((client) => this.#serve(client));
  }

  static async to(host: string, port: number): Promise<TcpProxy> {
    const proxy = new TcpProxy({ host, port });
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get port(): number {
    const address = this.#server.address() as AddressInfo;
    return address.port;
  }

  /** Ends all connections at once. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  #serve(client: Socket): void {
    if (this.isDown) {
      client.destroy();
      return;
    }
    const server = connect(this.#target);
    let carried = 0;
    this.#track(client, server);
    this.#track(server, client);
    client.on("data", (chunk) => {
      carried += chunk.length;
      if (carried > this.cutAfterBytes) {
        client.destroy();
        server.destroy();
        return;
      }
      if (this.delayMs === 0) server.write(chunk);
      else setTimeout(() => server.write(chunk), this.delayMs);
    });
    server.on("data", (chunk) => client.write(chunk));
  }

  #track(socket: Socket, other: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#sockets.delete(socket);
      other.destroy();
    });
  }
}
