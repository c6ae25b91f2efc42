import type { ParameterValue } from "#model/data-type.ts";
import { Fields } from "./fields.ts";
import type { RuleOperator, Threshold } from "./rule-definition.ts";

const maxListLength = 1_000;
const maxPatternLength = 200;

/** Which kind of threshold each operator takes. */
const kinds: Readonly<Record<RuleOperator, Threshold["kind"] | "number" | "pattern">> = {
  eq: "value",
  ne: "value",
  gt: "number",
  gte: "number",
  lt: "number",
  lte: "number",
  is_null: "none",
  is_not_null: "none",
  between: "range",
  not_between: "range",
  in_range: "range",
  out_of_range: "range",
  in: "list",
  not_in: "list",
  contains: "value",
  not_contains: "value",
  starts_with: "value",
  ends_with: "value",
  regex: "pattern",
  not_regex: "pattern",
  array_contains: "value",
  array_not_contains: "value",
  array_size: "number",
  array_empty: "none",
  duration_gt: "number",
  duration_lt: "number",
  time_since_last: "number",
  consecutive_gt: "number",
  consecutive_lt: "number",
  avg_gt: "number",
  avg_lt: "number",
  max_gt: "number",
  min_lt: "number",
  sum_gt: "number",
  count_gt: "number",
  any_field_gt: "fields",
  all_fields_gt: "fields",
  field_ratio_gt: "fields",
  field_difference_gt: "fields",
};

/** Reads `threshold_value` of a condition as its operator needs it. Throws `argument-invalid`. */
export function readThreshold(condition: Fields, operator: RuleOperator): Threshold {
  const value = condition.all["threshold_value"];
  const problem = (expected: string) => condition.problem("threshold_value", expected);
  switch (kinds[operator]) {
    case "none":
      return { kind: "none" };
    case "number": {
      const number = numberOf(value);
      if (number === undefined) throw problem("a number");
      return { kind: "value", value: number };
    }
    case "pattern":
      if (typeof value !== "string" || !isPattern(value))
        throw problem(
          `a regular expression of up to ${maxPatternLength} characters, without repeated groups and with up to 3 repetitions`,
        );
      return { kind: "value", value };
    case "value": {
      const plain = plainOf(value);
      if (plain === undefined) throw problem("a number, a text, true or false");
      return { kind: "value", value: plain };
    }
    case "range": {
      const range = Fields.of(value, "threshold_value");
      const [min, max] = [numberOf(range.all["min"]), numberOf(range.all["max"])];
      if (min === undefined || max === undefined || min > max) throw problem('{"min": number, "max": number}');
      return { kind: "range", min, max };
    }
    case "list": {
      const values = listOf(value)?.map(plainOf);
      if (values === undefined || values.length > maxListLength)
        throw problem(`a list of up to ${maxListLength} values`);
      return { kind: "list", values: values.filter((plain) => plain !== undefined) };
    }
    case "fields":
      return readFields(value, problem);
  }
}

function readFields(value: unknown, problem: (expected: string) => Error): Threshold {
  const expected = '{"field": "path", "threshold": number}, or "fields" with a list of paths';
  if (typeof value !== "object" || value === null) throw problem(expected);
  const all = Fields.of(value, "threshold_value");
  const threshold = numberOf(all.all["threshold"]);
  const listed = all.has("fields") ? all.list("fields") : [all.all["field"]];
  const fields = listed.filter((field) => typeof field === "string");
  if (threshold === undefined || fields.length === 0 || fields.length !== listed.length) throw problem(expected);
  return { kind: "fields", fields, threshold };
}

/** A number, also one written as a text: `"125.0"`. */
function numberOf(value: unknown): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

/** Texts that stand for numbers or booleans are those: tables keep thresholds as texts. */
function plainOf(value: unknown): ParameterValue | undefined {
  if (typeof value === "boolean") return value;
  if (value === "true" || value === "false") return value === "true";
  return numberOf(value) ?? (typeof value === "string" ? value : undefined);
}

function listOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value.map((item: unknown) => item);
  return typeof value === "object" && value !== null && "values" in value ? listOf(value.values) : undefined;
}

/**
 * Repeated groups and many repetitions can take for ever on a long text: they are refused, and texts are cut before they
 * are matched.
 */
function isPattern(text: string): boolean {
  const plain = text.replaceAll(/\\./g, "x").replaceAll(/\[[^\]]*\]/g, "x");
  const repetitions = plain.match(/[+*{]/g)?.length ?? 0;
  if (text.length > maxPatternLength || /\)[+*{?]/.test(plain) || repetitions > 3) return false;
  try {
    return new RegExp(text, "u").source !== "";
  } catch {
    return false;
  }
}
