import { Type } from "typebox";
import { packageRoles } from "#model/command-spec.ts";
import { MaybeTime, strict, Time } from "./common.ts";

export const loginBody = Type.Object(
  {
    user: Type.String({ minLength: 1, maxLength: 128 }),
    password: Type.String({ minLength: 1, maxLength: 1024 }),
    cookie: Type.Optional(
      Type.Boolean({ description: "True: also as a cookie that scripts cannot read, for browsers" }),
    ),
  },
  strict,
);

export const Login = Type.Object({
  token: Type.String({ description: "For Authorization: Bearer TOKEN; empty for cookie sessions" }),
  csrfToken: Type.String({ description: "For X-CSRF-Token with every change over a cookie session" }),
  user: Type.String(),
  roles: Type.Array(Type.Enum([...packageRoles])),
  expiresAt: Time,
  mustChangePassword: Type.Boolean({ description: "True: nothing works but POST /api/v1/me/password" }),
});

export const Me = Type.Object({
  user: Type.String(),
  roles: Type.Array(Type.Enum([...packageRoles])),
  expiresAt: MaybeTime,
  mustChangePassword: Type.Boolean(),
  csrfToken: Type.String(),
  actions: Type.Array(Type.String(), { description: "What this user may do" }),
});

export const passwordBody = Type.Object(
  {
    old: Type.String({ minLength: 1, maxLength: 1024 }),
    new: Type.String({ minLength: 1, maxLength: 1024 }),
  },
  strict,
);
