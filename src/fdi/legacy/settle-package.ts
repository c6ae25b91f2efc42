import type { ArgumentSpec, CommandSpec } from "#model/command-spec.ts";
import type { PackageDefinition } from "#model/define-package.ts";
import type { DiagnosticTestSpec, SecuritySpec, TemplateSpec } from "#model/package-details.ts";
import type { EnumValue, ParameterSpec } from "#model/parameter-spec.ts";

export type LegacyDraft = Required<PackageDefinition>;

/**
 * Makes a package of an old dialect keep what dialect v2 asks of every package: names and addresses that occur once,
 * templates that set something. `note` gets a sentence for each thing that had to be renamed or left out.
 */
export function settlePackage(draft: LegacyDraft, note: (message: string) => void): LegacyDraft {
  const parameters = settleParameters(draft.parameters, note);
  const names = new Set(parameters.map(({ name }) => name));
  const commands = unique(draft.commands, note, names).map((command) => settleCommand(command, note));
  return {
    ...draft,
    parameters,
    commands,
    templates: unique(draft.templates, note).flatMap((template) => settleTemplate(template, note)),
    tests: unique(draft.tests, note).map((test) => ({
      ...withoutCommand(test),
      ...settleRun(test.command, draft.commands, commands),
      inputs: settleArguments(test.inputs, note),
      steps: unique(test.steps, note),
    })),
    alarms: unique(draft.alarms, note),
    events: unique(draft.events, note).map((event) => ({ ...event, fields: unique(event.fields, note) })),
    documents: unique(draft.documents, note),
    security: settleSecurity(draft.security, note),
    hostSettings: first(draft.hostSettings, ({ name }) => name, note),
  };
}

/** Renames what has a name that was there before: `Trip`, `Trip_2`. */
function unique<T extends { readonly name: string }>(
  items: readonly T[],
  note: (message: string) => void,
  taken: ReadonlySet<string> = new Set(),
): readonly T[] {
  const names = new Set(taken);
  return items.map((item) => {
    let name = item.name;
    for (let count = 2; names.has(name); count += 1) name = `${item.name.slice(0, 60)}_${count}`;
    names.add(name);
    if (name === item.name) return item;
    note(`a second ${item.name} is called ${name}`);
    return { ...item, name };
  });
}

/** Keeps the first of those that are the same by `key`. */
function first<T>(items: readonly T[], key: (item: T) => string, note: (message: string) => void): readonly T[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const isNew = !seen.has(key(item));
    seen.add(key(item));
    if (!isNew) note(`a second ${key(item)} is left out`);
    return isNew;
  });
}

function settleParameters(
  parameters: readonly ParameterSpec[],
  note: (message: string) => void,
): readonly ParameterSpec[] {
  const claimed = new Set<string>();
  return unique(parameters, note).map((parameter, index) => {
    const bindings = Object.entries(parameter.bindings).filter(([protocol, { address }]) => {
      const claim = `${protocol} address ${address}`;
      const isFree = !claimed.has(claim);
      claimed.add(claim);
      if (!isFree) note(`${parameter.name}: ${claim} belongs to another parameter`);
      return isFree;
    });
    return { ...parameter, index, bindings: Object.fromEntries(bindings), enumeration: settleValues(parameter, note) };
  });
}

function settleValues({ name, enumeration }: ParameterSpec, note: (message: string) => void): readonly EnumValue[] {
  const said = (message: string): void => note(`${name}: ${message}`);
  const whole = enumeration.filter(({ value }) => Number.isInteger(value));
  return unique(
    first(whole, ({ value }) => String(value), said),
    said,
  );
}

function settleCommand(command: CommandSpec, note: (message: string) => void): CommandSpec {
  return { ...command, inputs: settleArguments(command.inputs, note) };
}

function withoutCommand({ command: _command, ...test }: DiagnosticTestSpec): DiagnosticTestSpec {
  return test;
}

/** The command that runs a test, by the name that it has now: of two with one name the one that takes the arguments. */
function settleRun(
  run: DiagnosticTestSpec["command"],
  before: readonly CommandSpec[],
  after: readonly CommandSpec[],
): Pick<DiagnosticTestSpec, "command"> {
  if (run === undefined) return {};
  const wanted = Object.keys(run.arguments);
  const command = after.find(
    ({ inputs }, i) =>
      before[i]?.name === run.name && wanted.every((argument) => inputs.some(({ name }) => name === argument)),
  );
  return command === undefined ? {} : { command: { ...run, name: command.name } };
}

function settleArguments(inputs: readonly ArgumentSpec[], note: (message: string) => void): readonly ArgumentSpec[] {
  return unique(inputs, note);
}

function settleTemplate(template: TemplateSpec, note: (message: string) => void): TemplateSpec[] {
  const settings = first(
    template.settings,
    ({ parameter }) => parameter,
    (message) => note(`template ${template.name}: ${message}`),
  );
  if (settings.length > 0) return [{ ...template, settings }];
  note(`template ${template.name} sets nothing and is left out`);
  return [];
}

function settleSecurity(security: SecuritySpec, note: (message: string) => void): SecuritySpec {
  const levels = first(security.levels, ({ name }) => name, note);
  return {
    ...security,
    levels: levels.map((level) => ({ ...level, features: first(level.features, ({ name }) => name, note) })),
    roles: first(security.roles, ({ role }) => role, note),
  };
}
