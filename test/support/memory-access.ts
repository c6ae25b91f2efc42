import { CertificateFolder } from "#app/access/certificate-folder.ts";
import { Access } from "#fleet/access/access.ts";
import type { CertificateStore, PasswordHasher, TokenSource, UserRecord, UserStore } from "#fleet/access/ports.ts";
import { Audit } from "#fleet/audit.ts";
import { WarningBoard } from "#fleet/warning-board.ts";
import { type Clock, systemClock } from "#lib/clock.ts";
import { MemoryAudit } from "./memory-audit.ts";
import { silentLogger } from "./silent-logger.ts";

/** Keeps passwords in a form that is quick to prove and no secret: the real one is tested on its own. */
export const plainHasher: PasswordHasher & { proofs: number } = {
  proofs: 0,
  hash: async (password) => `plain:${password}`,
  verify: async (password, kept) => {
    plainHasher.proofs += 1;
    return kept === `plain:${password}`;
  },
};

export class MemoryUsers implements UserStore {
  users: readonly UserRecord[] = [];

  async load(): Promise<readonly UserRecord[]> {
    return this.users;
  }

  async update(change: (users: readonly UserRecord[]) => readonly UserRecord[]): Promise<readonly UserRecord[]> {
    this.users = change(this.users);
    return this.users;
  }
}

/** Tokens and ids that count up. */
function countingTokens(): TokenSource {
  let last = 0;
  return {
    newToken: () => {
      last += 1;
      return `token-${last}`;
    },
    digest: (token) => `digest of ${token}`,
  };
}

/** A user as the configuration gives it, in the form of `plainHasher`. */
export function fixedUser(name: string, role: UserRecord["role"], password: string): UserRecord {
  return {
    name,
    role,
    password: `plain:${password}`,
    certificates: [],
    mustChangePassword: false,
    enabled: true,
    createdAt: 0,
    passwordChangedAt: undefined,
  };
}

/** Access as the host has it, with everything around it in memory. */
export function memoryAccess(
  clock: Clock,
  certificates: CertificateStore = new CertificateFolder("/nowhere"),
): {
  readonly access: Access;
  readonly audit: MemoryAudit;
  readonly store: MemoryUsers;
} {
  const audit = new MemoryAudit();
  const store = new MemoryUsers();
  let lastId = 0;
  const access = new Access({
    store,
    certificates,
    hasher: plainHasher,
    tokens: countingTokens(),
    rule: { minLength: 10 },
    limits: { idleMs: 60_000, lifeMs: 600_000, perUser: 3 },
    clock,
    newId: () => {
      lastId += 1;
      return `s${lastId}`;
    },
    audit: new Audit({ log: audit, warnings: new WarningBoard(), clock, logger: silentLogger() }),
  });
  return { access, audit, store };
}

/** Access with these users, for servers of tests. */
export async function accessFor(
  users: readonly { readonly name: string; readonly role: UserRecord["role"]; readonly password: string }[],
  certificates?: CertificateStore,
  clock: Clock = systemClock,
): Promise<Access> {
  const { access } = memoryAccess(clock, certificates);
  await access.users.load(users.map(({ name, role, password }) => fixedUser(name, role, password)));
  return access;
}
