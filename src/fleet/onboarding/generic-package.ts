import { definePackage } from "#model/define-package.ts";
import { type DevicePackage, packageKey } from "#model/device-package.ts";

/** What stands for "no package" where a package is asked for. */
export const genericPackageName = "generic";

/**
 * The package of devices that have none: it declares nothing, so that everything such a device offers is beyond it and
 * appears as a point of the device alone.
 */
export const genericPackage: DevicePackage = definePackage({
  id: "fdi-host/generic",
  revision: "1.0.0",
  namespaceUri: "urn:fdi-host:device-types:generic",
  typeName: "GenericDevice",
  identity: {
    manufacturer: "",
    manufacturerUri: "",
    model: "",
    productCode: "",
    description: "A device without a package: what it offers, as it offers it",
    deviceClass: "",
    deviceRevision: "",
  },
  detection: { declaredTypes: [] },
  parameters: [],
  commands: [],
});

/** True for a device package that knows nothing of its devices. */
export function isGeneric(pkg: DevicePackage): boolean {
  return packageKey(pkg) === packageKey(genericPackage);
}
