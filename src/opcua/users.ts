import { createHash, timingSafeEqual } from "node:crypto";
import { makeRoles, type NodeId, WellKnownRoles } from "node-opcua";
import type { PackageRole } from "#model/command-spec.ts";

/** A user that may log in. */
export interface User {
  readonly name: string;
  readonly password: string;
  readonly role: PackageRole;
}

/** The well-known roles (OPC 10000-18, 4.2) that a package role stands for. */
const wellKnownRoles = {
  viewer: [WellKnownRoles.AuthenticatedUser, WellKnownRoles.Observer],
  operator: [WellKnownRoles.AuthenticatedUser, WellKnownRoles.Observer, WellKnownRoles.Operator],
  maintenance: [
    WellKnownRoles.AuthenticatedUser,
    WellKnownRoles.Observer,
    WellKnownRoles.Operator,
    WellKnownRoles.Engineer,
  ],
  administrator: [
    WellKnownRoles.AuthenticatedUser,
    WellKnownRoles.Observer,
    WellKnownRoles.Operator,
    WellKnownRoles.Engineer,
    WellKnownRoles.ConfigureAdmin,
    WellKnownRoles.SecurityAdmin,
  ],
} satisfies Record<PackageRole, WellKnownRoles[]>;

/** Who may log in over OPC UA, and as what. */
export class UserDirectory {
  readonly #users: ReadonlyMap<string, User>;

  constructor(users: readonly User[]) {
    this.#users = new Map(users.map((user) => [user.name, user]));
  }

  /** True when name and password belong together; takes the same time for unknown names. */
  isValid(name: string, password: string): boolean {
    const user = this.#users.get(name);
    const matches = timingSafeEqual(digestOf(password), digestOf(user?.password ?? ""));
    return user !== undefined && matches;
  }

  /** Package roles of a user; anonymous and unknown users may look, nothing else. */
  rolesOf(name: string): PackageRole[] {
    return [this.#users.get(name)?.role ?? "viewer"];
  }

  /** The user manager in node-opcua's terms. */
  toUserManager(): {
    isValidUserAsync(name: string, password: string, done: (error: Error | null, isValid?: boolean) => void): void;
    getUserRoles(name: string): NodeId[];
  } {
    return {
      isValidUserAsync: (name, password, done) => done(null, this.isValid(name, password)),
      getUserRoles: (name) => {
        const user = this.#users.get(name);
        return makeRoles(user === undefined ? [WellKnownRoles.Anonymous] : wellKnownRoles[user.role]);
      },
    };
  }
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text, "utf8").digest();
}
