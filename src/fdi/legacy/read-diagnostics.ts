import { labelOf } from "#fdi/v2/names.ts";
import { type ElementReader, warn } from "#fdi/xml/element-reader.ts";
import type { CommandSpec } from "#model/command-spec.ts";
import type { DiagnosticTestSpec, EventField, EventSpec } from "#model/package-details.ts";
import { nestedChildren, readLegacyUnit } from "./legacy-point.ts";
import { readLegacyArgument } from "./read-commands.ts";
import { dataTypeOfWord, durationOf, identifierOf } from "./vocabulary.ts";

/** Events of the old dialects carry no severity: an ordinary message. */
const eventSeverity = 200;

/** Reads the section DiagnosticTests; a test is tied to the command whose argument offers its name. */
export function readTests(
  reader: ElementReader | undefined,
  commands: readonly CommandSpec[],
): readonly DiagnosticTestSpec[] {
  const tests = reader?.children("Test").map((test) => {
    const spec = readTest(test, commands);
    test.finish();
    return spec;
  });
  reader?.finish();
  return tests ?? [];
}

function readTest(reader: ElementReader, commands: readonly CommandSpec[]): DiagnosticTestSpec {
  const name = identifierOf(reader.required("name"));
  const durationMs = readDuration(reader);
  const command = commandOf(name, commands);
  if (command !== undefined) {
    warn(reader.context, reader.element, "assumed", `test ${name}: run by command ${command.name}`);
  }
  return {
    name,
    displayName: labelOf(name),
    description: reader.optional("description") ?? reader.childText("Description"),
    category: reader.optional("category") ?? "",
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(command === undefined ? {} : { command }),
    inputs: nestedChildren(reader, "Parameters", "Parameter").map(readLegacyArgument),
    steps: nestedChildren(reader, "Steps", "Step").map((step) => {
      const result = {
        name: identifierOf(step.required("name")),
        description: step.optional("description") ?? "",
      };
      step.finish();
      return result;
    }),
    expectedResult: reader.childText("ExpectedResult"),
  };
}

function readDuration(reader: ElementReader): number | undefined {
  const value = reader.number("duration");
  const unit = reader.optional("units") ?? "";
  if (value === undefined) return undefined;
  const durationMs = durationOf(value, unit);
  if (durationMs === undefined) warn(reader.context, reader.element, "not-understood", `duration in "${unit}"`);
  return durationMs;
}

function commandOf(test: string, commands: readonly CommandSpec[]): DiagnosticTestSpec["command"] {
  for (const { name, inputs } of commands) {
    const argument = inputs.find(({ choices }) => choices.includes(test));
    if (argument !== undefined) return { name, arguments: { [argument.name]: test } };
  }
  return undefined;
}

/** Reads the section DeviceEvents. */
export function readEvents(reader: ElementReader | undefined): readonly EventSpec[] {
  const events = reader?.children("Event").map((event): EventSpec => {
    const name = identifierOf(event.required("name"));
    const spec: EventSpec = {
      name,
      displayName: labelOf(name),
      description: event.optional("description") ?? "",
      severity: eventSeverity,
      fields: nestedChildren(event, "Parameters", "Parameter").map(readField),
      addresses: {},
    };
    warn(event.context, event.element, "assumed", `event ${name}: severity ${eventSeverity}`);
    event.finish();
    return spec;
  });
  reader?.finish();
  return events ?? [];
}

function readField(reader: ElementReader): EventField {
  const name = reader.required("name");
  const type = reader.optional("type") ?? "String";
  const dataType = dataTypeOfWord(type);
  if (dataType === undefined) warn(reader.context, reader.element, "assumed", `${name}: a ${type} travels as text`);
  const unit = readLegacyUnit(reader);
  const field: EventField = {
    name: identifierOf(name),
    dataType: dataType ?? "string",
    ...(unit === undefined ? {} : { unit }),
    description: reader.optional("description") ?? "",
  };
  reader.finish();
  return field;
}
