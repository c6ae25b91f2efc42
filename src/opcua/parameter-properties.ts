import {
  type AddressSpace,
  DataType,
  type EUInformation,
  makeEUInformation,
  Range,
  type UAVariable,
  VariantArrayType,
  type VariantOptions,
} from "node-opcua";
import { InternalError } from "#model/errors.ts";
import type { EnumValue, ParameterSpec } from "#model/parameter-spec.ts";
import { type Unit, unitIdOf } from "#model/unit.ts";
import { uaValueOf } from "./ua-data-type.ts";

/** Variable types of OPC 10000-8 that parameters use. */
export type ParameterTypeName =
  | "AnalogUnitRangeType"
  | "AnalogUnitType"
  | "MultiStateValueDiscreteType"
  | "TwoStateDiscreteType"
  | "BaseDataVariableType";

export function parameterTypeNameOf(spec: ParameterSpec): ParameterTypeName {
  if (spec.enumeration.length > 0) return "MultiStateValueDiscreteType";
  if (spec.dataType === "boolean" && spec.states !== undefined) return "TwoStateDiscreteType";
  if (spec.unit === undefined) return "BaseDataVariableType";
  return spec.range === undefined ? "AnalogUnitType" : "AnalogUnitRangeType";
}

/** A property that the variable type of a parameter demands. */
export interface Property {
  readonly name: string;
  readonly dataType: string;
  readonly value: VariantOptions;
}

/** Adds the properties that the variable type of a parameter demands to its declaration; returns their nodes. */
export function declareProperties(
  addressSpace: AddressSpace,
  variable: UAVariable,
  spec: ParameterSpec,
  typeName: ParameterTypeName,
): UAVariable[] {
  return propertiesOf(addressSpace, spec, typeName).map(({ name, dataType, value }) =>
    variable.namespace.addVariable({
      browseName: { namespaceIndex: 0, name },
      nodeId: `s=${String(variable.nodeId.value)}/${name}`,
      propertyOf: variable,
      modellingRule: "Mandatory",
      dataType,
      ...(value.arrayType === VariantArrayType.Array ? { valueRank: 1, arrayDimensions: [0] } : {}),
      value,
    }),
  );
}

/** The properties that a parameter of that type has, with their values. */
export function propertiesOf(addressSpace: AddressSpace, spec: ParameterSpec, typeName: ParameterTypeName): Property[] {
  const unit = (): Property[] => (spec.unit === undefined ? [] : [unitProperty(spec.unit)]);
  switch (typeName) {
    case "AnalogUnitRangeType":
      return [rangeProperty(spec), ...unit()];
    case "AnalogUnitType":
      return unit();
    case "MultiStateValueDiscreteType":
      return [enumProperty(addressSpace, spec.enumeration)];
    case "TwoStateDiscreteType":
      return [textProperty("TrueState", spec.states?.true), textProperty("FalseState", spec.states?.false)];
    case "BaseDataVariableType":
      return [];
  }
}

function rangeProperty(spec: ParameterSpec): Property {
  const value = new Range({ low: spec.range?.low ?? 0, high: spec.range?.high ?? 0 });
  return { name: "EURange", dataType: "Range", value: { dataType: DataType.ExtensionObject, value } };
}

function unitProperty(unit: Unit): Property {
  const value = { dataType: DataType.ExtensionObject, value: euInformationOf(unit) };
  return { name: "EngineeringUnits", dataType: "EUInformation", value };
}

function textProperty(name: string, text: string | undefined): Property {
  const value = { dataType: DataType.LocalizedText, value: { text: text ?? "" } };
  return { name, dataType: "LocalizedText", value };
}

function enumProperty(addressSpace: AddressSpace, values: readonly EnumValue[]): Property {
  const type = addressSpace.findDataType("EnumValueType");
  if (type === null) throw new InternalError("data type EnumValueType is missing from the address space");
  const value = values.map((entry) =>
    addressSpace.constructExtensionObject(type, {
      value: uaValueOf("int64", entry.value, undefined),
      displayName: { text: entry.name },
      description: { text: entry.name },
    }),
  );
  return {
    name: "EnumValues",
    dataType: "EnumValueType",
    value: { dataType: DataType.ExtensionObject, arrayType: VariantArrayType.Array, value },
  };
}

function euInformationOf(unit: Unit): EUInformation {
  const information = makeEUInformation(unit.code, unit.symbol, unit.name);
  information.unitId = unitIdOf(unit.code);
  information.namespaceUri = "http://www.opcfoundation.org/UA/units/un/cefact";
  return information;
}
