import type { CommandSpec } from "#model/command-spec.ts";
import type { DevicePackage } from "#model/device-package.ts";

/** How a command travels: as a word (legacy dialect), as a resource to execute, or either. */
export interface LwM2mCommand {
  readonly word: string;
  readonly path: string | undefined;
}

/** What the LwM2M binding of a command says: a path, a word, or both; undefined when it has none. */
export function lwm2mCommandOf({ bindings, name }: CommandSpec): LwM2mCommand | undefined {
  const address = bindings.lwm2m?.address;
  if (address === undefined) return undefined;
  const parts = address.split(" ");
  return {
    word: parts.find((part) => !part.startsWith("/")) ?? snakeCase(name),
    path: parts.find((part) => part.startsWith("/")),
  };
}

/** `GetConfiguration` is `get_configuration`. */
export function snakeCase(name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toLowerCase();
}

/** `overcurrent_pickup` is `OvercurrentPickup`. */
export function pascalCase(text: string): string {
  return text.replaceAll(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** True when devices of this type take `{"objectId":..}` instead of `{"command":..}` (host setting `LwM2mCommandForm`). */
export function wantsObjectForm(pkg: DevicePackage): boolean {
  return pkg.hostSettings.some(({ name, value }) => name === "LwM2mCommandForm" && value === "object");
}
