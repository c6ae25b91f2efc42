import {
  type AddressSpace,
  type ArgumentOptions,
  DataType,
  type Namespace,
  type UAMethod,
  type UAObject,
  type UAObjectType,
  type UAVariable,
} from "node-opcua";
import type { DevicePackage } from "#model/device-package.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { breakerMembersOf, breakerTypesUri, circuitBreakerTypeId } from "#opcua/nodesets/breaker-type.ts";
import type { DiModel } from "./di-model.ts";
import { isObjectTypeNode } from "./engine/node-guards.ts";
import { GroupTree } from "./group-tree.ts";
import { type ArgumentShape, type MethodShape, methodShapesOf } from "./method-arguments.ts";
import { declareNameplate } from "./nameplate.ts";
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
  readonly shape: MethodShape;
  readonly method: UAMethod;
}

/** The OPC UA side of one package revision: its ObjectType and what instances take from it. */
export interface DeviceTypeNodes {
  readonly package: DevicePackage;
  readonly namespace: Namespace;
  readonly objectType: UAObjectType;
  readonly parameters: readonly ParameterDeclaration[];
  readonly methods: readonly MethodDeclaration[];
  /** Nameplate properties that are the same for every device of the type. */
  readonly nameplate: readonly UAVariable[];
}

/** Builds the ObjectType of a package revision, a subtype of DI DeviceType, in the namespace of the package. */
export function buildDeviceType(addressSpace: AddressSpace, di: DiModel, pkg: DevicePackage): DeviceTypeNodes {
  const namespace = addressSpace.registerNamespace(pkg.namespaceUri);
  const root = `${pkg.typeName}/${pkg.revision}`;
  const base = baseTypeOf(addressSpace, di, pkg);
  const objectType = namespace.addObjectType({
    // Several revisions live side by side, and names of types are unique within a namespace.
    browseName: `${pkg.typeName}@${pkg.revision}`,
    displayName: `${pkg.typeName} ${pkg.revision}`,
    nodeId: `s=${root}`,
    subtypeOf: base.objectType,
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
  const parameters = pkg.parameters.map((spec) => declareParameter(addressSpace, parameterSet, spec, { root, base }));
  const methods = methodShapesOf(pkg).map((shape) => ({
    shape,
    method: declareMethod(methodSet, shape, { root, base }),
  }));
  const groups = new GroupTree(namespace, di, objectType, { key: `${root}/Groups`, modellingRule: "Mandatory" });
  for (const { spec, variable } of parameters) {
    groups.of(spec.group).addReference({ referenceType: "Organizes", nodeId: variable.nodeId });
  }
  return { package: pkg, namespace, objectType, parameters, methods, nameplate: declareNameplate(di, objectType, pkg) };
}

/** The type that a package's type derives from, and the members it takes over from there. */
interface BaseType {
  readonly objectType: UAObjectType;
  /** Namespace index of the names in `members`. */
  readonly namespaceIndex: number;
  readonly members: ReadonlySet<string>;
}

/** CircuitBreakerType for what is a circuit breaker, else DI DeviceType. */
function baseTypeOf(addressSpace: AddressSpace, di: DiModel, pkg: DevicePackage): BaseType {
  const members = breakerMembersOf(pkg);
  const namespaceIndex = addressSpace.getNamespaceIndex(breakerTypesUri);
  const breakerType = addressSpace.findNode(`ns=${Math.max(namespaceIndex, 0)};i=${circuitBreakerTypeId}`);
  if (members === undefined || namespaceIndex < 0 || !isObjectTypeNode(breakerType)) {
    return { objectType: di.deviceType, namespaceIndex: di.namespaceIndex, members: new Set() };
  }
  return { objectType: breakerType, namespaceIndex, members };
}

interface Declaring {
  /** Start of the NodeIds of the type's nodes. */
  readonly root: string;
  readonly base: BaseType;
}

/** A member of the base type keeps its name, everything else is named in the namespace of the package. */
function browseNameOf(name: string, owner: UAObject, base: BaseType): { namespaceIndex: number; name: string } {
  return { namespaceIndex: base.members.has(name) ? base.namespaceIndex : owner.nodeId.namespace, name };
}

/** The AccessLevel words of a parameter (OPC 10000-3, 8.57). */
export function accessLevelOf({ access, history }: ParameterSpec): string {
  const words = [
    access === "write" ? "" : "CurrentRead",
    access === "read" ? "" : "CurrentWrite",
    history.historize ? "HistoryRead | HistoryWrite" : "",
  ];
  return words.filter((word) => word !== "").join(" | ");
}

function declareParameter(
  addressSpace: AddressSpace,
  parameterSet: UAObject,
  spec: ParameterSpec,
  { root, base }: Declaring,
): ParameterDeclaration {
  const typeName = parameterTypeNameOf(spec);
  const variable = parameterSet.namespace.addVariable({
    browseName: browseNameOf(spec.name, parameterSet, base),
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
  if (typeName === "MultiStateValueDiscreteType") declareValueAsText(variable);
  return { spec, typeName, variable, shared: declareProperties(addressSpace, variable, spec, typeName) };
}

/** Mandatory on the type (OPC 10000-8, 5.3.3.4) but each device's own: its text follows the value. */
function declareValueAsText(variable: UAVariable): void {
  variable.namespace.addVariable({
    browseName: { namespaceIndex: 0, name: "ValueAsText" },
    nodeId: `s=${String(variable.nodeId.value)}/ValueAsText`,
    propertyOf: variable,
    modellingRule: "Mandatory",
    dataType: DataType.LocalizedText,
    value: { dataType: DataType.LocalizedText, value: { text: "" } },
  });
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

function declareMethod(methodSet: UAObject, shape: MethodShape, { root, base }: Declaring): UAMethod {
  return methodSet.namespace.addMethod(methodSet, {
    browseName: browseNameOf(shape.name, methodSet, base),
    displayName: shape.displayName,
    description: shape.description,
    nodeId: `s=${root}/MethodSet/${shape.name}`,
    modellingRule: "Mandatory",
    inputArguments: shape.inputs.map(argumentOf),
    outputArguments: shape.outputs.map(argumentOf),
  });
}

function argumentOf({ name, description, dataType, isArray = false }: ArgumentShape): ArgumentOptions {
  return { name, description: { text: description }, dataType, valueRank: isArray ? 1 : -1 };
}
