import { type DataType, integerRangeOf } from "#model/data-type.ts";
import { type DevicePackage, packageKey } from "#model/device-package.ts";
import type { ParameterSpec, PointBinding } from "#model/parameter-spec.ts";

/** A JSON Schema (draft 2020-12) as data. */
export type JsonSchema = {
  readonly [key: string]: JsonSchema | string | number | boolean | readonly (string | number)[];
};

interface Branch {
  readonly children: Map<string, Branch>;
  leaf: JsonSchema | undefined;
}

/**
 * The schema of a telemetry document of the package's JSON binding, in wire units: its addresses lie below `measurements`. Nothing is required, because a device
 * may send a part of its values, and members that the package does not know are allowed, because they are kept.
 */
export function telemetrySchema(pkg: DevicePackage): JsonSchema {
  const root: Branch = { children: new Map(), leaf: undefined };
  for (const parameter of pkg.parameters) {
    const binding = parameter.bindings.json;
    // Aggregates arrive in messages of another form.
    if (binding === undefined || binding.address.startsWith("trends.")) continue;
    let branch = childOf(root, "measurements");
    for (const part of binding.address.split(".")) branch = childOf(branch, part);
    branch.leaf = valueSchema(parameter, binding);
  }
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: `urn:fdi-host:schema:${packageKey(pkg)}`,
    title: `Telemetry of ${pkg.identity.manufacturer} ${pkg.identity.model}`,
    ...schemaOf(root),
  };
}

function childOf(branch: Branch, name: string): Branch {
  const known = branch.children.get(name);
  if (known !== undefined) return known;
  const child: Branch = { children: new Map(), leaf: undefined };
  branch.children.set(name, child);
  return child;
}

function schemaOf(branch: Branch): JsonSchema {
  if (branch.leaf !== undefined) return branch.leaf;
  const properties = Object.fromEntries([...branch.children].map(([name, child]) => [name, schemaOf(child)]));
  return { type: "object", properties };
}

/** What a value of the parameter looks like on the wire: package value = wire value * scale + offset. */
function valueSchema(parameter: ParameterSpec, binding: PointBinding): JsonSchema {
  const facts = {
    title: parameter.displayName,
    ...(parameter.description === "" ? {} : { description: parameter.description }),
    ...(parameter.unit === undefined || binding.scale !== 1 ? {} : { unit: parameter.unit.symbol }),
  };
  const { valueMap } = binding;
  if (valueMap !== undefined) return { ...facts, enum: [...valueMap.keys(), ...valueMap.values()] };
  if (parameter.enumeration.length > 0) return { ...facts, enum: parameter.enumeration.map(({ value }) => value) };
  return { ...facts, ...typeSchema(parameter.dataType, binding), ...limits(parameter, binding) };
}

function typeSchema(dataType: DataType, { scale, offset }: PointBinding): JsonSchema {
  if (dataType === "boolean" || dataType === "string") return { type: dataType };
  // Times arrive as ISO 8601 texts or as epoch numbers.
  if (dataType === "date-time") return { type: ["string", "number"] };
  const isWhole = integerRangeOf(dataType) !== undefined && scale === 1 && Number.isInteger(offset);
  return { type: isWhole ? "integer" : "number" };
}

function limits({ range }: ParameterSpec, { scale, offset }: PointBinding): JsonSchema {
  if (range === undefined) return {};
  const [a, b] = [(range.low - offset) / scale, (range.high - offset) / scale];
  return { minimum: Math.min(a, b), maximum: Math.max(a, b) };
}
