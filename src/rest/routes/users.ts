import { Type } from "typebox";
import type { UserView } from "#fleet/access/user-directory.ts";
import { packageRoles } from "#model/command-spec.ts";
import { HostError } from "#model/errors.ts";
import type { FacadeParts } from "#rest/parts.ts";
import { failures, isoOf, MaybeTime, maybeIsoOf, strict, Time } from "#rest/schemas/common.ts";
import type { Api } from "#rest/server/api.ts";
import { principalOf } from "#rest/server/caller.ts";
import { RequestRefused } from "#rest/status.ts";

const tags = ["users"];
const config = { action: "user.manage" } as const;

const User = Type.Object({
  name: Type.String(),
  role: Type.Enum([...packageRoles]),
  enabled: Type.Boolean(),
  hasPassword: Type.Boolean(),
  mustChangePassword: Type.Boolean(),
  isFixed: Type.Boolean({ description: "Comes from the configuration file and is changed there" }),
  createdAt: Time,
  passwordChangedAt: MaybeTime,
  certificates: Type.Array(Type.Object({ thumbprint: Type.String(), subject: Type.String(), notAfter: Time })),
});
const Users = Type.Object({ items: Type.Array(User) });
const password = Type.String({ minLength: 1, maxLength: 1_024, description: "To be changed at the first login" });
const newUser = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 64 }), role: Type.Enum([...packageRoles]), password },
  strict,
);
const userChange = Type.Object(
  {
    role: Type.Optional(Type.Enum([...packageRoles])),
    enabled: Type.Optional(Type.Boolean()),
    password: Type.Optional(password),
  },
  { ...strict, minProperties: 1 },
);
const userParams = Type.Object({ name: Type.String({ minLength: 1, maxLength: 128 }) });
const Session = Type.Object({
  id: Type.String(),
  user: Type.String(),
  origin: Type.String(),
  application: Type.String(),
  openedAt: Time,
  lastUsedAt: Time,
  expiresAt: Time,
});

/** Users and their open sessions. */
export function userRoutes(app: Api, { access }: Pick<FacadeParts, "access">): void {
  const { users } = access;
  const found = (name: string) => {
    const user = users.find(name);
    if (user !== undefined) return userOf(user);
    throw new HostError("user-unknown", `there is no user ${JSON.stringify(name.slice(0, 64))}`);
  };
  app.get("/users", { config, schema: { tags, summary: "All users", response: { 200: Users, ...failures } } }, () => ({
    items: users.all().map(userOf),
  }));
  app.post(
    "/users",
    { config, schema: { tags, summary: "Add a user", body: newUser, response: { 201: User, ...failures } } },
    async (request, reply) => {
      const user = await users.add(request.body, principalOf(request));
      reply.code(201);
      return userOf(user);
    },
  );
  app.patch(
    "/users/:name",
    {
      config,
      schema: {
        tags,
        summary: "Change role or password, enable or disable",
        params: userParams,
        body: userChange,
        response: { 200: User, ...failures },
      },
    },
    async (request) => {
      const { name } = request.params;
      const by = principalOf(request);
      const { role, enabled, password: wanted } = request.body;
      if (role !== undefined) await users.setRole(name, role, by);
      if (enabled !== undefined) await users.setEnabled(name, enabled, by);
      if (wanted !== undefined) await users.setPassword(name, wanted, by);
      return found(name);
    },
  );
  app.delete(
    "/users/:name",
    {
      config,
      schema: { tags, summary: "Remove a user", params: userParams, response: { 204: Type.Null(), ...failures } },
    },
    async (request, reply) => {
      await users.remove(request.params.name, principalOf(request));
      return reply.code(204).send(null);
    },
  );
  sessionListRoutes(app, access);
}

function sessionListRoutes(app: Api, access: FacadeParts["access"]): void {
  const manage = { action: "session.manage" } as const;
  const List = Type.Object({ items: Type.Array(Session) });
  app.get(
    "/sessions",
    { config: manage, schema: { tags, summary: "Open sessions of web clients", response: { 200: List, ...failures } } },
    () => ({
      items: access.sessions.list().map(({ openedAt, lastUsedAt, expiresAt, ...session }) => ({
        ...session,
        openedAt: isoOf(openedAt),
        lastUsedAt: isoOf(lastUsedAt),
        expiresAt: isoOf(expiresAt),
      })),
    }),
  );
  const params = Type.Object({ sessionId: Type.String({ minLength: 1, maxLength: 100 }) });
  app.delete(
    "/sessions/:sessionId",
    { config: manage, schema: { tags, summary: "End a session", params, response: { 204: Type.Null(), ...failures } } },
    async (request, reply) => {
      const { sessionId } = request.params;
      if (access.logout(sessionId, principalOf(request))) return reply.code(204).send(null);
      throw new RequestRefused("thing-unknown", `there is no session ${JSON.stringify(sessionId)}`);
    },
  );
}

function userOf({ createdAt, passwordChangedAt, certificates, ...user }: UserView) {
  return {
    ...user,
    createdAt: isoOf(createdAt),
    passwordChangedAt: maybeIsoOf(passwordChangedAt),
    certificates: certificates.map(({ notAfter, ...certificate }) => ({ ...certificate, notAfter: isoOf(notAfter) })),
  };
}
