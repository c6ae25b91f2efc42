import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { HostError } from "#model/errors.ts";

export interface TlsFiles {
  /** PEM texts, not paths. */
  readonly cert: string;
  readonly key: string;
  /** Default TLSv1.2. */
  readonly minVersion?: "TLSv1.2" | "TLSv1.3";
}

export interface ListenerOptions {
  readonly port: number;
  readonly host: string;
  /** Absent: plain HTTP. */
  readonly tls?: TlsFiles | undefined;
  /** A whole request must have arrived by then. Default 30 s. */
  readonly requestTimeoutMs?: number;
}

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** A client must have sent its head by then. */
const headersTimeoutMs = 10_000;
const keepAliveTimeoutMs = 65_000;
/** Sockets open at once; further ones are closed at once. */
const maxConnections = 4_096;
const maxHeadBytes = 16 * 1024;

/** The HTTP port: opened first, so that whoever supervises the host can ask it; whoever answers may change meanwhile. */
export class HttpListener implements AsyncDisposable {
  readonly server: Server;
  readonly #options: ListenerOptions;
  #handler: RequestHandler = (_request, response) => response.writeHead(503).end();

  constructor(options: ListenerOptions) {
    this.#options = options;
    const handle: RequestHandler = (request, response) => this.#handler(request, response);
    const { requestTimeoutMs = 30_000 } = options;
    const limits = {
      headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: keepAliveTimeoutMs,
      maxHeaderSize: maxHeadBytes,
      connectionsCheckingInterval: 1_000,
    };
    this.server =
      options.tls === undefined
        ? createServer(limits, handle)
        : createTlsServer({ ...limits, minVersion: "TLSv1.2", ...options.tls }, handle);
    this.server.maxConnections = maxConnections;
  }

  /** From now on `handler` answers. */
  handOver(handler: RequestHandler): void {
    this.#handler = handler;
  }

  /** Opens the port. Throws `port-in-use` naming the port and its setting. */
  async open(): Promise<void> {
    const { port, host } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.server.once("error", reject);
    this.server.listen({ port, host }, resolve);
    try {
      await promise;
    } catch (error) {
      throw isTaken(error) ? portInUse(port, error) : error;
    } finally {
      this.server.removeListener("error", reject);
    }
  }

  get url(): string {
    const scheme = this.#options.tls === undefined ? "http" : "https";
    const address = this.server.address();
    const port = typeof address === "object" && address !== null ? address.port : this.#options.port;
    const { host } = this.#options;
    return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.server.listening) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.server.close(() => resolve());
    this.server.closeAllConnections();
    await promise;
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EADDRINUSE";
}

function portInUse(port: number, cause: unknown): HostError {
  const text = `port ${port} for HTTP is in use by another program; choose another with FDI_HOST_HTTP_PORT or http.port`;
  return new HostError("port-in-use", text, { cause });
}
