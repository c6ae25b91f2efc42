import { type FastifyInstance, fastify } from "fastify";
import type { Traffic } from "#fleet/traffic.ts";
import { HostError, messageOf } from "#model/errors.ts";
import { sourceReport, trafficReport } from "./traffic-report.ts";

/** One thing the host depends on. */
export interface PartHealth {
  readonly name: string;
  readonly ready: boolean;
  /** One sentence with address and, when not ready, the cause. */
  readonly detail: string;
}

export interface HealthServerOptions {
  readonly port: number;
  readonly host: string;
  readonly version: string;
  readonly health: () => readonly PartHealth[];
  readonly traffic: Traffic;
}

/** The HTTP server; for now it answers whether the host lives, whether it is ready to serve, and what its traffic is. */
export class HealthServer implements AsyncDisposable {
  readonly #options: HealthServerOptions;
  readonly #app: FastifyInstance;

  constructor(options: HealthServerOptions) {
    this.#options = options;
    this.#app = fastify({ logger: false });
    this.#app.get("/health/live", () => ({ status: "live", version: options.version }));
    this.#app.get("/health/ready", async (_request, reply) => {
      const parts = options.health();
      const ready = parts.every((part) => part.ready);
      return reply.code(ready ? 200 : 503).send({ status: ready ? "ready" : "not ready", parts });
    });
    this.#app.get("/api/v1/system/traffic", () => trafficReport(options.traffic));
    this.#app.get<{ Params: { "*": string } }>("/api/v1/system/traffic/*", async (request, reply) => {
      const source = request.params["*"];
      const counts = options.traffic.of(source);
      if (counts !== undefined) return reply.send(sourceReport(source, counts));
      return reply.code(404).send({ title: "no such source", detail: `nothing came from ${source.slice(0, 80)}` });
    });
  }

  /** Opens the port. Throws `port-in-use` naming the port and its setting. */
  async start(): Promise<void> {
    const { port, host } = this.#options;
    try {
      await this.#app.listen({ port, host });
    } catch (error) {
      if (!messageOf(error).includes("EADDRINUSE")) throw error;
      throw new HostError(
        "port-in-use",
        `port ${port} for HTTP is in use by another program; choose another with FDI_HOST_HTTP_PORT or http.port`,
        { cause: error },
      );
    }
  }

  get url(): string {
    return `http://${this.#options.host}:${this.#options.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#app.close();
  }
}
