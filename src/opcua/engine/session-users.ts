import { callbackify } from "node:util";
import {
  AnonymousIdentityToken,
  type BaseNode,
  MessageSecurityMode,
  type NodeId,
  type OPCUAServer,
  type OPCUAServerOptions,
  type PermissionFlag,
  resolveNodeId,
  type ServerSession,
  SessionContext,
  type StatusCode,
  StatusCodes,
  WellKnownRoles,
  X509IdentityToken,
} from "node-opcua";

/** Who a session belongs to since it was activated. */
export interface SessionUser {
  readonly name: string;
  /** What the user has now; the same array until that changes. */
  readonly roleIds: readonly NodeId[];
  readonly mustChangePassword: boolean;
}

/** What is known of a client by the connection it logs in on. */
export interface LoginOrigin {
  /** E.g. `10.0.0.7:50124`; empty while it is not connected. */
  readonly address: string;
  /** DER of the client application's certificate; undefined on a connection without security. */
  readonly certificate: Buffer | undefined;
  readonly isEncrypted: boolean;
  readonly application: string;
}

/** Decides who may activate a session; undefined is a refusal. */
export interface LoginGate {
  anonymous(): SessionUser | undefined;
  password(name: string, password: string, origin: LoginOrigin): Promise<SessionUser | undefined>;
  /** `certificate` is the user's, its possession is proved. */
  certificate(certificate: Buffer, origin: LoginOrigin): SessionUser | undefined;
}

/** The parts of node-opcua that are not in its public types (2.186.4). */
interface ServerInternals {
  isUserAuthorized(channel: Channel, session: ServerSession, token: unknown, done: Authorized): void;
}
type Authorized = (error: Error | null, authorized?: boolean, statusCode?: StatusCode) => void;
interface Channel {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly clientCertificate?: Buffer | null;
  readonly securityMode?: MessageSecurityMode;
}
type RoleList = readonly { readonly roleId?: unknown; readonly permissions?: number }[];
interface ContextInternals {
  readonly session?: object;
  getApplicableRolePermissions(node: BaseNode): RoleList | null;
}

const everything = -1;
const users = new WeakMap<object, SessionUser>();

/**
 * The users of a server's sessions. node-opcua (2.186.4) takes the common name in a user's certificate for the user's name,
 * looks roles up by name at each access and reads the permissions of a namespace through nodes each time: here a session
 * has the user that the gate let in, and permissions are computed once.
 */
export class SessionUsers {
  readonly #gate: LoginGate;
  readonly #sessions = new Set<ServerSession>();
  readonly #channels = new WeakMap<object, Channel>();
  readonly #proved = new WeakMap<ServerSession, SessionUser>();

  constructor(gate: LoginGate) {
    this.#gate = gate;
    patchContexts();
  }

  /** The user manager for node-opcua's options: it hands over the password once it is decrypted. */
  get userManager(): NonNullable<OPCUAServerOptions["userManager"]> {
    const proved = this.#proved;
    const prove = async (session: ServerSession, name: string, password: string): Promise<boolean> => {
      const user = await this.#gate.password(name, password, this.originOf(session));
      if (user !== undefined) proved.set(session, user);
      return user !== undefined;
    };
    return {
      isValidUserAsync(this: ServerSession, name: string, password: string, done) {
        callbackify(prove)(this, name, password, done);
      },
      getUserRoles: () => [],
    };
  }

