import type { Device } from "#fleet/device.ts";
import { HostError } from "#model/errors.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";

/** A parameter of a device by its name; throws `parameter-unknown`. */
export function specOf(device: Device, name: string): ParameterSpec {
  const spec = device.package.parameterByName.get(name);
  if (spec !== undefined) return spec;
  const asked = JSON.stringify(name.slice(0, 80));
  throw new HostError("parameter-unknown", `${device.id}: ${device.package.typeName} has no parameter ${asked}`);
}
