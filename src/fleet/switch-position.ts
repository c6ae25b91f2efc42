import type { DevicePackage } from "#model/device-package.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import type { Device } from "./device.ts";
import { knownValueOf } from "./known-values.ts";
import type { LiveValues } from "./live-values.ts";

const positionNode = /(^|\.)XCBR\d*\.Pos$/;
const positionSpecs = new WeakMap<DevicePackage, { readonly spec: ParameterSpec | undefined }>();

/** The parameter that tells the position of the main contacts (IEC 61850 XCBR.Pos); undefined for what has none. */
export function positionSpecOf(pkg: DevicePackage): ParameterSpec | undefined {
  let found = positionSpecs.get(pkg);
  if (found === undefined) {
    found = { spec: pkg.parameters.find(({ logicalNode }) => positionNode.test(logicalNode ?? "")) };
    positionSpecs.set(pkg, found);
  }
  return found.spec;
}

/** Dbpos of a device (IEC 61850-7-3) as last reported; 3 when it is not known. */
export function positionOf(device: Device, live: LiveValues): number {
  const spec = positionSpecOf(device.package);
  const value = spec === undefined ? undefined : knownValueOf(device, spec, live);
  return typeof value === "number" && value >= 0 && value <= 3 ? value : 3;
}
