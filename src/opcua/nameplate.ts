import { DataType, LocalizedText, type UAObjectType, type UAVariable } from "node-opcua";
import type { Device } from "#fleet/device.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { DiModel } from "./di-model.ts";

/** A nameplate property that each device has of its own. */
export interface OwnProperty {
  readonly name: string;
  readonly type: DataType;
  /** Parameter of the package that fills it, where there is one. */
  readonly parameter?: string;
  /** Its value until a parameter fills it. */
  readonly valueOf: (device: Device) => unknown;
}

/** OPC 10000-100, 4.5.1 (vendor nameplate) and 4.5.4 (tag nameplate). */
export const ownNameplate: readonly OwnProperty[] = [
  { name: "SerialNumber", type: DataType.String, parameter: "SerialNumber", valueOf: () => "" },
  { name: "HardwareRevision", type: DataType.String, parameter: "HardwareRevision", valueOf: () => "" },
  { name: "SoftwareRevision", type: DataType.String, parameter: "FirmwareVersion", valueOf: () => "" },
  { name: "ProductInstanceUri", type: DataType.String, valueOf: instanceUriOf },
  { name: "RevisionCounter", type: DataType.Int32, valueOf: () => 0 },
  { name: "AssetId", type: DataType.String, valueOf: () => "" },
  { name: "ComponentName", type: DataType.LocalizedText, valueOf: (device) => new LocalizedText({ text: device.id }) },
];

/** Globally unique name of the device: who made it and its name here. */
function instanceUriOf(device: Device): string {
  const { manufacturerUri, productCode } = device.package.identity;
  return `${manufacturerUri}/${productCode}/${device.id}`;
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
