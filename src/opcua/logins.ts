import { createHash } from "node:crypto";
import { makeRoles, type NodeId, WellKnownRoles } from "node-opcua";
import type { Access, Caller } from "#fleet/access/access.ts";
import type { Identity } from "#fleet/access/identity.ts";
import type { UserChange } from "#fleet/access/user-directory.ts";
import type { PackageRole } from "#model/command-spec.ts";
import { HostError } from "#model/errors.ts";
import type { LoginGate, LoginOrigin, SessionUser } from "./engine/session-users.ts";
import { wellKnownRolesOf } from "./role-permissions.ts";

export interface LoginsParts {
  readonly access: Access;
  /** Lets clients look without a name, and without security on the connection. */
  readonly allowInsecure: boolean;
}

/** How somebody logged in. */
interface Manner {
  /** Over a connection without security: may look, whoever it is. */
  readonly mayLookOnly: boolean;
  /** Of the certificate that was shown; undefined: by password. */
  readonly thumbprint: string | undefined;
}

/** A user of OPC UA sessions; follows the user directory. */
export class LoggedInUser implements SessionUser {
  readonly name: string;
  readonly #manner: Manner;
  roles: readonly PackageRole[] = [];
  roleIds: readonly NodeId[] = [];
  mustChangePassword = false;
  /** False: the session is to be ended. */
  mayStay = true;

  constructor(identity: Identity, manner: Manner) {
    this.name = identity.user;
    this.#manner = manner;
    this.follow(identity);
  }

  /** What the directory says of the user now (undefined: may not log in any more), and what changed. */
  follow(identity: Identity | undefined, change?: UserChange): void {
    this.mayStay = identity !== undefined && !this.#restsOnWhatIsGone(change);
    this.roles = this.#rolesOf(identity);
    this.mustChangePassword = identity !== undefined && this.roles.length === 0;
    this.roleIds = makeRoles(wellKnownRolesOf(this.roles));
  }

  #restsOnWhatIsGone(change: UserChange | undefined): boolean {
    const { thumbprint } = this.#manner;
    if (change === undefined) return false;
    return thumbprint === undefined ? change.hasNewPassword : change.lostCertificates.includes(thumbprint);
  }

  #rolesOf(identity: Identity | undefined): readonly PackageRole[] {
    if (identity === undefined) return [];
    const held = this.#manner.thumbprint === undefined ? identity.roles : [identity.role];
    return this.#manner.mayLookOnly && held.length > 0 ? ["viewer"] : held;
  }
}

/** Whoever did not say who it is. */
const nobody: SessionUser & { readonly roles: readonly PackageRole[] } = {
  name: "anonymous",
  roles: ["viewer"],
  roleIds: makeRoles([WellKnownRoles.Anonymous]),
  mustChangePassword: false,
};

/** Lets users of the host into OPC UA sessions. */
export class Logins implements LoginGate {
  readonly #parts: LoginsParts;
  readonly #users = new Map<string, Set<WeakRef<LoggedInUser>>>();

  constructor(parts: LoginsParts) {
    this.#parts = parts;
    const { users } = parts.access;
    users.onChange((change) => {
      const identity = parts.access.identityOf(change.name);
      for (const reference of this.#users.get(change.name) ?? []) reference.deref()?.follow(identity, change);
    });
  }

  anonymous(): SessionUser | undefined {
    return this.#parts.allowInsecure ? nobody : undefined;
  }

  async password(name: string, password: string, origin: LoginOrigin): Promise<SessionUser | undefined> {
    try {
      const identity = await this.#parts.access.authenticate({ name, password }, this.callerOf(origin));
      return this.#user(identity, { mayLookOnly: !origin.isEncrypted, thumbprint: undefined });
    } catch (error) {
      return refusal(error);
    }
  }

  certificate(certificate: Buffer, origin: LoginOrigin): SessionUser | undefined {
    try {
      const thumbprint = thumbprintOf(certificate);
      const identity = this.#parts.access.authenticateCertificate(thumbprint, this.callerOf(origin));
      return this.#user(identity, { mayLookOnly: !origin.isEncrypted, thumbprint });
    } catch (error) {
      return refusal(error);
    }
  }

  /** Who wrong logins are counted for: the client's certificate where only trusted ones get so far, else its address. */
  callerOf({ address, certificate, application }: LoginOrigin): Caller {
    const isKnown = certificate !== undefined && !this.#parts.allowInsecure;
    const client = isKnown ? `certificate ${thumbprintOf(certificate)}` : `opc.tcp ${address.replace(/:\d+$/, "")}`;
    return { origin: `opc.tcp ${address}`, client, application };
  }

  #user(identity: Identity, manner: Manner): LoggedInUser {
    const user = new LoggedInUser(identity, manner);
    const known = this.#users.get(user.name) ?? new Set();
    for (const reference of known) if (reference.deref() === undefined) known.delete(reference);
    this.#users.set(user.name, known.add(new WeakRef(user)));
    return user;
  }
}

/** The package roles behind a session's user; none for one that is not ours. */
export function rolesOfUser(user: SessionUser | undefined): readonly PackageRole[] {
  if (user instanceof LoggedInUser) return user.roles;
  return user === nobody ? nobody.roles : [];
}

/** A refusal is told by the audit; anything else is a fault. */
function refusal(error: unknown): undefined {
  if (HostError.from(error) === undefined) throw error;
  return undefined;
}

/** SHA-256 of a certificate in DER form, as users' certificates are known by. */
export function thumbprintOf(certificate: Buffer): string {
  return createHash("sha256").update(certificate).digest("hex");
}
