import type { ISessionContext, NodeId } from "node-opcua";
import type { Principal } from "#model/command.ts";
import type { SessionUsers } from "./engine/session-users.ts";
import { rolesOfUser } from "./logins.ts";

/** Who asks in an OPC UA session, in the words of the fleet; a session without a user may do nothing. */
export function principalIn(context: ISessionContext, users: SessionUsers): Principal {
  const { session } = context;
  if (session === undefined) return { user: "host", roles: [], origin: "opc.tcp" };
  const name = sessionName(session);
  const user = users.of(session);
  return {
    user: user?.name ?? "unknown",
    roles: rolesOfUser(user),
    origin: addressOf(session) ?? name,
    session: name,
    application: applicationOf(session),
  };
}

/** Names a session in locks, selections and the audit. */
export function sessionName(session: { getSessionId(): NodeId }): string {
  return `opc.tcp session ${session.getSessionId().toString()}`;
}

/** The ApplicationUri that a client gave when it made its session. */
function applicationOf(session: object): string {
  const client = "clientDescription" in session ? session.clientDescription : undefined;
  const uri = typeof client === "object" && client !== null && "applicationUri" in client ? client.applicationUri : "";
  return typeof uri === "string" ? uri : "";
}

/** Where the client of a session is, e.g. `opc.tcp 10.0.0.7:50124`; undefined while it is not connected. */
function addressOf(session: object): string | undefined {
  const channel = "channel" in session ? session.channel : undefined;
  if (typeof channel !== "object" || channel === null) return undefined;
  const address = "remoteAddress" in channel ? channel.remoteAddress : undefined;
  const port = "remotePort" in channel ? channel.remotePort : undefined;
  if (typeof address !== "string" || address === "") return undefined;
  return `opc.tcp ${address}${typeof port === "number" ? `:${port}` : ""}`;
}
