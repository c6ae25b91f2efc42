import type { DevicePackage, PackageIdentity } from "./device-package.ts";

const noDetails = {
  rules: [],
  templates: [],
  tests: [],
  alarms: [],
  events: [],
  documents: [],
  security: { levels: [], defaultLevel: "", roles: [] },
  hostSettings: [],
  protocolTables: [],
  extensions: [],
} satisfies Partial<DevicePackage>;

const noIdentity = {
  revisionDate: "",
  softwareRevision: "",
  classification: { class: "", category: "" },
} satisfies Partial<PackageIdentity>;

type Optional<T, K extends keyof T> = Omit<T, K> & Partial<Pick<T, K>>;

/** What a package consists of before its look-up tables exist; what is left out is empty. */
export type PackageDefinition = Omit<
  Optional<DevicePackage, keyof typeof noDetails>,
  "parameterByName" | "commandByName" | "identity" | "base"
> & { readonly identity: Optional<PackageIdentity, keyof typeof noIdentity> };

/** A package with its look-up tables; parameters must be in index order and names unique. */
export function definePackage(definition: PackageDefinition): DevicePackage {
  return {
    ...noDetails,
    ...definition,
    identity: { ...noIdentity, ...definition.identity },
    parameterByName: new Map(definition.parameters.map((parameter) => [parameter.name, parameter])),
    commandByName: new Map(definition.commands.map((command) => [command.name, command])),
  };
}
