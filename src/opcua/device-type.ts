import {
  type AddressSpace,
  type Namespace,
  type UAMethod,
  type UAObject,
  type UAObjectType,
  type UAVariable,
} from "node-opcua";
import type { CommandSpec } from "#model/command-spec.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import type { DiModel } from "./di-model.ts";
import { GroupTree } from "./group-tree.ts";
import { declareProperties, type ParameterTypeName, parameterTypeNameOf } from "./parameter-properties.ts";
import { uaTypeOf, uaValueOf } from "./ua-data-type.ts";

/** What all instances of a parameter share: the declaration and its immutable properties. */
export interface ParameterDeclaration {
  readonly spec: ParameterSpec;
  readonly typeName: ParameterTypeName;
  readonly variable: UAVariable;
  /** EURange, EngineeringUnits, EnumValues, TrueState, FalseState: referenced by every instance (OPC 10000-3, 6.4.4.4.1). */
  readonly shared: readonly UAVariable[];
}

export interface MethodDeclaration {
  readonly spec: CommandSpec;
  readonly method: UAMethod;
}

/** The OPC UA side of one package revision: its ObjectType and what instances take from it. */
export interface DeviceTypeNodes {
  readonly package: DevicePackage;
  readonly namespace: Namespace;
  readonly objectType: UAObjectType;
  readonly parameters: readonly ParameterDeclaration[];
  readonly methods: readonly MethodDeclaration[];
}

/** Builds the ObjectType of a package revision, a subtype of DI DeviceType, in the namespace of the package. */
export function buildDeviceType(addressSpace: AddressSpace, di: DiModel, pkg: DevicePackage): DeviceTypeNodes {
  const namespace = addressSpace.registerNamespace(pkg.namespaceUri);
  const root = `${pkg.typeName}/${pkg.revision}`;
  const objectType = namespace.addObjectType({
    browseName: pkg.typeName,
    nodeId: `s=${root}`,
    subtypeOf: di.deviceType,
    description: pkg.identity.description,
  });
  const addSet = (name: string): UAObject =>
    namespace.addObject({
      browseName: { namespaceIndex: di.namespaceIndex, name },
      nodeId: `s=${root}/${name}`,
      componentOf: objectType,
      modellingRule: "Mandatory",
    });
  const parameterSet = addSet("ParameterSet");
  const methodSet = addSet("MethodSet");
  const parameters = pkg.parameters.map((spec) => declareParameter(addressSpace, parameterSet, spec, root));
  const methods = pkg.commands.map((spec) => ({ spec, method: declareMethod(namespace, methodSet, spec, root) }));
  const groups = new GroupTree(namespace, di, objectType, { key: `${root}/Groups`, modellingRule: "Mandatory" });
  for (const { spec, variable } of parameters) {
    groups.of(spec.group).addReference({ referenceType: "Organizes", nodeId: variable.nodeId });
  }
  return { package: pkg, namespace, objectType, parameters, methods };
}

/** The AccessLevel words of a parameter (OPC 10000-3, 8.57); settings are readable only until writes reach the device. */
export function accessLevelOf(spec: ParameterSpec): string {
  return spec.history.historize ? "CurrentRead | HistoryRead" : "CurrentRead";
}

function declareParameter(
  addressSpace: AddressSpace,
  parameterSet: UAObject,
  spec: ParameterSpec,
  root: string,
): ParameterDeclaration {
  const typeName = parameterTypeNameOf(spec);
  const variable = parameterSet.namespace.addVariable({
    browseName: spec.name,
    displayName: spec.displayName,
    description: spec.description,
    nodeId: `s=${root}/ParameterSet/${spec.name}`,
    componentOf: parameterSet,
    modellingRule: "Mandatory",
    typeDefinition: typeName,
    dataType: uaTypeOf(spec.dataType),
    accessLevel: accessLevelOf(spec),
    userAccessLevel: accessLevelOf(spec),
  });
  setDefault(variable, spec);
  return { spec, typeName, variable, shared: declareProperties(addressSpace, variable, spec, typeName) };
}

function setDefault(variable: UAVariable, spec: ParameterSpec): void {
  const { defaultValue, dataType } = spec;
  if (defaultValue === undefined) return;
  const text = typeof defaultValue === "string" ? defaultValue : undefined;
  variable.setValueFromSource({
    dataType: uaTypeOf(dataType),
    value: uaValueOf(dataType, Number(defaultValue), text),
  });
}

function declareMethod(namespace: Namespace, methodSet: UAObject, spec: CommandSpec, root: string): UAMethod {
  return namespace.addMethod(methodSet, {
    browseName: spec.name,
    displayName: spec.displayName,
    description: spec.description,
    nodeId: `s=${root}/MethodSet/${spec.name}`,
    modellingRule: "Mandatory",
    inputArguments: spec.inputs.map((input) => ({
      name: input.name,
      description: { text: input.description },
      dataType: uaTypeOf(input.dataType),
    })),
    outputArguments: [],
  });
}
