import { createHash } from "node:crypto";
import type { FastifyRequest } from "fastify";
import type { Access } from "#fleet/access/access.ts";
import { demand } from "#fleet/access/action.ts";
import { HostError, InternalError } from "#model/errors.ts";
import { RequestRefused } from "#rest/status.ts";
import type { Api, GuardedRoute } from "./api.ts";
import { credentialOf, loginOriginOf } from "./caller.ts";

export interface GuardOptions {
  readonly access: Access;
  readonly isTls: boolean;
}

const csrfHeader = "x-csrf-token";
const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/** What a browser must send back in `X-CSRF-Token` with every change; only who can read our answers knows it. */
export function csrfTokenOf(sessionToken: string): string {
  return createHash("sha256").update(`csrf ${sessionToken}`).digest("base64url");
}

/**
 * Lets nobody in without a login, and nobody do what his role does not allow. First it is found out who asks (so that
 * limits can count per user), then, before a byte of the body is read, whether he may. A route that says neither what it
 * does nor that it is public cannot be registered.
 */
export function guard(app: Api, options: GuardOptions): void {
  app.decorateRequest("caller", undefined);
  const routes: GuardedRoute[] = [];
  app.decorate("guardedRoutes", routes);
  app.addHook("onRoute", (route) => {
    const { url, method } = route;
    // Routes of plugins, which cannot say it themselves: the description of the API, and the answers to CORS preflights.
    if (url.startsWith("/docs") || url === "*") route.config = { ...route.config, isPublic: true };
    const { config } = route;
    const said = [config?.action, config?.isPublic, config?.isOwn].filter((part) => part !== undefined);
    if (said.length !== 1 || config === undefined) {
      throw new InternalError(`${String(method)} ${url} must say either what it does (action) or for whom it is`);
    }
    for (const name of [method].flat()) routes.push({ method: name, url, config });
  });
  app.addHook("onRequest", async (request) => {
    await identify(request, options);
  });
  app.addHook("preParsing", async (request) => {
    authorise(request);
  });
}

async function identify(request: FastifyRequest, { access, isTls }: GuardOptions): Promise<void> {
  const credential = credentialOf(request, isTls);
  if (credential === undefined) return;
  if (credential.kind !== "basic") {
    const resolved = access.resolve(credential.token);
    if (resolved === undefined) return;
    request.caller = { ...resolved, token: credential.token, isCookie: credential.kind === "cookie" };
    return;
  }
  if (request.routeOptions.config.takesBasic !== true) return;
  const from = loginOriginOf(request);
  const identity = await access.authenticate(credential, from);
  const principal = { user: identity.user, roles: identity.roles, origin: from.origin };
  request.caller = { session: undefined, identity, principal, token: undefined, isCookie: false };
}

function authorise(request: FastifyRequest): void {
  const { action, isOwn } = request.routeOptions.config;
  // Public, or no route of ours at all.
  if (action === undefined && isOwn !== true) return;
  const { caller } = request;
  if (caller === undefined) {
    throw new HostError("not-authenticated", "log in first: POST /api/v1/login, then send Authorization: Bearer TOKEN");
  }
  if (action !== undefined) {
    if (caller.identity.mustChangePassword) {
      throw new HostError("password-change-required", "choose another password first: POST /api/v1/me/password");
    }
    demand(caller.principal, action, `do ${request.method} ${request.routeOptions.url ?? ""}`);
  }
  if (!caller.isCookie || safeMethods.has(request.method)) return;
  if (caller.token !== undefined && request.headers[csrfHeader] === csrfTokenOf(caller.token)) return;
  throw new RequestRefused("csrf-missing", "a change over a cookie session needs the header X-CSRF-Token of the login");
}
