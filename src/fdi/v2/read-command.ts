import type { ElementReader } from "#fdi/xml/element-reader.ts";
import {
  type ArgumentSpec,
  type CommandSpec,
  type ConfirmRule,
  commandEffects,
  type InterlockSpec,
  type PackageRole,
  packageRoles,
  type SelectSpec,
} from "#model/command-spec.ts";
import { dataTypes, type ParameterValue } from "#model/data-type.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { parameterValueOf, settingProblemOf } from "#model/parameter-value.ts";
import { labelOf } from "./names.ts";
import { readAddresses, readCommandBindings } from "./read-binding.ts";
import { type ParameterMap, readCondition, requiredCondition } from "./read-condition.ts";
import { readRange, readUnit } from "./read-parameter.ts";
import { readId, readNamed } from "./read-section.ts";

const maxTimeoutMs = 600_000;

/** Reads one `Command` element; its confirm rule and conditions may name any of `parameters`. */
export function readCommand(reader: ElementReader, parameters: ParameterMap): CommandSpec {
  const name = readId(reader);
  const interlocks = readNamed(reader, "Interlock", (child) => readInterlock(child, parameters));
  const select = reader.child("Select");
  const spec: CommandSpec = {
    name,
    displayName: reader.optional("label") ?? labelOf(name),
    description: reader.childText("Description"),
    effect: reader.oneOf("effect", commandEffects),
    role: reader.oneOf("role", packageRoles, "operator"),
    inputs: reader.children("Argument").map(readArgument),
    timeoutMs: readTimeout(reader),
    idempotent: reader.boolean("idempotent", false),
    confirm: readConfirm(reader.requiredChild("Confirm"), parameters),
    ...(interlocks.length === 0 ? {} : { interlocks }),
    ...(select === undefined ? {} : { select: readSelect(select, parameters) }),
    bindings: readCommandBindings(reader),
  };
  if (new Set(spec.inputs.map((input) => input.name)).size < spec.inputs.length)
    reader.fail("an Argument occurs twice");
  if (spec.effect === "trip" && interlocks.length > 0)
    reader.fail("opening is the safe direction: no Interlock on a trip");
  return spec;
}

function readTimeout(reader: ElementReader): number {
  const timeoutMs = reader.number("timeoutMs") ?? reader.fail("attribute timeoutMs is missing");
  if (Number.isInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs <= maxTimeoutMs) return timeoutMs;
  return reader.failAttribute("timeoutMs", `1 to ${maxTimeoutMs} milliseconds`);
}

function readInterlock(reader: ElementReader, parameters: ParameterMap): InterlockSpec {
  const name = readId(reader);
  const addCause = reader.number("addCause");
  if (addCause !== undefined && (!Number.isInteger(addCause) || addCause < 0 || addCause > 255)) {
    reader.failAttribute("addCause", "an AddCause number, 0 to 255");
  }
  return {
    name,
    condition: requiredCondition(reader, "condition", parameters),
    message: reader.text() || labelOf(name),
    ...(addCause === undefined ? {} : { addCause }),
  };
}

function readSelect(reader: ElementReader, parameters: ParameterMap): SelectSpec {
  const when = readCondition(reader, "when", parameters);
  const select = { timeoutMs: readTimeout(reader), ...(when === undefined ? {} : { when }) };
  reader.finish();
  return select;
}

/** Reads one `Argument` element of a command or a test. */
export function readArgument(reader: ElementReader): ArgumentSpec {
  const dataType = reader.oneOf("dataType", dataTypes);
  const unit = readUnit(reader);
  const range = readRange(reader, dataType);
  const spec: ArgumentSpec = {
    name: readId(reader),
    description: reader.childText("Description"),
    dataType,
    required: reader.boolean("required", true),
    ...(unit === undefined ? {} : { unit }),
    ...(range === undefined ? {} : { range }),
    ...readChoices(reader),
    addresses: readAddresses(reader),
  };
  const withDefault = readArgumentDefault(reader, spec);
  reader.finish();
  return withDefault;
}

/** Allowed texts, and the roles that some of them need instead of the command's. */
function readChoices(reader: ElementReader): Pick<ArgumentSpec, "choices" | "choiceRoles"> {
  const roles = new Map<string, PackageRole>();
  const choices = reader.children("Choice").map((child) => {
    const text = child.text();
    if (text === "") child.fail("expected a text");
    if (child.optional("role") !== undefined) roles.set(text, child.oneOf("role", packageRoles));
    child.finish();
    return text;
  });
  return { choices, ...(roles.size === 0 ? {} : { choiceRoles: Object.fromEntries(roles) }) };
}

function readArgumentDefault(reader: ElementReader, spec: ArgumentSpec): ArgumentSpec {
  const text = reader.optional("default");
  if (text === undefined) return spec;
  const value = parameterValueOf(text, { dataType: spec.dataType, enumeration: [] });
  if (value === undefined) reader.failAttribute("default", `a value of type ${spec.dataType}`);
  if (spec.choices.length > 0 && !spec.choices.includes(text)) {
    reader.failAttribute("default", `one of ${spec.choices.join(", ")}`);
  }
  const { range } = spec;
  if (range !== undefined && typeof value === "number" && (value < range.low || value > range.high)) {
    reader.failAttribute("default", `${range.low} to ${range.high}`);
  }
  return { ...spec, defaultValue: value };
}

function readConfirm(reader: ElementReader, parameters: ParameterMap): ConfirmRule {
  if (reader.oneOf("by", ["ack", "state"]) === "ack") {
    reader.finish();
    return { by: "ack" };
  }
  const parameter = reader.required("parameter");
  const spec = parameters.get(parameter) ?? reader.failAttribute("parameter", "the id of a parameter of this package");
  const equals = readProof(reader, spec);
  const or = reader.children("Or").map((child) => {
    const value = readProof(child, spec);
    child.finish();
    return value;
  });
  reader.finish();
  return { by: "state", parameter, equals, ...(or.length === 0 ? {} : { or }) };
}

function readProof(reader: ElementReader, spec: ParameterSpec): ParameterValue {
  const equals = parameterValueOf(reader.required("equals"), spec);
  if (equals === undefined) return reader.failAttribute("equals", `a value of ${spec.name}`);
  const problem = settingProblemOf(equals, spec);
  if (problem !== undefined) reader.failAttribute("equals", problem.replace("expected ", ""));
  return equals;
}
