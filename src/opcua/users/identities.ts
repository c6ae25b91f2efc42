import { WellKnownRoles } from "node-opcua";
import type { UserDirectory, UserView } from "#fleet/access/user-directory.ts";
import { type PackageRole, packageRoles } from "#model/command-spec.ts";
import { packageRoleOf } from "#opcua/role-permissions.ts";

/** The IdentityCriteriaType values (OPC 10000-18, 4.4.3) that the host tells. */
export const criteria = { userName: 1, thumbprint: 2, anonymous: 5, authenticatedUser: 6 } as const;

const anonymousRole: number = WellKnownRoles.Anonymous;
const authenticatedRole: number = WellKnownRoles.AuthenticatedUser;

/** An IdentityMappingRuleType. */
export interface IdentityRule {
  readonly criteriaType: number;
  readonly criteria: string;
}

/**
 * Who has a well-known role, as its `Identities` tell (OPC 10000-18, 4.4.3): users by name who may log in with a password,
 * and their certificates by thumbprint, which is the SHA-256 that the host knows certificates by.
 */
export function identitiesOf(id: number, users: Pick<UserDirectory, "all">, letsAnybodyLook: boolean): IdentityRule[] {
  const everybody = { criteriaType: criteria.authenticatedUser, criteria: "" };
  // Every session stands on the role Anonymous, whoever logged in.
  if (id === anonymousRole) {
    return letsAnybodyLook ? [{ criteriaType: criteria.anonymous, criteria: "" }, everybody] : [everybody];
  }
  if (id === authenticatedRole) return [everybody];
  const role = packageRoleOf.get(id);
  if (role === undefined) return [];
  return users
    .all()
    .filter((user) => user.enabled && hasRole(user, role))
    .flatMap(rulesOf);
}

/** True when a user's role is this one or contains it. */
export function hasRole({ role }: Pick<UserView, "role">, wanted: PackageRole): boolean {
  return packageRoles.indexOf(role) >= packageRoles.indexOf(wanted);
}

function rulesOf({ name, hasPassword, certificates }: UserView): IdentityRule[] {
  return [
    ...(hasPassword ? [{ criteriaType: criteria.userName, criteria: name }] : []),
    ...certificates.map(({ thumbprint }) => ({
      criteriaType: criteria.thumbprint,
      criteria: thumbprint.toUpperCase(),
    })),
  ];
}
