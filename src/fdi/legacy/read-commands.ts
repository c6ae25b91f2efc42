import { labelOf } from "#fdi/v2/names.ts";
import { type ElementReader, warn } from "#fdi/xml/element-reader.ts";
import type {
  ArgumentSpec,
  CommandBinding,
  CommandEffect,
  CommandSpec,
  ConfirmRule,
  PackageRole,
} from "#model/command-spec.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { parameterValueOf, settingProblemOf } from "#model/parameter-value.ts";
import type { Protocol } from "#model/protocol.ts";
import { nestedChildren, readLegacyRange, readLegacyUnit, readValues } from "./legacy-point.ts";
import { dataTypeOfWord, identifierOf } from "./vocabulary.ts";

/** What the name of an old command says about it; the first rule that fits counts. */
const rules: readonly {
  readonly words: RegExp;
  readonly effect: CommandEffect;
  readonly role: PackageRole;
  readonly timeoutMs: number;
}[] = [
  { words: /^get/i, effect: "query", role: "viewer", timeoutMs: 5000 },
  { words: /^(?:trip|open)$/i, effect: "trip", role: "operator", timeoutMs: 2000 },
  { words: /^close$/i, effect: "close", role: "operator", timeoutMs: 5000 },
  { words: /^(?:reset|clear)/i, effect: "reset", role: "maintenance", timeoutMs: 5000 },
  { words: /test|diagnostic/i, effect: "test", role: "maintenance", timeoutMs: 60_000 },
  { words: /(?:)/, effect: "configure", role: "maintenance", timeoutMs: 10_000 },
];

interface Surroundings {
  readonly parameters: readonly ParameterSpec[];
  readonly protocolNames: readonly string[];
}

/** Reads the section DeviceCommands. Effect, role, timeout, confirmation and bindings are assumed, each with a warning. */
export function readCommands(reader: ElementReader | undefined, around: Surroundings): readonly CommandSpec[] {
  const commands = reader?.children("Command").map((command) => {
    const spec = readCommand(command, around);
    command.finish();
    return spec;
  });
  reader?.finish();
  return commands ?? [];
}

function readCommand(reader: ElementReader, { parameters, protocolNames }: Surroundings): CommandSpec {
  const written = reader.required("name");
  const rule = rules.find(({ words }) => words.test(written));
  const { effect, role, timeoutMs } = rule ?? { effect: "configure", role: "maintenance", timeoutMs: 10_000 };
  const taken = parameters.some(({ name }) => name === identifierOf(written));
  const name = taken ? `${identifierOf(written)}Command` : identifierOf(written);
  const confirm = confirmOf(written, effect, parameters);
  const bindings = bindingsOf(written, effect, protocolNames);
  const how = confirm.by === "ack" ? "the device's answer" : `${confirm.parameter} == ${String(confirm.equals)}`;
  const via = Object.entries(bindings).map(([protocol, { address }]) => `${protocol} ${address}`);
  const said = `${effect}, role ${role}, ${timeoutMs} ms, confirmed by ${how}, sent as ${via.join(", ") || "nothing"}`;
  warn(reader.context, reader.element, "assumed", `command ${name}: ${said}`);
  return {
    name,
    displayName: labelOf(name),
    description: reader.optional("description") ?? "",
    effect,
    role,
    inputs: nestedChildren(reader, "Parameters", "Parameter").map(readLegacyArgument),
    timeoutMs,
    idempotent: effect === "trip" || effect === "query" || effect === "reset",
    confirm,
    bindings: withoutAnswer(reader, bindings),
  };
}

/** A trip or a close is confirmed by the switch state, where an enumeration has a value that says so. */
function confirmOf(name: string, effect: CommandEffect, parameters: readonly ParameterSpec[]): ConfirmRule {
  const wanted = effect === "close" ? ["Closed"] : /^open$/i.test(name) ? ["Open"] : ["Tripped", "Open"];
  if (effect !== "trip" && effect !== "close") return { by: "ack" };
  for (const state of wanted) {
    for (const parameter of parameters) {
      const value = parameter.enumeration.find((entry) => entry.name === state);
      if (value !== undefined) return { by: "state", parameter: parameter.name, equals: value.value };
    }
  }
  return { by: "ack" };
}

/** How the old breakers listen: DCMD metrics for switching, the command word on the LwM2M command topic for everything. */
function bindingsOf(
  name: string,
  effect: CommandEffect,
  protocolNames: readonly string[],
): Partial<Record<Protocol, CommandBinding>> {
  const bindings: Partial<Record<Protocol, CommandBinding>> = {};
  if (protocolNames.includes("SparkplugB") && /^(?:trip|close|reset)$/i.test(name)) {
    bindings.sparkplug = { address: `Command/${effect.charAt(0).toUpperCase()}${effect.slice(1)}`, value: true };
  }
  if (protocolNames.includes("LwM2M")) bindings.lwm2m = { address: name, value: true };
  return bindings;
}

/** The declared answer has no place in a command: how it ends is said by the confirm rule. */
function withoutAnswer<T>(reader: ElementReader, bindings: T): T {
  const response = reader.child("Response");
  const words = [response?.optional("type"), response?.optional("description"), reader.childText("ReturnType")];
  response?.finish();
  const text = words.filter((word) => word !== undefined && word !== "").join(", ");
  if (text !== "") warn(reader.context, reader.element, "not-kept", `answer of the command: ${text}`);
  return bindings;
}

/** Reads a `Parameter` of a command or test as an argument. */
export function readLegacyArgument(reader: ElementReader): ArgumentSpec {
  const written = reader.required("name");
  const type = reader.optional("type") ?? "String";
  const known = dataTypeOfWord(type);
  if (known === undefined) warn(reader.context, reader.element, "assumed", `${written}: a ${type} travels as text`);
  const dataType = known ?? "string";
  const unit = readLegacyUnit(reader);
  const range = readLegacyRange(reader);
  const spec: ArgumentSpec = {
    name: identifierOf(written),
    description: reader.optional("description") ?? "",
    dataType,
    required: isRequired(reader),
    ...(unit === undefined ? {} : { unit }),
    ...(range === undefined || dataType === "string" || dataType === "boolean" ? {} : { range }),
    choices: readValues(reader).map(({ name }) => name),
    addresses: {},
  };
  const withDefault = withArgumentDefault(reader, spec);
  reader.finish();
  return withDefault;
}

function isRequired(reader: ElementReader): boolean {
  const required = reader.optional("required") ?? reader.optional("mandatory");
  const optional = reader.optional("optional");
  if (required !== undefined) return required === "true";
  return optional !== "true" && reader.optional("default") === undefined;
}

function withArgumentDefault(reader: ElementReader, spec: ArgumentSpec): ArgumentSpec {
  const text = reader.optional("default");
  if (text === undefined) return spec;
  const value = parameterValueOf(text, { dataType: spec.dataType, enumeration: [] });
  const isChoice = spec.choices.length === 0 || spec.choices.includes(text);
  const shape = { enumeration: [], ...(spec.range === undefined ? {} : { range: spec.range }) };
  if (value !== undefined && isChoice && settingProblemOf(value, shape) === undefined) {
    return { ...spec, defaultValue: value };
  }
  warn(reader.context, reader.element, "not-understood", `${spec.name}: default="${text}"`);
  return spec;
}
