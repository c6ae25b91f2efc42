import { type Inputs, roleOf } from "#fleet/package-rules.ts";
import { mayWrite, writerOf } from "#fleet/permissions.ts";
import type { Principal } from "#model/command.ts";
import type { CommandSpec, PackageRole } from "#model/command-spec.ts";
import type { DevicePackage } from "#model/device-package.ts";
import { HostError } from "#model/errors.ts";
import { roleSuffices } from "#model/role.ts";

/** What can be done with the host, and the least role that may do it (OPC 10000-18, 4.2 names what each is for). */
export const actionRoles = {
  /** Devices, live values, nameplates, presence, configurations, packages as they are. */
  "device.read": "viewer",
  "history.read": "viewer",
  "alarm.read": "viewer",
  "package.read": "viewer",
  "system.read": "viewer",
  "alarm.acknowledge": "operator",
  "alarm.comment": "operator",
  "alarm.shelve": "operator",
  "alarm.reset": "operator",
  "device.lock": "operator",
  "device.select": "operator",
  "device.test": "operator",
  "alarm.suppress": "operator",
  "alarm.configure": "maintenance",
  /** What people call a device: AssetId, ComponentName. */
  "device.name": "maintenance",
  "device.change-package": "maintenance",
  "configuration.accept": "maintenance",
  "template.apply": "maintenance",
  "history.export": "viewer",
  "history.annotate": "operator",
  "audit.read": "maintenance",
  "device.break-lock": "administrator",
  "device.onboard": "maintenance",
  "device.remove": "administrator",
  "history.modify": "administrator",
  "package.manage": "administrator",
  "user.manage": "administrator",
  "session.manage": "administrator",
  "certificate.manage": "administrator",
} as const satisfies Record<string, PackageRole>;

export type NamedAction = keyof typeof actionRoles;

/** A command of a package with its inputs: the package says who may give it. */
export interface CommandAction {
  readonly command: CommandSpec;
  readonly inputs: Inputs;
}

/** A write to a functional group of a package: the package says who may do it. */
export interface SettingAction {
  readonly package: DevicePackage;
  readonly group: string;
}

export type Action = NamedAction | CommandAction | SettingAction;

/** True when one of `held` may do `action`: the one answer for OPC UA, REST, WebSocket and bulk work. */
export function allows(held: readonly PackageRole[], action: Action): boolean {
  if (typeof action === "object" && "group" in action) return mayWrite(action.package, held, action.group);
  return roleSuffices(held, leastRoleOf(action));
}

/** Throws `access-denied` unless `by` may do `action`; `what` completes "NAME may not ...". */
export function demand(by: Principal, action: Action, what: string): void {
  if (allows(by.roles, action)) return;
  const role = typeof action === "object" && "group" in action ? writerOf(action.package, action.group) : undefined;
  const needed = typeof action === "object" && "group" in action ? role : leastRoleOf(action);
  const need = needed === undefined ? "its package lets nobody" : `it needs the role ${needed}`;
  throw new HostError("access-denied", `${by.user} may not ${what}: ${need}`);
}

function leastRoleOf(action: NamedAction | CommandAction): PackageRole {
  return typeof action === "string" ? actionRoles[action] : roleOf(action.command, action.inputs);
}
