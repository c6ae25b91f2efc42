import type { ElementReader } from "#fdi/xml/element-reader.ts";
import type { CommandSpec } from "#model/command-spec.ts";
import type {
  DiagnosticTestSpec,
  RuleSpec,
  TemplateSetting,
  TemplateSpec,
  TestReportSpec,
  TestStep,
} from "#model/package-details.ts";
import { parameterValueOf, settingProblemOf } from "#model/parameter-value.ts";
import { labelOf } from "./names.ts";
import { readArgument } from "./read-command.ts";
import { type ParameterMap, readCondition, requiredCondition } from "./read-condition.ts";
import { readId, readMilliseconds, readNamed } from "./read-section.ts";

const maxTestMs = 86_400_000;

/** Reads one `Rule` element: what must hold between settings, and the text that says so. */
export function readRule(reader: ElementReader, parameters: ParameterMap): RuleSpec {
  const name = readId(reader);
  return {
    name,
    condition: requiredCondition(reader, "condition", parameters),
    message: reader.text() || labelOf(name),
  };
}

/** Reads one `Template` element; each setting must be a value that its parameter accepts. */
export function readTemplate(reader: ElementReader, parameters: ParameterMap): TemplateSpec {
  const name = readId(reader);
  const settings = reader.children("Setting").map((child) => readSetting(child, parameters));
  if (settings.length === 0) reader.fail("expected at least one Setting");
  if (new Set(settings.map(({ parameter }) => parameter)).size < settings.length)
    reader.fail("a parameter is set twice");
  return {
    name,
    displayName: reader.optional("label") ?? labelOf(name),
    description: reader.childText("Description"),
    settings,
  };
}

function readSetting(reader: ElementReader, parameters: ParameterMap): TemplateSetting {
  const parameter = reader.required("parameter");
  const spec = parameters.get(parameter);
  if (spec === undefined || spec.access === "read") {
    return reader.failAttribute("parameter", "the id of a parameter that can be written");
  }
  // An empty text is a value, too.
  const value = parameterValueOf(reader.optional("value") ?? reader.fail("attribute value is missing"), spec);
  if (value === undefined) return reader.failAttribute("value", `a value of ${parameter}`);
  const problem = settingProblemOf(value, spec);
  if (problem !== undefined) reader.failAttribute("value", problem.replace("expected ", ""));
  reader.finish();
  return { parameter, value };
}

/** Reads one diagnostic `Test` element. */
export function readTest(
  reader: ElementReader,
  parameters: ParameterMap,
  commands: ReadonlyMap<string, CommandSpec>,
): DiagnosticTestSpec {
  const name = readId(reader);
  const durationMs = readMilliseconds(reader, "durationMs", maxTestMs);
  const run = reader.child("Run");
  const report = reader.child("Report");
  return {
    name,
    displayName: reader.optional("label") ?? labelOf(name),
    description: reader.childText("Description"),
    category: reader.optional("category") ?? "",
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(run === undefined ? {} : { command: readRun(run, commands) }),
    inputs: reader.children("Argument").map(readArgument),
    steps: readNamed(reader, "Step", (child) => readStep(child, parameters)),
    ...(report === undefined ? {} : { report: readReport(report, parameters) }),
    expectedResult: reader.childText("ExpectedResult"),
  };
}

function readRun(
  reader: ElementReader,
  commands: ReadonlyMap<string, CommandSpec>,
): NonNullable<DiagnosticTestSpec["command"]> {
  const name = reader.required("command");
  const command = commands.get(name) ?? reader.failAttribute("command", "the id of a command of this package");
  const values = reader.children("With").map((child): [string, string] => {
    const argument = child.required("argument");
    if (!command.inputs.some((input) => input.name === argument)) {
      child.failAttribute("argument", `an argument of command ${name}`);
    }
    const value = child.required("value");
    child.finish();
    return [argument, value];
  });
  reader.finish();
  return { name, arguments: Object.fromEntries(values) };
}

function readReport(reader: ElementReader, parameters: ParameterMap): TestReportSpec {
  const parameter = reader.required("parameter");
  if (parameters.get(parameter)?.dataType !== "string")
    reader.failAttribute("parameter", "the id of a string parameter");
  const progress = reader.optional("progress");
  if (progress !== undefined && !parameters.has(progress)) reader.failAttribute("progress", "the id of a parameter");
  reader.finish();
  return { parameter, ...(progress === undefined ? {} : { progress }) };
}

function readStep(reader: ElementReader, parameters: ParameterMap): TestStep {
  const name = readId(reader);
  const durationMs = readMilliseconds(reader, "durationMs", maxTestMs);
  const expect = readCondition(reader, "expect", parameters);
  return {
    name,
    description: reader.childText("Description"),
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(expect === undefined ? {} : { expect }),
  };
}
