import {
  makePermissionFlag,
  PermissionFlag,
  type RolePermissionTypeOptions,
  resolveNodeId,
  WellKnownRoles,
} from "node-opcua";
import { allows } from "#fleet/access/action.ts";
import { type PackageRole, packageRoles } from "#model/command-spec.ts";

/** The well-known roles (OPC 10000-18, 4.2) that a package role brings besides those of the roles below it. */
const rolesAdded = {
  viewer: [WellKnownRoles.Observer],
  operator: [WellKnownRoles.Operator],
  maintenance: [WellKnownRoles.Engineer],
  administrator: [WellKnownRoles.ConfigureAdmin, WellKnownRoles.SecurityAdmin],
} satisfies Record<PackageRole, WellKnownRoles[]>;

/** All well-known roles of who holds `held`; who holds nothing is just logged in. */
export function wellKnownRolesOf(held: readonly PackageRole[]): WellKnownRoles[] {
  const rank = Math.max(-1, ...held.map((role) => packageRoles.indexOf(role)));
  return [WellKnownRoles.AuthenticatedUser, ...packageRoles.slice(0, rank + 1).flatMap((role) => rolesAdded[role])];
}

/** The package role that a well-known role stands for. */
export const packageRoleOf: ReadonlyMap<number, PackageRole> = new Map(
  packageRoles.flatMap((role) => rolesAdded[role].map((known): [number, PackageRole] => [known, role])),
);

const look = makePermissionFlag("Browse | Read | ReadHistory | ReceiveEvents");
const changeHistory = makePermissionFlag("InsertHistory | ModifyHistory | DeleteHistory");
const seeRoles = makePermissionFlag("ReadRolePermissions");

export type RolePermissions = RolePermissionTypeOptions[];

/**
 * Who may look at nodes of the fleet, and who may also do what `extra` says (OPC 10000-3, 8.55): the roles for which `may`
 * holds. Anonymous may look where `showsAll`.
 */
export function rolePermissions(
  showsAll: boolean,
  extra: PermissionFlag = PermissionFlag.None,
  may: (role: PackageRole) => boolean = () => false,
): RolePermissions {
  const forRoles = packageRoles.flatMap((role) => {
    const administers = role === "administrator" ? seeRoles : PermissionFlag.None;
    const edits = allows([role], "history.modify") ? changeHistory : PermissionFlag.None;
    const permissions = look | administers | edits | (may(role) ? extra : PermissionFlag.None);
    return rolesAdded[role].map((known) => ({ roleId: resolveNodeId(known), permissions }));
  });
  const forAnonymous = { roleId: resolveNodeId(WellKnownRoles.Anonymous), permissions: look };
  return showsAll ? [forAnonymous, ...forRoles] : forRoles;
}
