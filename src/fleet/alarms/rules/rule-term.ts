import type { Situation } from "#fleet/alarms/trigger.ts";
import type { ParameterValue } from "#model/data-type.ts";
import type { DevicePackage } from "#model/device-package.ts";
import { type Field, fieldOf, hasReported } from "./field.ts";
import type { RuleCondition, RuleOperator } from "./rule-definition.ts";
import type { RuleTerm } from "./term.ts";
import { timedTerm } from "./timed-term.ts";

/** The condition as a term; a text says which field the type does not have. */
export function ruleTermOf(condition: RuleCondition, pkg: DevicePackage, situation: Situation): RuleTerm | string {
  const field = fieldOf(condition.fieldPath, pkg, situation);
  if (field === undefined) return `${pkg.typeName} has no ${condition.fieldPath}`;
  const { operator, threshold } = condition;
  if (field.isMessage && operator !== "time_since_last") return `${condition.fieldPath} goes with time_since_last only`;
  if (threshold.kind === "fields") return relation(condition, field, pkg, situation);
  const timed = timedTerm(condition, field, situation);
  if (timed !== undefined) return timed;
  const everything = pkg.parameters.map(({ index }) => index);
  if (operator === "is_null" || operator === "is_not_null")
    return nullTerm(operator, { ...field, inputs: everything }, situation);
  const test = plainTest(condition, field);
  return {
    inputs: field.inputs,
    holds: () => {
      const value = field.value();
      return value === undefined ? undefined : test(value);
    },
  };
}

/** A value that is Bad or was never sent is null; before the device sent anything nothing can be told. */
function nullTerm(operator: RuleOperator, field: Field, situation: Situation): RuleTerm {
  const wanted = operator === "is_null";
  return {
    // Whatever comes tells that the device reports, with this field or without it.
    inputs: field.inputs,
    holds: () => {
      const isNull = field.value() === undefined;
      if (isNull && !hasReported(situation)) return undefined;
      return isNull === wanted;
    },
    sample: () => {},
  };
}

type Test = (value: ParameterValue) => boolean;

/** Operators that look at one value. */
function plainTest({ operator, threshold }: RuleCondition, field: Field): Test {
  const limit = threshold.kind === "value" ? field.threshold(threshold.value) : 0;
  const number = typeof limit === "number" ? limit : Number.NaN;
  const text = String(threshold.kind === "value" ? threshold.value : "");
  const inRange = rangeTest(threshold, field);
  const inList = listTest(threshold, field);
  const tests: Readonly<Partial<Record<RuleOperator, Test>>> = {
    eq: (value) => isSame(value, limit),
    ne: (value) => !isSame(value, limit),
    gt: (value) => typeof value === "number" && value > number,
    gte: (value) => typeof value === "number" && value >= number,
    lt: (value) => typeof value === "number" && value < number,
    lte: (value) => typeof value === "number" && value <= number,
    between: inRange,
    in_range: inRange,
    not_between: (value) => !inRange(value),
    out_of_range: (value) => !inRange(value),
    in: inList,
    not_in: (value) => !inList(value),
    ...textTests(text),
    array_contains: (value) => itemsOf(value).some((item) => String(item) === text),
    array_not_contains: (value) => !itemsOf(value).some((item) => String(item) === text),
    array_size: (value) => itemsOf(value).length === Number(text),
    array_empty: (value) => itemsOf(value).length === 0,
  };
  return tests[operator] ?? (() => false);
}

/** Longer texts are cut before a pattern looks at them. */
const maxMatched = 128;

function textTests(text: string): Readonly<Partial<Record<RuleOperator, Test>>> {
  const pattern = lazyPattern(text);
  return {
    contains: (value) => String(value).includes(text),
    not_contains: (value) => !String(value).includes(text),
    starts_with: (value) => String(value).startsWith(text),
    ends_with: (value) => String(value).endsWith(text),
    regex: (value) => pattern().test(String(value).slice(0, maxMatched)),
    not_regex: (value) => !pattern().test(String(value).slice(0, maxMatched)),
  };
}

function lazyPattern(text: string): () => RegExp {
  let pattern: RegExp | undefined;
  return () => (pattern ??= new RegExp(text, "u"));
}

function rangeTest(threshold: RuleCondition["threshold"], field: Field): Test {
  if (threshold.kind !== "range") return () => false;
  const [min, max] = [Number(field.threshold(threshold.min)), Number(field.threshold(threshold.max))];
  return (value) => typeof value === "number" && value >= min && value <= max;
}

function listTest(threshold: RuleCondition["threshold"], field: Field): Test {
  if (threshold.kind !== "list") return () => false;
  const values = threshold.values.map((value) => field.threshold(value));
  return (value) => values.some((wanted) => isSame(value, wanted));
}

/** Tables keep numbers as texts: a text and a number are the same when they read the same. */
function isSame(value: ParameterValue, wanted: ParameterValue): boolean {
  return value === wanted || String(value) === String(wanted);
}

/** The items of a text that holds a JSON list, or words with commas between. */
function itemsOf(value: ParameterValue): readonly unknown[] {
  const text = String(value).trim();
  if (text === "") return [];
  if (!text.startsWith("[")) return text.split(",").map((item) => item.trim());
  try {
    const items: unknown = JSON.parse(text);
    return Array.isArray(items) ? items : [];
  } catch {
    return [];
  }
}

/** Operators that compare several fields. */
// oxlint-disable-next-line max-params -- condition, its field, type, situation
function relation(condition: RuleCondition, field: Field, pkg: DevicePackage, situation: Situation): RuleTerm | string {
  const { operator, threshold } = condition;
  if (threshold.kind !== "fields") return "expected other fields";
  const others: Field[] = [];
  for (const path of threshold.fields) {
    const other = fieldOf(path, pkg, situation);
    if (other === undefined) return `${pkg.typeName} has no ${path}`;
    others.push(other);
  }
  const fields = [field, ...others];
  const limit = threshold.threshold;
  const inputs = [...new Set(fields.flatMap((one) => one.inputs))];
  const values = (): (number | undefined)[] => fields.map((one) => finite(one.value()));
  if (operator === "any_field_gt") return { inputs, holds: () => anyAbove(values(), fields, limit) };
  if (operator === "all_fields_gt") return { inputs, holds: () => allAbove(values(), fields, limit) };
  return {
    inputs,
    holds: () => {
      const [a, b] = values();
      if (a === undefined || b === undefined) return undefined;
      if (operator === "field_difference_gt") return Math.abs(a - b) > limit * Math.abs(field.scale);
      // Nothing can be told of a ratio to nothing.
      return b === 0 ? undefined : a / b > limit;
    },
  };
}

function anyAbove(
  values: readonly (number | undefined)[],
  fields: readonly Field[],
  limit: number,
): boolean | undefined {
  if (values.some((value, i) => value !== undefined && value > limitOf(fields[i], limit))) return true;
  return values.includes(undefined) ? undefined : false;
}

function allAbove(
  values: readonly (number | undefined)[],
  fields: readonly Field[],
  limit: number,
): boolean | undefined {
  if (values.some((value, i) => value !== undefined && value <= limitOf(fields[i], limit))) return false;
  return values.includes(undefined) ? undefined : true;
}

function limitOf(field: Field | undefined, limit: number): number {
  return Number(field?.threshold(limit) ?? limit);
}

function finite(value: ParameterValue | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}
