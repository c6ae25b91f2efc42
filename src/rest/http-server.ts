import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { fastify } from "fastify";
import { createFacade } from "./facade.ts";
import type { FacadeParts, PartHealth } from "./parts.ts";
import { healthRoutes } from "./routes/health.ts";
import type { Api } from "./server/api.ts";
import type { ApplicationOptions } from "./server/application.ts";
import { HttpListener, type ListenerOptions } from "./server/http-listener.ts";

export interface HttpServerOptions
  extends ListenerOptions,
    Pick<ApplicationOptions, "corsOrigins" | "trustProxy" | "requestsPerMinute"> {
  readonly version: string;
  readonly health: () => readonly PartHealth[];
}

/** The HTTP server: tells from the first moment whether the host is ready, and serves the facade once it is. */
export class HttpServer implements AsyncDisposable {
  readonly #options: HttpServerOptions;
  readonly #listener: HttpListener;
  readonly #applications = new AsyncDisposableStack();

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#listener = new HttpListener(options);
  }

  /** Opens the port; until `serve` everything but the health is answered with `starting`. Throws `port-in-use`. */
  async start(): Promise<void> {
    const { version, health } = this.#options;
    const app: Api = fastify({
      logger: false,
      serverFactory: () => this.#listener.server,
    }).withTypeProvider<TypeBoxTypeProvider>();
    healthRoutes(app, version, health);
    app.setNotFoundHandler(async (request, reply) => {
      const message = "the host is starting: GET /health/ready tells when it is there";
      reply.code(503).header("retry-after", "2");
      return { code: "starting", message, requestId: request.id };
    });
    await this.#use(app);
    await this.#listener.open();
  }

  /** From now on the whole facade answers. */
  async serve(parts: FacadeParts): Promise<void> {
    const { server } = this.#listener;
    const isTls = this.#options.tls !== undefined;
    await this.#use(await createFacade(parts, { ...this.#options, server, isTls }));
  }

  get url(): string {
    return this.#listener.url;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#applications.disposeAsync();
    await this.#listener[Symbol.asyncDispose]();
  }

  async #use(app: Api): Promise<void> {
    await app.ready();
    this.#applications.defer(() => app.close());
    this.#listener.handOver((request, response) => app.routing(request, response));
  }
}
