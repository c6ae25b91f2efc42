import { type PackageRole, packageRoles } from "#model/command-spec.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { Permission, RoleSpec } from "#model/package-details.ts";
import { roleSuffices } from "#model/role.ts";

/** Who may write settings of a package that does not say so itself. */
const standardWriter: PackageRole = "maintenance";

/**
 * True when one of `held` may write the settings of a functional group. A role may do what the package grants to it or to
 * any role below it; a grant for a group replaces the general permissions of that role within the group.
 */
export function mayWrite(pkg: DevicePackage, held: readonly PackageRole[], group: string): boolean {
  const { roles } = pkg.security;
  if (!roles.some((role) => role.permissions.length > 0 || role.grants.length > 0)) {
    return roleSuffices(held, standardWriter);
  }
  return roles.some((role) => roleSuffices(held, role.role) && permissionsIn(role, group).includes("write"));
}

/** The lowest role that may write a group, for messages. */
export function writerOf(pkg: DevicePackage, group: string): PackageRole | undefined {
  return packageRoles.find((role) => mayWrite(pkg, [role], group));
}

function permissionsIn(role: RoleSpec, group: string): readonly Permission[] {
  const grants = role.grants.filter((grant) => group === grant.group || group.startsWith(`${grant.group}/`));
  const closest = grants.sort((a, b) => b.group.length - a.group.length)[0];
  return closest?.permissions ?? role.permissions;
}