  /** Call before the server is started. */
  install(server: OPCUAServer): void {
    const internals = server as unknown as ServerInternals;
    const stock = internals.isUserAuthorized.bind(server);
    internals.isUserAuthorized = (channel, session, token, done) => {
      this.#channels.set(session, channel);
      if (token instanceof AnonymousIdentityToken) {
        this.#settle(session, this.#gate.anonymous(), done);
      } else if (token instanceof X509IdentityToken) {
        this.#settle(session, this.#gate.certificate(token.certificateData, this.originOf(session)), done);
      } else {
        stock(channel, session, token, (error, authorized, statusCode) => {
          const user = this.#proved.get(session);
          this.#proved.delete(session);
          if (authorized === true) this.#settle(session, user, done);
          else done(error, false, statusCode);
        });
      }
    };
    server.on("session_closed", (session: ServerSession) => this.#sessions.delete(session));
  }

  /** The user of a session; undefined before it was activated. */
  of(session: object | undefined): SessionUser | undefined {
    return session === undefined ? undefined : users.get(session);
  }

  /** Ends the sessions that are meant. */
  close(server: OPCUAServer, isMeant: (user: SessionUser, session: ServerSession) => boolean): void {
    for (const session of this.#sessions) {
      const user = users.get(session);
      if (user !== undefined && isMeant(user, session))
        server.engine.closeSession(session.authenticationToken, true, "Terminated");
    }
  }

  #settle(session: ServerSession, user: SessionUser | undefined, done: Authorized): void {
    if (user === undefined) {
      done(null, false, StatusCodes.BadUserAccessDenied);
      return;
    }
    users.set(session, user);
    this.#sessions.add(session);
    session.passwordChangeRequired = user.mustChangePassword;
    done(null, true);
  }

  /** Where the login of a session came from. */
  originOf(session: object): LoginOrigin {
    const channel = this.#channels.get(session);
    const { remoteAddress = "", remotePort, clientCertificate } = channel ?? {};
    const address = remotePort === undefined ? remoteAddress : `${remoteAddress}:${remotePort}`;
    const { clientDescription } = session as { clientDescription?: { applicationUri?: string | null } };
    const application = clientDescription?.applicationUri ?? "";
    const isEncrypted = channel?.securityMode === MessageSecurityMode.SignAndEncrypt;
    return { address, certificate: clientCertificate ?? undefined, isEncrypted, application };
  }
}

let isPatched = false;

function patchContexts(): void {
  if (isPatched) return;
  isPatched = true;
  const { prototype } = SessionContext;
  const stock = {
    name: prototype.getUserName,
    roles: prototype.getCurrentUserRoles,
    permissions: prototype.getPermissions,
  };
  prototype.getUserName = function userName(): string {
    return userOf(this)?.name ?? stock.name.call(this);
  };
  prototype.getCurrentUserRoles = function roles(): NodeId[] {
    const user = userOf(this);
    return user === undefined ? stock.roles.call(this) : [...user.roleIds];
  };
  prototype.getPermissions = function permissions(node: BaseNode): PermissionFlag {
    const user = userOf(this);
    if (user === undefined) return stock.permissions.call(this, node);
    const list = node.rolePermissions ?? namespaceList(this, node);
    return list === null ? (everything as PermissionFlag) : flagsOf(list, user.roleIds);
  };
}

function userOf(context: object): SessionUser | undefined {
  const { session } = context as unknown as ContextInternals;
  return session === undefined ? undefined : users.get(session);
}

const namespaceLists = new WeakMap<object, { readonly list: RoleList | null }>();

/** What a namespace says for its nodes that say nothing themselves; it does not change while clients are served. */
function namespaceList(context: ContextInternals, node: BaseNode): RoleList | null {
  let known = namespaceLists.get(node.namespace);
  if (known === undefined) {
    known = { list: context.getApplicableRolePermissions(node) };
    namespaceLists.set(node.namespace, known);
  }
  return known.list;
}

const flagsByRoles = new WeakMap<readonly NodeId[], WeakMap<RoleList, number>>();
const anonymousRole = resolveNodeId(WellKnownRoles.Anonymous).toString();

function flagsOf(list: RoleList, roleIds: readonly NodeId[]): number {
  let byList = flagsByRoles.get(roleIds);
  if (byList === undefined) flagsByRoles.set(roleIds, (byList = new WeakMap()));
  let flags = byList.get(list);
  if (flags === undefined) {
    // Anonymous is the floor that every session stands on (OPC 10000-18, 4.2).
    const held = new Set([...roleIds.map(String), anonymousRole]);
    flags = 0;
    for (const { roleId, permissions = 0 } of list) {
      if (held.has(resolveNodeId(roleId as NodeId).toString())) flags |= permissions;
    }
    byList.set(list, flags);
  }
  return flags;
}
