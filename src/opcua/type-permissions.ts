import { AccessRestrictionsFlag, PermissionFlag, type UAMethod } from "node-opcua";
import { allows } from "#fleet/access/action.ts";
import type { DeviceTypeNodes } from "./device-type.ts";
import { lockMethodNames } from "./locks.ts";
import { mayCall } from "./method-roles.ts";
import { rolePermissions } from "./role-permissions.ts";

/**
 * Shows on the nodes of a device type who may do what (OPC 10000-3, 8.55): instances share its methods and take the
 * permissions of its variables over. Commands are for encrypted connections only.
 */
export function setTypePermissions(type: DeviceTypeNodes, showsAll: boolean): void {
  const { package: pkg, namespace, methods, parameters } = type;
  namespace.setDefaultRolePermissions(rolePermissions(showsAll));
  for (const { shape, method } of methods) {
    method.setRolePermissions(rolePermissions(showsAll, PermissionFlag.Call, (role) => mayCall(pkg, shape, role)));
    method.setAccessRestrictions(AccessRestrictionsFlag.EncryptionRequired);
  }
  for (const { spec, variable } of parameters) {
    if (spec.access === "read") continue;
    const { group } = spec;
    variable.setRolePermissions(
      rolePermissions(showsAll, PermissionFlag.Write, (role) => allows([role], { package: pkg, group })),
    );
  }
}

/** The same for the methods of locks, in the order of `lockMethodNames`. */
export function setLockPermissions(methods: readonly UAMethod[], showsAll: boolean): void {
  for (const [i, method] of methods.entries()) {
    const action = lockMethodNames[i] === "BreakLock" ? "device.break-lock" : "device.lock";
    method.setRolePermissions(rolePermissions(showsAll, PermissionFlag.Call, (role) => allows([role], action)));
  }
}
