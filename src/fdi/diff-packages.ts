import type { DevicePackage } from "#model/device-package.ts";

export type DiffSection =
  | "package"
  | "parameter"
  | "command"
  | "rule"
  | "template"
  | "test"
  | "alarm"
  | "event"
  | "document";

/** One difference between two revisions. */
export interface PackageDifference {
  readonly kind: "added" | "removed" | "changed";
  readonly section: DiffSection;
  readonly name: string;
  /** What about it changed; empty when it was added or removed as a whole. */
  readonly field: string;
  readonly before: string;
  readonly after: string;
  /** True when a client, a device or stored data that fits the first revision may not fit the second. */
  readonly breaking: boolean;
}

type Facts = Readonly<Record<string, unknown>>;
type Judge = (field: string, before: unknown, after: unknown) => boolean;

/** The differences from `before` to `after`, section by section, in the order of the packages. */
export function diffPackages(before: DevicePackage, after: DevicePackage): readonly PackageDifference[] {
  const [old, now] = [factsOf(before), factsOf(after)];
  return sections.flatMap(({ section, judge, isBreakingToRemove }) =>
    diffSection(section, old[section], now[section], { judge, isBreakingToRemove }),
  );
}

function factsOf(pkg: DevicePackage): Readonly<Record<DiffSection, ReadonlyMap<string, Facts>>> {
  return {
    package: new Map([["", packageFacts(pkg)]]),
    parameter: byName(pkg.parameters),
    command: byName(pkg.commands),
    rule: byName(pkg.rules),
    template: byName(pkg.templates),
    test: byName(pkg.tests),
    alarm: byName(pkg.alarms),
    event: byName(pkg.events),
    document: byName(pkg.documents),
  };
}

function packageFacts({ typeName, namespaceUri, identity, detection, security, hostSettings }: DevicePackage): Facts {
  return { typeName, namespaceUri, ...identity, declaredTypes: detection.declaredTypes, security, hostSettings };
}

function byName(items: readonly { readonly name: string }[]): ReadonlyMap<string, Facts> {
  return new Map(items.map((item) => [item.name, { ...item }]));
}

const never: Judge = () => false;
const always: Judge = () => true;

const sections: readonly {
  readonly section: DiffSection;
  readonly judge: Judge;
  readonly isBreakingToRemove: boolean;
}[] = [
  { section: "package", judge: (field) => field === "typeName" || field === "namespaceUri", isBreakingToRemove: true },
  { section: "parameter", judge: parameterBreaks, isBreakingToRemove: true },
  { section: "command", judge: commandBreaks, isBreakingToRemove: true },
  { section: "rule", judge: always, isBreakingToRemove: false },
  { section: "template", judge: never, isBreakingToRemove: true },
  { section: "test", judge: never, isBreakingToRemove: true },
  { section: "alarm", judge: never, isBreakingToRemove: true },
  { section: "event", judge: eventBreaks, isBreakingToRemove: true },
  { section: "document", judge: never, isBreakingToRemove: false },
];

function diffSection(
  section: DiffSection,
  before: ReadonlyMap<string, Facts>,
  after: ReadonlyMap<string, Facts>,
  rules: { readonly judge: Judge; readonly isBreakingToRemove: boolean },
): PackageDifference[] {
  const removed = [...before.keys()]
    .filter((name) => !after.has(name))
    .map((name): PackageDifference => {
      return { kind: "removed", section, name, field: "", before: "", after: "", breaking: rules.isBreakingToRemove };
    });
  const rest = [...after].flatMap(([name, facts]): PackageDifference[] => {
    const old = before.get(name);
    // A new rule refuses settings that were accepted before.
    if (old === undefined) {
      return [{ kind: "added", section, name, field: "", before: "", after: "", breaking: section === "rule" }];
    }
    return changedFields(old, facts).map(([field, was, is]) => {
      const breaking = rules.judge(field, was, is);
      return { kind: "changed", section, name, field, before: textOf(was), after: textOf(is), breaking };
    });
  });
  return [...removed, ...rest];
}

