import {
  type AddressSpace,
  type CallMethodResultOptions,
  type ISessionContext,
  StatusCodes,
  type Variant,
} from "node-opcua";
import type { Access } from "#fleet/access/access.ts";
import { HostError } from "#model/errors.ts";
import type { AuditEvents } from "./audit-events.ts";
import { isMethodNode } from "./engine/node-guards.ts";
import type { LoginOrigin, SessionUsers } from "./engine/session-users.ts";
import type { Logins } from "./logins.ts";
import { sessionName } from "./principals.ts";
import { statusCodeOf } from "./status.ts";

export interface ChangePasswordParts {
  readonly access: Access;
  readonly users: SessionUsers;
  readonly logins: Logins;
  readonly events: AuditEvents;
}

/** ChangePassword of the UserManagement object of namespace 0. */
const methodNodeId = "ns=0;i=24310";

/**
 * Binds ChangePassword(OldPassword, NewPassword) (OPC 10000-18, 5.2.8): for the session's own user, on an encrypted
 * connection only; the one thing that a user may do who was told to change the password.
 */
export function bindChangePassword(addressSpace: AddressSpace, parts: ChangePasswordParts): void {
  const method = addressSpace.findNode(methodNodeId);
  if (!isMethodNode(method)) return;
  method.bindMethod(async (inputs: Variant[], context: ISessionContext): Promise<CallMethodResultOptions> => {
    const [old, wanted] = inputs.map(({ value }: { readonly value: unknown }) => value);
    const { statusCode, message } = await change(parts, context, old, wanted);
    parts.events.methodCalled({
      context,
      objectId: method.parent?.nodeId ?? method.nodeId,
      methodId: method.nodeId,
      // Never the passwords.
      inputs: [],
      outputs: [],
      statusCode,
      message,
    });
    return { statusCode };
  });
}

async function change(parts: ChangePasswordParts, context: ISessionContext, old: unknown, wanted: unknown) {
  const { session } = context;
  const user = parts.users.of(session);
  if (session === undefined || user === undefined || user.name === "anonymous") {
    return {
      statusCode: StatusCodes.BadInvalidState,
      message: "ChangePassword: the session has no user with a password",
    };
  }
  if (typeof old !== "string" || typeof wanted !== "string") {
    return { statusCode: StatusCodes.BadInvalidArgument, message: "ChangePassword: two texts are expected" };
  }
  const origin: LoginOrigin = parts.users.originOf(session);
  try {
    const caller = parts.logins.callerOf(origin);
    await parts.access.changePassword({ name: user.name, password: old }, wanted, caller, sessionName(session));
    return { statusCode: StatusCodes.Good, message: `ChangePassword: ${user.name} has a new password` };
  } catch (error) {
    // A wrong old password is told as such (OPC 10000-18, 5.2.8).
    const isWrong = HostError.from(error)?.code === "not-authenticated";
    const statusCode = isWrong ? StatusCodes.BadIdentityTokenInvalid : statusCodeOf(error);
    return { statusCode, message: `ChangePassword of ${user.name} was refused` };
  }
}
