import { allows } from "#fleet/access/action.ts";
import { abortCommand } from "#fleet/tests/test-plan.ts";
import { type CommandSpec, type PackageRole, packageRoles } from "#model/command-spec.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { MethodShape } from "./method-arguments.ts";

/**
 * True when a role may call a method of a device type with some arguments at least: what its RolePermissions say. Which
 * arguments it may use is decided at the call.
 */
export function mayCall(pkg: DevicePackage, { action }: MethodShape, role: PackageRole): boolean {
  switch (action.does) {
    case "command":
      return mayCommand(action.spec, role);
    case "test":
      return mayTest(pkg, action.test, role);
    case "select":
    case "cancel":
      return allows([role], "device.select");
    case "apply-template":
      return pkg.parameters.some(({ group }) => allows([role], { package: pkg, group }));
    case "accept-configuration":
      return allows([role], "configuration.accept");
    case "abort-test":
      return allows([role], "device.test");
    case "get-configuration":
    case "get-test-report":
      return allows([role], "device.read");
  }
}

/** A choice of an argument may name a role of its own, also a lower one. */
function mayCommand(spec: CommandSpec, role: PackageRole): boolean {
  const choices = spec.inputs.flatMap(({ choiceRoles = {} }) => Object.values(choiceRoles));
  const least = Math.min(...[spec.role, ...choices].map((needed) => packageRoles.indexOf(needed)));
  return packageRoles.indexOf(role) >= least;
}

function mayTest(pkg: DevicePackage, test: string, role: PackageRole): boolean {
  const started = pkg.tests.find(({ name }) => name === test)?.command?.name ?? test;
  const spec = started === abortCommand ? undefined : pkg.commandByName.get(started);
  return spec === undefined ? allows([role], "device.test") : mayCommand(spec, role);
}
