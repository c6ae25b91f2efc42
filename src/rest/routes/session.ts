import { Type } from "typebox";
import { actionRoles, allows, type NamedAction } from "#fleet/access/action.ts";
import type { FacadeParts } from "#rest/parts.ts";
import { failures, isoOf, maybeIsoOf } from "#rest/schemas/common.ts";
import { Login, loginBody, Me, passwordBody } from "#rest/schemas/session.ts";
import type { Api } from "#rest/server/api.ts";
import { callerOf, cookieName, loginOriginOf } from "#rest/server/caller.ts";
import { csrfTokenOf } from "#rest/server/guard.ts";

const tags = ["session"];
const config = { isOwn: true } as const;
/** Per address: people mistype, programs guess. */
const rateLimit = { max: 20, timeWindow: "1 minute" };
const nothing = { 204: Type.Null(), ...failures };

/** Login, logout, the own password, and who one is. */
export function sessionRoutes(app: Api, { access }: Pick<FacadeParts, "access">, isTls: boolean): void {
  const cookie = { path: "/", httpOnly: true, sameSite: "strict", secure: isTls } as const;
  app.post(
    "/login",
    {
      config: { isPublic: true, rateLimit },
      schema: { tags, summary: "Log in", security: [], body: loginBody, response: { 200: Login, ...failures } },
    },
    async (request, reply) => {
      const { user, password, cookie: wantsCookie = false } = request.body;
      const { token, session, identity } = await access.login({ name: user, password }, loginOriginOf(request));
      if (wantsCookie) reply.setCookie(cookieName(isTls), token, cookie);
      reply.header("cache-control", "no-store");
      return {
        token: wantsCookie ? "" : token,
        csrfToken: csrfTokenOf(token),
        user: identity.user,
        roles: [...identity.roles],
        expiresAt: isoOf(session.expiresAt),
        mustChangePassword: identity.mustChangePassword,
      };
    },
  );
  app.post(
    "/logout",
    { config, schema: { tags, summary: "End the session, and with it its locks and selections", response: nothing } },
    async (request, reply) => {
      const { session, principal } = callerOf(request);
      if (session !== undefined) access.logout(session.id, principal);
      return reply.clearCookie(cookieName(isTls), cookie).code(204).send(null);
    },
  );
  app.get(
    "/me",
    { config, schema: { tags, summary: "Who I am and what I may do", response: { 200: Me, ...failures } } },
    (request) => {
      const { identity, session, token } = callerOf(request);
      const { user, roles, mustChangePassword } = identity;
      const csrfToken = token === undefined ? "" : csrfTokenOf(token);
      const actions = namedActions.filter((action) => allows(roles, action));
      const expiresAt = maybeIsoOf(session?.expiresAt);
      return { user, roles: [...roles], expiresAt, mustChangePassword, csrfToken, actions };
    },
  );
  app.post(
    "/me/password",
    {
      config: { ...config, rateLimit },
      schema: { tags, summary: "Choose another password; other sessions end", body: passwordBody, response: nothing },
    },
    async (request, reply) => {
      const { identity, principal } = callerOf(request);
      const old = { name: identity.user, password: request.body.old };
      await access.changePassword(old, request.body.new, loginOriginOf(request), principal.session);
      return reply.code(204).send(null);
    },
  );
}

const namedActions = Object.keys(actionRoles).filter((name): name is NamedAction => name in actionRoles);
