import { randomUUID } from "node:crypto";
import { argon2Hasher } from "#app/access/argon2-hasher.ts";
import { fixedUserOf } from "#app/access/fixed-user.ts";
import { randomTokens } from "#app/access/random-tokens.ts";
import { Access } from "#fleet/access/access.ts";
import type { Audit } from "#fleet/audit.ts";
import { systemClock } from "#lib/clock.ts";

/** Access for a benchmark, with nobody in it yet. */
export function benchAccess(audit: Audit): Access {
  return new Access({
    store: { load: async () => [], update: async (change) => change([]) },
    certificates: {
      list: async () => [],
      move: async () => false,
      remove: async () => false,
      add: () => Promise.reject(new Error("none here")),
    },
    hasher: argon2Hasher,
    tokens: randomTokens,
    rule: { minLength: 10 },
    limits: { idleMs: 3_600_000, lifeMs: 3_600_000, perUser: 10_000 },
    clock: systemClock,
    newId: randomUUID,
    audit,
  });
}

/** The same with an operator `bench`, password `bench`. */
export async function benchAccessWithOperator(audit: Audit): Promise<Access> {
  const access = benchAccess(audit);
  await access.users.load([await fixedUserOf({ name: "bench", role: "operator", password: "bench" })]);
  return access;
}
