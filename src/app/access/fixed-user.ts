import type { UserRecord } from "#fleet/access/ports.ts";
import type { PackageRole } from "#model/command-spec.ts";
import { argon2Hasher } from "./argon2-hasher.ts";

/** The record of a user whose password stands in a file of its own. */
export async function fixedUserOf(user: {
  readonly name: string;
  readonly role: PackageRole;
  readonly password: string;
}): Promise<UserRecord> {
  return {
    name: user.name,
    role: user.role,
    password: await argon2Hasher.hash(user.password),
    certificates: [],
    mustChangePassword: false,
    enabled: true,
    createdAt: 0,
    passwordChangedAt: undefined,
  };
}
