import type { FastifyRequest } from "fastify";
import type { Caller as LoginOrigin } from "#fleet/access/access.ts";
import type { ResolvedSession } from "#fleet/access/sessions.ts";
import type { Principal } from "#model/command.ts";
import { InternalError } from "#model/errors.ts";

/** How a request says who it is from. */
export type Credential =
  | { readonly kind: "bearer"; readonly token: string }
  | { readonly kind: "cookie"; readonly token: string }
  | { readonly kind: "basic"; readonly name: string; readonly password: string };

/** Who asks. */
export interface Caller extends Pick<ResolvedSession, "identity" | "principal"> {
  /** Undefined where the request carried name and password. */
  readonly session: ResolvedSession["session"] | undefined;
  /** Undefined where the request carried name and password. */
  readonly token: string | undefined;
  readonly isCookie: boolean;
}

const bearerPattern = /^Bearer ([A-Za-z0-9._~+/=-]{1,512})$/;
const protocolPattern = /(?:^|,\s*)bearer\.([A-Za-z0-9._~=-]{1,512})(?:,|$)/;
const basicPattern = /^Basic ([A-Za-z0-9+/=]{4,1024})$/;

/** Name of the session cookie; with TLS browsers then refuse it from anything but this very host. */
export function cookieName(isTls: boolean): string {
  return isTls ? "__Host-fdi-session" : "fdi-session";
}

/** What the request shows to say who it is from; undefined when there is nothing that could be it. */
export function credentialOf(request: FastifyRequest, isTls: boolean): Credential | undefined {
  const { authorization } = request.headers;
  if (authorization === undefined) {
    // Browsers cannot set a header with a WebSocket, but can offer subprotocols.
    const offered = protocolPattern.exec(request.headers["sec-websocket-protocol"] ?? "")?.[1];
    if (offered !== undefined) return { kind: "bearer", token: offered };
    const token = request.cookies[cookieName(isTls)];
    return token === undefined ? undefined : { kind: "cookie", token };
  }
  const bearer = bearerPattern.exec(authorization)?.[1];
  if (bearer !== undefined) return { kind: "bearer", token: bearer };
  const basic = basicPattern.exec(authorization)?.[1];
  if (basic === undefined) return undefined;
  const text = Buffer.from(basic, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 1 ? undefined : { kind: "basic", name: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Who asks; throws for a route that lets anyone in. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === undefined) throw new InternalError(`${request.url} asks for a user but lets anyone in`);
  return request.caller;
}

/** The user, roles and session in the fleet's terms. */
export function principalOf(request: FastifyRequest): Principal {
  return callerOf(request).principal;
}

/** Where a request comes from, for the audit and the lockout; headers of proxies count only when they are trusted. */
export function loginOriginOf(request: FastifyRequest): LoginOrigin {
  const application = request.headers["user-agent"]?.slice(0, 100) ?? "";
  return { origin: `http ${request.ip}`, client: request.ip, application };
}
