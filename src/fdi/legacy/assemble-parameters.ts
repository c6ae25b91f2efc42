import { labelOf } from "#fdi/v2/names.ts";
import { type ReadContext, warn } from "#fdi/xml/element-reader.ts";
import { type DataType, integerRangeOf } from "#model/data-type.ts";
import type { ParameterClass, ParameterSpec, PointBinding } from "#model/parameter-spec.ts";
import { parameterValueOf, settingProblemOf } from "#model/parameter-value.ts";
import type { Protocol } from "#model/protocol.ts";
import type { PointDeclaration, PointSource } from "./legacy-point.ts";
import { dataTypeOfWord, identifierOf, unitOfText } from "./vocabulary.ts";

const precedence: readonly PointSource[] = ["metric", "resource", "template", "function", "device-parameter"];

/** What all places of the file together say about one quantity; the most telling declaration first. */
interface MergedPoint {
  readonly name: string;
  readonly declarations: readonly PointDeclaration[];
}

/**
 * Makes one parameter of all declarations of the same name. What the file leaves open (access, class, group, trust) is
 * decided here, each decision with a warning `assumed`.
 */
export function assembleParameters(
  declarations: readonly PointDeclaration[],
  access: ReadonlyMap<string, "read" | "read-write">,
  context: ReadContext,
): readonly ParameterSpec[] {
  const specs: ParameterSpec[] = [];
  for (const point of mergedByName(declarations)) {
    const spec = parameterOf(point, { index: specs.length, access: access.get(point.name), context });
    if (spec !== undefined) specs.push(spec);
  }
  return specs;
}

function mergedByName(declarations: readonly PointDeclaration[]): MergedPoint[] {
  const byName = new Map<string, PointDeclaration[]>();
  for (const declaration of declarations) {
    const list = byName.get(declaration.name) ?? [];
    list.push(declaration);
    byName.set(declaration.name, list);
  }
  return [...byName].map(([name, list]) => ({
    name,
    declarations: list.toSorted((a, b) => precedence.indexOf(b.source) - precedence.indexOf(a.source)),
  }));
}

interface Surroundings {
  readonly index: number;
  readonly access: "read" | "read-write" | undefined;
  readonly context: ReadContext;
}

function parameterOf({ name, declarations }: MergedPoint, around: Surroundings): ParameterSpec | undefined {
  const [first] = declarations;
  if (first === undefined) return undefined;
  const { context } = around;
  const valued = declarations.find(({ values }) => values.length > 0);
  const dataType = typeOf(declarations, valued);
  if (dataType === undefined) {
    warn(context, first, "not-kept", `${name}: type ${first.type} is no type of a parameter`);
    return undefined;
  }
  const use = useOf(first, dataType, around.access);
  const spec: ParameterSpec = {
    name: identifierOf(name),
    index: around.index,
    displayName: labelOf(identifierOf(name)),
    description: declarations.find(({ description }) => description !== "")?.description ?? "",
    dataType,
    ...limitsOf(declarations, dataType, valued, context),
    access: use.access,
    class: use.class,
    enumeration: valued?.values ?? [],
    group: use.group,
    history: { historize: use.class !== "rating", deadband: 0 },
    trustStale: use.class !== "dynamic" || (dataType !== "boolean" && valued === undefined),
    bindings: bindingsOf(declarations, valued),
  };
  say(spec, first, context);
  return withDefault(spec, declarations, context);
}

function say(spec: ParameterSpec, place: PointDeclaration, context: ReadContext): void {
  const stale = spec.trustStale ? "" : ", Bad when the device is silent";
  warn(context, place, "assumed", `${spec.name}: ${spec.access}, ${spec.class}, group ${spec.group}${stale}`);
  if (spec.enumeration.length > 0 && place.valuesAreTexts) {
    warn(context, place, "assumed", `${spec.name}: its texts become an enumeration that counts from 0`);
  }
  if (Object.keys(spec.bindings).length === 0) {
    warn(context, place, "unbound", `${spec.name}: no protocol binds it`);
  }
}

function typeOf(declarations: readonly PointDeclaration[], valued: PointDeclaration | undefined): DataType | undefined {
  if (valued?.valuesAreTexts === true) return "int32";
  // A resource or parameter knows more than the metric that carries it: a time travels as String.
  const telling = declarations.find(({ source }) => source !== "metric") ?? declarations[0];
  return telling === undefined ? undefined : dataTypeOfWord(telling.type);
}

interface Use {
  readonly access: "read" | "read-write";
  readonly class: ParameterClass;
  readonly group: string;
}

function useOf(first: PointDeclaration, dataType: DataType, access: "read" | "read-write" | undefined): Use {
  const { source, group } = first;
  if (source === "device-parameter") return { access: "read", class: "rating", group };
  if (source === "function" || source === "template" || group.startsWith("Configuration")) {
    return { access: "read-write", class: "static", group };
  }
  if (group === "Identification") {
    // The nameplate is texts; what changes beside it (battery, memory, clock) describes the state of the device.
    return dataType === "string"
      ? { access: "read", class: "rating", group }
      : { access: "read", class: "dynamic", group: "Diagnostics" };
  }
  // The position of a breaker is switched by commands, never by writing a value.
  const isWritten = access === "read-write" && first.values.length === 0;
  return isWritten ? { access, class: "static", group } : { access: "read", class: "dynamic", group };
}

function limitsOf(
  declarations: readonly PointDeclaration[],
  dataType: DataType,
  valued: PointDeclaration | undefined,
  context: ReadContext,
): Pick<ParameterSpec, "unit" | "range"> {
  const isNumber = dataType === "float" || dataType === "double" || integerRangeOf(dataType) !== undefined;
  const withUnit = declarations.find(({ units }) => units !== "");
  const unit = withUnit === undefined ? undefined : unitOfText(withUnit.units);
  if (withUnit !== undefined && unit === undefined) {
    warn(context, withUnit, "not-understood", `${withUnit.name}: unit "${withUnit.units}" is not known`);
  }
  const range = declarations.find((declaration) => declaration.range !== undefined)?.range;
  return {
    ...(unit === undefined || !isNumber ? {} : { unit }),
    ...(range === undefined || !isNumber || valued !== undefined ? {} : { range }),
  };
}

function bindingsOf(
  declarations: readonly PointDeclaration[],
  valued: PointDeclaration | undefined,
): ParameterSpec["bindings"] {
  const valueMap =
    valued?.valuesAreTexts === true ? new Map(valued.values.map(({ name, value }) => [name, value])) : undefined;
  const bindings: Partial<Record<Protocol, PointBinding>> = {};
  for (const declaration of declarations) {
    for (const protocol of ["sparkplug", "json", "lwm2m"] as const) {
      const address = declaration.bindings[protocol];
      if (address === undefined || bindings[protocol] !== undefined) continue;
      bindings[protocol] = { address, scale: 1, offset: 0, ...(valueMap === undefined ? {} : { valueMap }) };
    }
  }
  return bindings;
}

function withDefault(
  spec: ParameterSpec,
  declarations: readonly PointDeclaration[],
  context: ReadContext,
): ParameterSpec {
  const source = declarations.find(({ defaultText }) => defaultText !== undefined);
  if (source?.defaultText === undefined) return spec;
  const value = parameterValueOf(source.defaultText, spec);
  const problem = value === undefined ? `expected a ${spec.dataType}` : settingProblemOf(value, spec);
  if (value !== undefined && problem === undefined) return { ...spec, defaultValue: value };
  warn(context, source, "not-understood", `${spec.name}: default="${source.defaultText}": ${problem ?? ""}`);
  return spec;
}
