import { isJsonObject, type JsonObject } from "#lib/read-json.ts";
import type { DataType } from "#model/data-type.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { type Unit, unitNamed } from "#model/unit.ts";

/** One value of a device type of the registry: a measurement, one of its phases or one of its components. */
export interface RegistryValue {
  /** JSON path below `measurements`. */
  readonly path: string;
  readonly group: string;
  /** The entry that describes it, with what it inherits from the measurement around it. */
  readonly fields: JsonObject;
}

/** Every value that the `measurements` of a device type consist of, in file order. */
export function registryValues(measurements: JsonObject): RegistryValue[] {
  return Object.entries(measurements).flatMap(([name, entry]) => {
    if (!isJsonObject(entry)) return [];
    const { phases, components, ...own } = entry;
    const group = `Operational/${pascalCase(name)}`;
    const inherited = { unit: own["unit"] };
    if (isJsonObject(components)) {
      return Object.entries(components).map(([part, fields]) => ({
        path: `${name}.${part}`,
        group,
        fields: { ...inherited, ...(isJsonObject(fields) ? fields : {}) },
      }));
    }
    if (Array.isArray(phases)) {
      return phases.map((phase) => ({ path: `${name}.${String(phase)}`, group, fields: own }));
    }
    return [{ path: name, group: "Operational", fields: own }];
  });
}

const dataTypesByWord: Readonly<Record<string, DataType>> = {
  float: "double",
  double: "double",
  number: "double",
  integer: "int32",
  int: "int32",
  boolean: "boolean",
  bool: "boolean",
  string: "string",
};

/** Components without a word about their type that hold yes or no. */
const booleanName = /_(?:detected|due|enabled|active|alarm)$/;

/** The parameter of a registry value; what the registry leaves open is read-only, measured and historized. */
export function registryParameter({ path, group, fields }: RegistryValue, index: number): ParameterSpec {
  const dataType = typeOf(path, fields);
  const values = integersIn(fields["valid_values"]);
  const isNumber = dataType === "double" || dataType === "int32";
  const [low, high] = [fields["min_value"], fields["max_value"]];
  const unit = isNumber ? unitOf(fields["unit"]) : undefined;
  const name = pascalCase(path);
  return {
    name,
    index,
    displayName: name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, " "),
    description: textIn(fields["description"]),
    dataType,
    ...(unit === undefined ? {} : { unit }),
    ...(isNumber && typeof low === "number" && typeof high === "number" && low < high ? { range: { low, high } } : {}),
    access: "read",
    class: "dynamic",
    enumeration: dataType === "int32" ? values.map((value) => ({ value, name: `Value${value}` })) : [],
    group,
    history: { historize: true, deadband: 0 },
    trustStale: dataType !== "boolean" && values.length === 0,
    bindings: { json: { address: path, scale: 1, offset: 0 } },
  };
}

function typeOf(path: string, fields: JsonObject): DataType {
  const word = dataTypesByWord[textIn(fields["data_type"]).toLowerCase()];
  if (word !== undefined) return word;
  const values = fields["valid_values"];
  if (Array.isArray(values) && values.length > 0) {
    if (values.every((value) => typeof value === "boolean")) return "boolean";
    return integersIn(values).length === values.length ? "int32" : "string";
  }
  const hasRange = typeof fields["max_value"] === "number";
  return !hasRange && booleanName.test(path) ? "boolean" : "double";
}

function integersIn(values: unknown): number[] {
  return Array.isArray(values) ? values.filter((value): value is number => Number.isInteger(value)) : [];
}

/** The unit that a symbol stands for; undefined when it is not known. */
export function unitOf(symbol: unknown): Unit | undefined {
  return typeof symbol === "string" ? unitNamed(symbol) : undefined;
}

export function textIn(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** `ground_fault_current` is GroundFaultCurrent; dots separate words as well. */
export function pascalCase(text: string): string {
  return text
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== "")
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join("");
}
