import { labelOf } from "#fdi/v2/names.ts";
import { isSwitching } from "#fdi/v2/read-alarm.ts";
import { type ElementReader, warn } from "#fdi/xml/element-reader.ts";
import type { AlarmAction, AlarmSpec, ConditionClass, Ne107Class } from "#model/alarm-spec.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { type LegacyCondition, legacyCondition } from "./legacy-condition.ts";
import { nestedChildren } from "./legacy-point.ts";
import { identifierOf, severityOfWord } from "./vocabulary.ts";

const defaultSeverity = 500;

/** What an alarm category of the old dialects means here. */
const categories: ReadonlyMap<string, { readonly class: ConditionClass; readonly ne107?: Ne107Class }> = new Map<
  string,
  { readonly class: ConditionClass; readonly ne107?: Ne107Class }
>([
  ["safety", { class: "safety" }],
  ["maintenance", { class: "maintenance", ne107: "M" }],
  ["communication", { class: "system", ne107: "F" }],
]);

const operators: ReadonlyMap<string, string> = new Map([
  ["greater_than", ">"],
  ["greater_than_or_equal", ">="],
  ["less_than", "<"],
  ["less_than_or_equal", "<="],
  ["equal", "=="],
  ["equals", "=="],
  ["not_equal", "!="],
  ["not_equals", "!="],
]);

/** Reads `Alarm` elements of the sections of all dialects; a condition that does not compile is kept as text. */
export function readAlarms(
  sections: readonly (ElementReader | undefined)[],
  parameters: readonly ParameterSpec[],
): readonly AlarmSpec[] {
  const byName = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  return sections.flatMap((section) => {
    const alarms = section?.children("Alarm").map((alarm) => {
      const spec = readAlarm(alarm, byName);
      alarm.finish();
      return spec;
    });
    section?.finish();
    return alarms ?? [];
  });
}

function readAlarm(reader: ElementReader, parameters: ReadonlyMap<string, ParameterSpec>): AlarmSpec {
  const name = identifierOf(reader.required("name"));
  const category = reader.optional("category") ?? "";
  const meaning = categories.get(category.toLowerCase()) ?? { class: "process" };
  const actions = readActions(reader);
  const prose = actions.filter(({ type }) => type === "").map((action) => action.name);
  const when = compiled(reader, conditionText(reader), parameters);
  const as = meaning.ne107 === undefined ? "" : `, NE 107 ${meaning.ne107}`;
  warn(reader.context, reader.element, "assumed", `alarm ${name}: class ${meaning.class}${as}`);
  return {
    name,
    displayName: labelOf(name),
    description: reader.optional("description") ?? reader.childText("Description"),
    type: /trip$/i.test(name) ? "trip" : meaning.class === "system" ? "system" : "off-normal",
    conditionClass: meaning.class,
    severity: readSeverity(reader),
    ...(meaning.ne107 === undefined ? {} : { ne107: meaning.ne107 }),
    when: when.condition,
    onDelayMs: 0,
    offDelayMs: 0,
    latched: false,
    category,
    message: labelOf(name),
    remedy: prose.join(" "),
    actions: actions.filter(({ type }) => type !== ""),
  };
}

function compiled(
  reader: ElementReader,
  text: string,
  parameters: ReadonlyMap<string, ParameterSpec>,
): LegacyCondition {
  const result = legacyCondition(text, parameters);
  for (const note of result.notes) {
    warn(reader.context, reader.element, "assumed", `${note}: "${text}" becomes "${result.condition.text}"`);
  }
  if (result.problem !== undefined) {
    warn(reader.context, reader.element, "not-evaluated", `"${text}" is kept as text: ${result.problem}`);
  }
  return result;
}

/** A `Trigger` (A), a text (B), or attributes of `Condition` elements (C), all of which must hold. */
function conditionText(reader: ElementReader): string {
  const trigger = reader.child("Trigger");
  const texts = trigger === undefined ? [] : [trigger.required("condition")];
  trigger?.finish();
  for (const condition of nestedChildren(reader, "Conditions", "Condition")) {
    texts.push(condition.text() || attributeCondition(condition));
    condition.finish();
  }
  return texts.length === 1 ? (texts[0] ?? "") : texts.map((text) => `(${text})`).join(" AND ");
}

function attributeCondition(reader: ElementReader): string {
  const name = reader.required("name");
  const type = reader.optional("type") ?? "";
  const value = reader.optional("value") ?? "";
  const units = reader.optional("units") ?? "";
  const operator = operators.get(reader.optional("operator") ?? "");
  if (operator !== undefined) return `${identifierOf(name)} ${operator} ${value} ${units}`.trim();
  return [type, name, value, units].filter((word) => word !== "").join(" ");
}

function readSeverity(reader: ElementReader): number {
  const word = reader.optional("severity") ?? "";
  const severity = severityOfWord(word);
  if (severity === undefined) {
    warn(reader.context, reader.element, "assumed", `severity "${word}" is taken for ${defaultSeverity}`);
  }
  return severity ?? defaultSeverity;
}

/** Typed actions (A), and prose (B) as actions without type. Switching is always left to the device. */
function readActions(reader: ElementReader): readonly AlarmAction[] {
  return nestedChildren(reader, "Actions", "Action").flatMap((action): AlarmAction[] => {
    const type = action.optional("type") ?? "";
    const name = action.optional("name") || action.text() || type;
    action.finish();
    if (name === "") warn(action.context, action.element, "not-kept", "an action that says nothing");
    return name === "" ? [] : [{ name, type, executedBy: isSwitching(type) ? "device" : "host" }];
  });
}
