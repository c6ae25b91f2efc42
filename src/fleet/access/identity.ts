import type { PackageRole } from "#model/command-spec.ts";
import type { UserRecord } from "./ports.ts";

/** Who logged in, and what that is worth now. */
export interface Identity {
  readonly user: string;
  readonly role: PackageRole;
  /** Empty while another password must be chosen: then nothing is allowed but that. */
  readonly roles: readonly PackageRole[];
  readonly mustChangePassword: boolean;
}

export function identityOf({ name, role, mustChangePassword }: UserRecord): Identity {
  return { user: name, role, roles: mustChangePassword ? [] : [role], mustChangePassword };
}