function changedFields(before: Facts, after: Facts): (readonly [field: string, before: unknown, after: unknown])[] {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  return (
    [...fields]
      // The place of a parameter in its package is of no concern outside.
      .filter((field) => field !== "index" && textOf(before[field]) !== textOf(after[field]))
      .map((field) => [field, before[field], after[field]] as const)
  );
}

const parameterFieldsThatBreak = new Set(["dataType", "unit", "states", "validWhen"]);

function parameterBreaks(field: string, before: unknown, after: unknown): boolean {
  if (field === "access") return before === "read-write" || after === "write";
  if (field === "enumeration") return !containsAll(after, before);
  if (field === "range") return !isWiderRange(before, after);
  if (field === "bindings") return !keepsMembers(before, after);
  return parameterFieldsThatBreak.has(field);
}

const commandFieldsThatBreak = new Set(["confirm", "role", "effect", "select"]);

function commandBreaks(field: string, before: unknown, after: unknown): boolean {
  if (field === "bindings") return !keepsMembers(before, after);
  if (field === "inputs") return !areInputsCompatible(before, after);
  return commandFieldsThatBreak.has(field);
}

function eventBreaks(field: string, before: unknown, after: unknown): boolean {
  if (field === "addresses") return !keepsMembers(before, after);
  return field === "fields" && !containsAll(after, before);
}

/** Methods are called by position: the same arguments in the same order, none of them stricter than before. */
function areInputsCompatible(before: unknown, after: unknown): boolean {
  if (!Array.isArray(before) || !Array.isArray(after) || before.length !== after.length) return false;
  return before.every((input: unknown, i) => {
    const [old, now] = [membersOf(input), membersOf(after[i])];
    const isSame = ["name", "dataType", "unit"].every((key) => textOf(old.get(key)) === textOf(now.get(key)));
    const isLooser = now.get("required") === false || old.get("required") === true;
    const choices = textOf(now.get("choices")) === "[]" || containsAll(now.get("choices"), old.get("choices"));
    const range =
      textOf(old.get("range")) === textOf(now.get("range")) || isWiderRange(old.get("range"), now.get("range"));
    return isSame && isLooser && choices && range && keepsMembers(old.get("addresses"), now.get("addresses"));
  });
}

/** True when every member of `before` is in `after` unchanged: a protocol may come in addition. */
function keepsMembers(before: unknown, after: unknown): boolean {
  const now = membersOf(after);
  return [...membersOf(before)].every(([name, value]) => textOf(now.get(name)) === textOf(value));
}

function membersOf(value: unknown): ReadonlyMap<string, unknown> {
  return new Map<string, unknown>(typeof value === "object" && value !== null ? Object.entries(value) : []);
}

function containsAll(list: unknown, wanted: unknown): boolean {
  if (!Array.isArray(list) || !Array.isArray(wanted)) return false;
  const texts = new Set(list.map(textOf));
  return wanted.every((item) => texts.has(textOf(item)));
}

/** No limits are wider than any limits. */
function isWiderRange(before: unknown, after: unknown): boolean {
  if (after === undefined) return true;
  if (!isRange(before) || !isRange(after)) return false;
  return after.low <= before.low && after.high >= before.high;
}

function isRange(value: unknown): value is { readonly low: number; readonly high: number } {
  return typeof value === "object" && value !== null && "low" in value && "high" in value;
}

/** A value as comparable text; units, conditions and maps as what they say. */
function textOf(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value === "string") return value;
  return shortText(value) ?? JSON.stringify(value, (_key, inner: unknown) => shortText(inner) ?? inner);
}

function shortText(value: unknown): string | undefined {
  if (typeof value === "bigint") return String(value);
  if (value instanceof Map) return JSON.stringify([...(value as ReadonlyMap<unknown, unknown>)]);
  if (typeof value !== "object" || value === null) return undefined;
  if ("code" in value && typeof value.code === "string") return value.code;
  return "text" in value && typeof value.text === "string" ? value.text : undefined;
}
