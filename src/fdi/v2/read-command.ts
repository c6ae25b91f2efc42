import type { ElementReader } from "#fdi/xml/element-reader.ts";
import {
  type ArgumentSpec,
  type CommandSpec,
  type ConfirmRule,
  commandEffects,
  packageRoles,
} from "#model/command-spec.ts";
import { dataTypes } from "#model/data-type.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { parameterValueOf, settingProblemOf } from "#model/parameter-value.ts";
import { labelOf } from "./names.ts";
import { readAddresses, readCommandBindings } from "./read-binding.ts";
import { readRange, readUnit } from "./read-parameter.ts";
import { readId } from "./read-section.ts";

const maxTimeoutMs = 600_000;

/** Reads one `Command` element; its confirm rule may name any of `parameters`. */
export function readCommand(reader: ElementReader, parameters: ReadonlyMap<string, ParameterSpec>): CommandSpec {
  const name = readId(reader);
  const timeoutMs = reader.number("timeoutMs") ?? reader.fail("attribute timeoutMs is missing");
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > maxTimeoutMs) {
    reader.failAttribute("timeoutMs", `1 to ${maxTimeoutMs} milliseconds`);
  }
  const spec: CommandSpec = {
    name,
    displayName: reader.optional("label") ?? labelOf(name),
    description: reader.childText("Description"),
    effect: reader.oneOf("effect", commandEffects),
    role: reader.oneOf("role", packageRoles, "operator"),
    inputs: reader.children("Argument").map(readArgument),
    timeoutMs,
    idempotent: reader.boolean("idempotent", false),
    confirm: readConfirm(reader.requiredChild("Confirm"), parameters),
    bindings: readCommandBindings(reader),
  };
  if (new Set(spec.inputs.map((input) => input.name)).size < spec.inputs.length)
    reader.fail("an Argument occurs twice");
  return spec;
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
    choices: readChoices(reader),
    addresses: readAddresses(reader),
  };
  const withDefault = readArgumentDefault(reader, spec);
  reader.finish();
  return withDefault;
}

function readChoices(reader: ElementReader): readonly string[] {
  return reader.children("Choice").map((child) => {
    const text = child.text();
    if (text === "") child.fail("expected a text");
    child.finish();
    return text;
  });
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

function readConfirm(reader: ElementReader, parameters: ReadonlyMap<string, ParameterSpec>): ConfirmRule {
  if (reader.oneOf("by", ["ack", "state"]) === "ack") {
    reader.finish();
    return { by: "ack" };
  }
  const parameter = reader.required("parameter");
  const spec = parameters.get(parameter) ?? reader.failAttribute("parameter", "the id of a parameter of this package");
  const equals = parameterValueOf(reader.required("equals"), spec);
  if (equals === undefined) reader.failAttribute("equals", `a value of ${parameter}`);
  const problem = settingProblemOf(equals, spec);
  if (problem !== undefined) reader.failAttribute("equals", problem.replace("expected ", ""));
  reader.finish();
  return { by: "state", parameter, equals };
}
