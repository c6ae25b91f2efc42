import type { Server } from "node:http";
import cookie from "@fastify/cookie";
import cors from "@fastify/cors";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { fastify } from "fastify";
import type { Access } from "#fleet/access/access.ts";
import { LockedOut } from "#fleet/access/lockout.ts";
import type { Logger } from "#lib/logger.ts";
import { CommandError } from "#model/command.ts";
import { RequestRefused, refusalOf } from "#rest/status.ts";
import type { Api } from "./api.ts";
import { guard } from "./guard.ts";
import { validatorCompiler } from "./validation.ts";

export interface ApplicationOptions {
  /** The server that is open already. */
  readonly server: Server;
  readonly access: Access;
  readonly isTls: boolean;
  /** Origins of web pages that may use the API besides its own; none by default. */
  readonly corsOrigins: readonly string[];
  /** True: the address of a client is what the proxy in front says. */
  readonly trustProxy: boolean;
  /** Per user, or per address without a login. */
  readonly requestsPerMinute: number;
  readonly log: Logger;
}

/** The largest JSON body; uploads have a limit of their own. */
const maxBodyBytes = 256 * 1024;
const maxParamLength = 400;

/** An application without routes that refuses everything that is not allowed, in one form. */
export async function createApplication(options: ApplicationOptions): Promise<Api> {
  const app: Api = fastify({
    logger: false,
    bodyLimit: maxBodyBytes,
    routerOptions: { maxParamLength },
    trustProxy: options.trustProxy,
    serverFactory: () => options.server,
    // A body's `__proto__` and `constructor.prototype` are refused, not dropped.
    onProtoPoisoning: "error",
    onConstructorPoisoning: "error",
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  answerFailures(app, options.log);
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"] },
    },
    xFrameOptions: { action: "deny" },
    strictTransportSecurity: options.isTls,
  });
  await app.register(cors, { origin: options.corsOrigins.length === 0 ? false : [...options.corsOrigins] });
  await app.register(cookie);
  guard(app, options);
  await app.register(rateLimit, {
    max: options.requestsPerMinute,
    timeWindow: "1 minute",
    keyGenerator: (request) => request.caller?.identity.user ?? request.ip,
    errorResponseBuilder: (_request, { after }) =>
      new RequestRefused("rate-limited", `too many requests: wait ${after}, then go on more slowly`),
  });
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, (request) => {
    throw new RequestRefused("route-unknown", `there is no ${request.method} ${request.url.slice(0, 200)}`);
  });
  return app;
}

function answerFailures(app: Api, log: Logger): void {
  app.setErrorHandler((error, request, reply) => {
    const { status, code, message } = refusalOf(error);
    if (status === 500) log.error({ err: error, requestId: request.id, url: request.url }, "a request failed");
    if (error instanceof LockedOut) reply.header("retry-after", Math.ceil(error.retryAfterMs / 1_000));
    if (status === 401) reply.header("www-authenticate", "Bearer");
    const isLegacy = request.routeOptions.config?.isLegacy === true;
    const command = error instanceof CommandError ? commandOf(error) : {};
    const failure = isLegacy ? { success: false, error: message, code } : { code, message, requestId: request.id };
    return reply
      .code(status)
      .type("application/json")
      .send({ ...failure, ...command });
  });
}

function commandOf({ outcome: { commandId, result, addCause } }: CommandError) {
  return { commandId, result, addCause };
}
