import { DataType, LocalizedText, type UAObjectType, type UAVariable } from "node-opcua";
import type { Device } from "#fleet/device.ts";
import { productInstanceUriOf } from "#fleet/nameplate.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { TagName } from "#model/tag-nameplate.ts";
import type { DiModel } from "./di-model.ts";

/** A nameplate property that each device has of its own. */
export interface OwnProperty {
  readonly name: string;
  readonly type: DataType;
  /** Parameter of the package that fills it, where there is one. */
  readonly parameter?: string;
  /** The part of the tag nameplate that it shows: people may write it. */
  readonly tag?: TagName;
  /** Its value until a parameter or a person fills it. */
  readonly valueOf: (device: Device) => unknown;
}

/** OPC 10000-100, 4.5.1 (vendor nameplate) and 4.5.4 (tag nameplate). */
export const ownNameplate: readonly OwnProperty[] = [
  { name: "SerialNumber", type: DataType.String, parameter: "SerialNumber", valueOf: () => "" },
  { name: "HardwareRevision", type: DataType.String, parameter: "HardwareRevision", valueOf: () => "" },
  { name: "SoftwareRevision", type: DataType.String, parameter: "FirmwareVersion", valueOf: () => "" },
  { name: "ProductInstanceUri", type: DataType.String, valueOf: productInstanceUriOf },
  { name: "RevisionCounter", type: DataType.Int32, valueOf: () => 0 },
  { name: "AssetId", type: DataType.String, tag: "assetId", valueOf: () => "" },
  { name: "ComponentName", type: DataType.LocalizedText, tag: "componentName", valueOf: ({ id }) => localized(id) },
];

/** The tag property whose NodeId is `<device>/Nameplate/<name>`; undefined for every other node. */
export function tagPropertyBehind(
  nodeId: string,
): { readonly device: string; readonly property: OwnProperty } | undefined {
  const [device, folder, name, ...rest] = nodeId.split("/");
  if (device === undefined || folder !== "Nameplate" || rest.length > 0) return undefined;
  const property = ownNameplate.find((each) => each.name === name && each.tag !== undefined);
  return property === undefined ? undefined : { device, property };
}

/** Text of a tag as its property holds it. */
export function tagValueOf({ type }: OwnProperty, text: string): unknown {
  return type === DataType.LocalizedText ? localized(text) : text;
}

function localized(text: string): LocalizedText {
  return new LocalizedText({ text });
}

/** Declares what all devices of a type have in common on their nameplate, with its value; returns the shared nodes. */
export function declareNameplate(di: DiModel, objectType: UAObjectType, pkg: DevicePackage): UAVariable[] {
  const { identity } = pkg;
  const add = (name: string, dataType: DataType, value: unknown): UAVariable =>
    objectType.namespace.addVariable({
      browseName: { namespaceIndex: di.namespaceIndex, name },
      nodeId: `s=${String(objectType.nodeId.value)}/Nameplate/${name}`,
      propertyOf: objectType,
      modellingRule: "Mandatory",
      dataType,
      value: { dataType, value },
    });
  return [
    add("Manufacturer", DataType.LocalizedText, { text: identity.manufacturer }),
    add("ManufacturerUri", DataType.String, identity.manufacturerUri),
    add("Model", DataType.LocalizedText, { text: identity.model }),
    add("ProductCode", DataType.String, identity.productCode),
    add("DeviceRevision", DataType.String, identity.deviceRevision),
    add("DeviceClass", DataType.String, identity.deviceClass),
    add("DeviceManual", DataType.String, ""),
  ];
}
