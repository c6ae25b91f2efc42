import {
  type AddressSpace,
  DataType,
  type Namespace,
  type NodeId,
  type UAObject,
  type UAVariable,
  type VariantOptions,
} from "node-opcua";
import type { Device } from "#fleet/device.ts";
import type { PackageIdentity } from "#model/device-package.ts";
import { accessLevelOf, type DeviceTypeNodes, type ParameterDeclaration } from "./device-type.ts";
import type { DiModel } from "./di-model.ts";
import { makeLive } from "./engine/live-variable.ts";
import { GroupTree } from "./group-tree.ts";
import { uaTypeOf } from "./ua-data-type.ts";

/** The nodes of one device that change with its values. */
export interface DeviceNodes {
  readonly object: UAObject;
  readonly methodSet: UAObject;
  /** One per parameter, in index order. */
  readonly variables: readonly UAVariable[];
  /** ValueAsText of enumerated parameters, by parameter index. */
  readonly valueTexts: ReadonlyMap<number, UAVariable>;
  /** Nameplate properties that repeat a parameter of the device, by parameter index. */
  readonly nameplate: ReadonlyMap<number, UAVariable>;
}

export interface DeviceNodeContext {
  readonly addressSpace: AddressSpace;
  /** Namespace of the instances: the server's own (index 1), so that NodeIds survive any change of packages. */
  readonly namespace: Namespace;
  readonly di: DiModel;
  readonly historyConfiguration: NodeId;
}

/** Parameters whose value is shown on the nameplate too (OPC 10000-100, 4.5.1), by parameter name. */
const nameplateSources: ReadonlyMap<string, string> = new Map([
  ["SerialNumber", "SerialNumber"],
  ["FirmwareVersion", "SoftwareRevision"],
  ["HardwareRevision", "HardwareRevision"],
]);

/**
 * Builds the nodes of one device under DeviceSet: NodeIds are `s=<device>` and `s=<device>/<parameter>`. Immutable
 * properties and methods are the type's own nodes, referenced.
 */
export function buildDeviceNodes(context: DeviceNodeContext, device: Device, type: DeviceTypeNodes): DeviceNodes {
  const { namespace, di } = context;
  const object = namespace.addObject({
    browseName: { namespaceIndex: 1, name: device.id },
    displayName: device.id,
    nodeId: `s=${device.id}`,
    componentOf: di.deviceSet,
    typeDefinition: type.objectType.nodeId,
  });
  const addSet = (name: string): UAObject =>
    namespace.addObject({
      browseName: { namespaceIndex: di.namespaceIndex, name },
      nodeId: `s=${device.id}/${name}`,
      componentOf: object,
    });
  const parameterSet = addSet("ParameterSet");
  const methodSet = addSet("MethodSet");
  for (const { method } of type.methods) {
    methodSet.addReference({ referenceType: "HasComponent", nodeId: method.nodeId });
  }
  const groups = new GroupTree(namespace, di, object, { key: `${device.id}/Groups`, nameIndex: type.namespace.index });
  const valueTexts = new Map<number, UAVariable>();
  const variables = type.parameters.map((declaration) => {
    const variable = addParameter(context, device, parameterSet, declaration);
    groups.of(declaration.spec.group).addReference({ referenceType: "Organizes", nodeId: variable.nodeId });
    if (declaration.spec.enumeration.length > 0) valueTexts.set(declaration.spec.index, addValueText(variable));
    return variable;
  });
  return { object, methodSet, variables, valueTexts, nameplate: addNameplate(context, device, object) };
}

function addParameter(
  context: DeviceNodeContext,
  device: Device,
  parameterSet: UAObject,
  declaration: ParameterDeclaration,
): UAVariable {
  const { spec, typeName, shared } = declaration;
  const variable = context.namespace.addVariable({
    browseName: declaration.variable.browseName,
    displayName: spec.displayName,
    nodeId: `s=${device.id}/${spec.name}`,
    componentOf: parameterSet,
    typeDefinition: typeName,
    dataType: uaTypeOf(spec.dataType),
    accessLevel: accessLevelOf(spec),
    userAccessLevel: accessLevelOf(spec),
    historizing: spec.history.historize,
    minimumSamplingInterval: 0,
  });
  for (const property of shared) variable.addReference({ referenceType: "HasProperty", nodeId: property.nodeId });
  if (spec.history.historize) {
    variable.addReference({ referenceType: "HasHistoricalConfiguration", nodeId: context.historyConfiguration });
  }
  makeLive(variable);
  return variable;
}

function addValueText(variable: UAVariable): UAVariable {
  return variable.namespace.addVariable({
    browseName: { namespaceIndex: 0, name: "ValueAsText" },
    nodeId: `s=${String(variable.nodeId.value)}/ValueAsText`,
    propertyOf: variable,
    dataType: "LocalizedText",
    value: { dataType: DataType.LocalizedText, value: { text: "" } },
  });
}

function addNameplate(context: DeviceNodeContext, device: Device, object: UAObject): Map<number, UAVariable> {
  const repeated = new Map<number, UAVariable>();
  for (const [name, value] of nameplateOf(device.package.identity, device.id)) {
    const property = context.namespace.addVariable({
      browseName: { namespaceIndex: context.di.namespaceIndex, name },
      nodeId: `s=${device.id}/Nameplate/${name}`,
      propertyOf: object,
      dataType: value.dataType ?? DataType.String,
      value,
    });
    for (const spec of device.package.parameters) {
      if (nameplateSources.get(spec.name) === name) repeated.set(spec.index, property);
    }
  }
  return repeated;
}

/** All mandatory properties of DI DeviceType and the optional ones that the package knows. */
function nameplateOf(identity: PackageIdentity, id: string): Map<string, VariantOptions> {
  const text = (value: string): VariantOptions => ({ dataType: DataType.String, value });
  const localized = (value: string): VariantOptions => ({ dataType: DataType.LocalizedText, value: { text: value } });
  return new Map([
    ["Manufacturer", localized(identity.manufacturer)],
    ["ManufacturerUri", text(identity.manufacturerUri)],
    ["Model", localized(identity.model)],
    ["ProductCode", text(identity.productCode)],
    ["HardwareRevision", text("")],
    ["SoftwareRevision", text("")],
    ["DeviceRevision", text(identity.deviceRevision)],
    ["DeviceClass", text(identity.deviceClass)],
    ["DeviceManual", text("")],
    ["SerialNumber", text("")],
    ["ProductInstanceUri", text(`${identity.manufacturerUri}/${id}`)],
    ["RevisionCounter", { dataType: DataType.Int32, value: 0 }],
  ]);
}
