import type { ParameterValue } from "#model/data-type.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import type { Device } from "./device.ts";
import { knownValueOf } from "./known-values.ts";
import type { LiveValues } from "./live-values.ts";

/** Who made a device and what it is (OPC 10000-100, 4.5.1), with what the device says of itself. */
export interface NameplateView {
  readonly manufacturer: string;
  readonly manufacturerUri: string;
  readonly model: string;
  readonly productCode: string;
  readonly description: string;
  readonly deviceClass: string;
  readonly deviceRevision: string;
  readonly softwareRevision: string;
  readonly productInstanceUri: string;
  readonly properties: readonly { readonly spec: ParameterSpec; readonly value: ParameterValue | undefined }[];
}

/** Globally unique name of the device: who made it and its name here. */
export function productInstanceUriOf(device: Device): string {
  const { manufacturerUri, productCode } = device.package.identity;
  return `${manufacturerUri}/${productCode}/${device.id}`;
}

/** The nameplate of a device: what its package says of the type, and its ratings and identification as reported. */
export function nameplateOf(device: Device, live: LiveValues): NameplateView {
  const { identity, parameters } = device.package;
  const { manufacturer, manufacturerUri, model, productCode, description, deviceClass, deviceRevision } = identity;
  const own = parameters.filter((spec) => spec.class === "rating" || spec.group === "Identification");
  return {
    manufacturer,
    manufacturerUri,
    model,
    productCode,
    description,
    deviceClass,
    deviceRevision,
    softwareRevision: identity.softwareRevision,
    productInstanceUri: productInstanceUriOf(device),
    properties: own.map((spec) => ({ spec, value: knownValueOf(device, spec, live) })),
  };
}
