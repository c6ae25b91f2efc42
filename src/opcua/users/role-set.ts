import {
  type AddressSpace,
  DataType,
  resolveNodeId,
  StatusCodes,
  Variant,
  VariantArrayType,
  WellKnownRoles,
} from "node-opcua";
import { demand } from "#fleet/access/action.ts";
import type { UserDirectory, UserView } from "#fleet/access/user-directory.ts";
import type { Principal } from "#model/command.ts";
import { type PackageRole, packageRoles } from "#model/command-spec.ts";
import { isObjectNode, isVariableNode } from "#opcua/engine/node-guards.ts";
import { packageRoleOf } from "#opcua/role-permissions.ts";
import { bindUserMethod, type UserNodesParts } from "./bind-method.ts";
import { criteria, hasRole, identitiesOf } from "./identities.ts";

const ruleType = resolveNodeId("ns=0;i=15634");

/**
 * Shows who has the well-known roles, and binds AddIdentity and RemoveIdentity of the well-known roles (OPC 10000-18, 4.4.5 and 4.4.6) for users by name. A user
 * of the host has one role that contains the ones below it: adding raises it, removing lowers it by one.
 */
export function bindRoleSet(addressSpace: AddressSpace, parts: UserNodesParts, letsAnybodyLook: boolean): void {
  for (const id of [WellKnownRoles.Anonymous, WellKnownRoles.AuthenticatedUser, ...packageRoleOf.keys()]) {
    const object = addressSpace.findNode(`ns=0;i=${id}`);
    const node = isObjectNode(object) ? object.getPropertyByName("Identities") : null;
    if (!isVariableNode(node)) continue;
    const get = (): Variant => {
      const rules = identitiesOf(id, parts.users, letsAnybodyLook);
      const value = rules.map((rule) => addressSpace.constructExtensionObject(ruleType, { ...rule }));
      return new Variant({ dataType: DataType.ExtensionObject, arrayType: VariantArrayType.Array, value });
    };
    node.bindVariable({ get }, true);
  }
  for (const [id, role] of packageRoleOf) {
    const object = addressSpace.findNode(`ns=0;i=${id}`);
    if (!isObjectNode(object)) continue;
    const bind = (name: string, change: typeof addIdentity): void => {
      const method = object.getMethodByName(name);
      if (method === null) return;
      bindUserMethod(addressSpace, parts, method.nodeId.toString(), async ([rule], by) => {
        demand(by, "user.manage", `${name} of ${object.browseName.name}`);
        const user = userMeant(parts.users, rule);
        return user === undefined ? StatusCodes.BadInvalidArgument : change(parts.users, user, role, by);
      });
    };
    bind("AddIdentity", addIdentity);
    bind("RemoveIdentity", removeIdentity);
  }
}

async function addIdentity(users: UserDirectory, user: UserView, role: PackageRole, by: Principal) {
  if (hasRole(user, role)) return StatusCodes.BadAlreadyExists;
  await users.setRole(user.name, role, by);
  return StatusCodes.Good;
}

async function removeIdentity(users: UserDirectory, user: UserView, role: PackageRole, by: Principal) {
  if (!hasRole(user, role)) return StatusCodes.BadNotFound;
  const lower = packageRoles[packageRoles.indexOf(role) - 1];
  // Whoever may log in may look: such a user is disabled or removed.
  if (lower === undefined) return StatusCodes.BadRequestNotAllowed;
  await users.setRole(user.name, lower, by);
  return StatusCodes.Good;
}

/** The user that a rule names; other rules than user names are not kept by the host. */
function userMeant(users: UserDirectory, rule: unknown): UserView | undefined {
  if (typeof rule !== "object" || rule === null || !("criteriaType" in rule) || !("criteria" in rule)) return undefined;
  const isName = rule.criteriaType === criteria.userName && typeof rule.criteria === "string";
  return isName ? users.find(String(rule.criteria)) : undefined;
}
