import { type PackageRole, packageRoles } from "./command-spec.ts";

/** True when one of `held` is `needed` or stands above it (viewer < operator < maintenance < administrator). */
export function roleSuffices(held: readonly PackageRole[], needed: PackageRole): boolean {
  const rank = packageRoles.indexOf(needed);
  return held.some((role) => packageRoles.indexOf(role) >= rank);
}
