import type { ElementReader } from "#fdi/xml/element-reader.ts";
import { type DataType, dataTypes, integerRangeOf } from "#model/data-type.ts";
import type { EnumValue, ParameterAccess, ParameterClass, ParameterSpec, Range } from "#model/parameter-spec.ts";
import { parameterValueOf, settingProblemOf } from "#model/parameter-value.ts";
import { type Unit, units } from "#model/unit.ts";
import { labelOf } from "./names.ts";
import { readPointBindings } from "./read-binding.ts";
import { type ParameterMap, readCondition } from "./read-condition.ts";
import { readId } from "./read-section.ts";

const parameterClasses = ["dynamic", "static", "rating", "local"] as const satisfies readonly ParameterClass[];
const accesses = ["read", "write", "read-write"] as const satisfies readonly ParameterAccess[];

/** The functional groups of OPC 10000-100, 5.4: the first part of every group path. */
const functionalGroups = new Set([
  "Identification",
  "Configuration",
  "Tuning",
  "Maintenance",
  "Diagnostics",
  "Statistics",
  "Status",
  "Operational",
  "OperationCounters",
]);

/** Reads one `Parameter` element, all but its conditions: they may name parameters that are not yet read. */
export function readParameter(reader: ElementReader, index: number): ParameterSpec {
  const name = readId(reader);
  const dataType = reader.oneOf("dataType", dataTypes);
  const access = reader.oneOf("access", accesses, "read");
  const parameterClass = reader.oneOf("class", parameterClasses, access === "read" ? "dynamic" : "static");
  const shape = { dataType, enumeration: readEnumeration(reader, dataType), ...readStates(reader, dataType) };
  const spec: ParameterSpec = {
    name,
    index,
    displayName: reader.optional("label") ?? labelOf(name),
    description: reader.childText("Description"),
    ...shape,
    ...readLimits(reader, dataType),
    access,
    class: parameterClass,
    group: readGroup(reader),
    history: readHistory(reader, parameterClass),
    trustStale: reader.boolean("trustStale", true),
    ...readSemantics(reader),
    bindings: readPointBindings(reader),
  };
  return readDefault(reader, spec);
}

/** Adds the conditions under which a parameter is shown and may be written. */
export function withConditions(reader: ElementReader, spec: ParameterSpec, parameters: ParameterMap): ParameterSpec {
  const visibleWhen = readCondition(reader, "visibleWhen", parameters);
  const validWhen = readCondition(reader, "validWhen", parameters);
  return {
    ...spec,
    ...(visibleWhen === undefined ? {} : { visibleWhen }),
    ...(validWhen === undefined ? {} : { validWhen }),
  };
}

function readEnumeration(reader: ElementReader, dataType: DataType): readonly EnumValue[] {
  const entries = reader.children("Enum").map(readEnumValue);
  if (entries.length === 0) return entries;
  if (integerRangeOf(dataType) === undefined) reader.failAttribute("dataType", "an integer type beside Enum elements");
  if (new Set(entries.map((entry) => entry.value)).size < entries.length) reader.fail("an Enum value occurs twice");
  if (new Set(entries.map((entry) => entry.name)).size < entries.length) reader.fail("an Enum name occurs twice");
  return entries;
}

function readEnumValue(reader: ElementReader): EnumValue {
  const value = reader.number("value");
  if (value === undefined || !Number.isInteger(value)) reader.failAttribute("value", "a whole number");
  const name = reader.required("name");
  reader.finish();
  return { value, name };
}

function readStates(reader: ElementReader, dataType: DataType): Pick<ParameterSpec, "states"> {
  const names = new Map<string, string>();
  for (const child of reader.children("State")) {
    names.set(child.oneOf("value", ["true", "false"]), child.required("name"));
    child.finish();
  }
  if (names.size === 0) return {};
  const [whenTrue, whenFalse] = [names.get("true"), names.get("false")];
  if (dataType !== "boolean") reader.failAttribute("dataType", "boolean beside State elements");
  if (whenTrue === undefined || whenFalse === undefined) reader.fail("expected one State for true and one for false");
  return { states: { true: whenTrue, false: whenFalse } };
}

function readLimits(reader: ElementReader, dataType: DataType): { unit?: Unit; range?: Range; step?: number } {
  const unit = readUnit(reader);
  const range = readRange(reader, dataType);
  const step = reader.number("step");
  if (step !== undefined && step <= 0) reader.failAttribute("step", "a number above 0");
  return {
    ...(unit === undefined ? {} : { unit }),
    ...(range === undefined ? {} : { range }),
    ...(step === undefined ? {} : { step }),
  };
}

/** The unit in the attribute `unit`, a UN/CEFACT code. */
export function readUnit(reader: ElementReader): Unit | undefined {
  const code = reader.optional("unit");
  if (code === undefined) return undefined;
  return units.get(code) ?? reader.failAttribute("unit", "a known UN/CEFACT code, e.g. AMP, VLT, SEC, C26, P1");
}

/** The closed interval `min` to `max` of a numeric element; undefined when neither is given. */
export function readRange(reader: ElementReader, dataType: DataType): Range | undefined {
  const low = reader.number("min");
  const high = reader.number("max");
  if (low === undefined && high === undefined) return undefined;
  if (dataType === "boolean" || dataType === "string" || dataType === "date-time") {
    reader.failAttribute(low === undefined ? "max" : "min", `no limits on a ${dataType}`);
  }
  if (low === undefined) reader.fail("attribute min is missing beside max");
  if (high === undefined) reader.fail("attribute max is missing beside min");
  if (low >= high) reader.failAttribute("max", `a number above min="${low}"`);
  return { low, high };
}

function readGroup(reader: ElementReader): string {
  const path = reader.matching(
    "group",
    /^[A-Za-z][A-Za-z0-9]*(?:\/[A-Za-z][A-Za-z0-9]*){0,3}$/,
    "names with / between",
  );
  const [first] = path.split("/");
  if (!functionalGroups.has(first ?? "")) {
    reader.failAttribute("group", `a path that starts with ${[...functionalGroups].join(", ")}`);
  }
  return path;
}

function readHistory(reader: ElementReader, parameterClass: ParameterClass): ParameterSpec["history"] {
  const historize = reader.oneOf("history", ["on", "off"], parameterClass === "rating" ? "off" : "on") === "on";
  const deadband = reader.number("deadband") ?? 0;
  if (deadband < 0) reader.failAttribute("deadband", "0 or a positive number");
  const heartbeatMs = reader.number("heartbeatMs");
  if (heartbeatMs !== undefined && heartbeatMs <= 0) reader.failAttribute("heartbeatMs", "a number above 0");
  return { historize, deadband, ...(heartbeatMs === undefined ? {} : { heartbeatMs }) };
}

function readSemantics(reader: ElementReader): Pick<ParameterSpec, "logicalNode" | "ansi"> {
  const logicalNode = reader.optional("logicalNode");
  const ansi = reader.optional("ansi");
  return { ...(logicalNode === undefined ? {} : { logicalNode }), ...(ansi === undefined ? {} : { ansi }) };
}

function readDefault(reader: ElementReader, spec: ParameterSpec): ParameterSpec {
  const text = reader.optional("default");
  if (text === undefined) return spec;
  const defaultValue =
    parameterValueOf(text, spec) ?? reader.failAttribute("default", `a value of type ${spec.dataType}`);
  const problem = settingProblemOf(defaultValue, spec);
  if (problem !== undefined) reader.failAttribute("default", problem.replace("expected ", ""));
  return { ...spec, defaultValue };
}
