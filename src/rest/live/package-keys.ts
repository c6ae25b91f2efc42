import type { DevicePackage } from "#model/device-package.ts";

const known = new WeakMap<DevicePackage, readonly string[]>();

/** The name of every parameter as a JSON key with its colon, by index: made once per package. */
export function jsonKeysOf(pkg: DevicePackage): readonly string[] {
  let keys = known.get(pkg);
  if (keys === undefined) {
    keys = pkg.parameters.map(({ name }) => `${JSON.stringify(name)}:`);
    known.set(pkg, keys);
  }
  return keys;
}
