import { HostError } from "#model/errors.ts";
import { Fields } from "./fields.ts";
import { readThreshold } from "./read-threshold.ts";
import {
  type RuleAction,
  type RuleCondition,
  type RuleDefinition,
  type RuleSeverity,
  ruleActions,
  ruleJoins,
  ruleOperators,
  ruleSeverities,
} from "./rule-definition.ts";

const maxConditions = 50;
const maxDelayS = 86_400;
const maxWindowS = 86_400;

/**
 * Reads a rule in the JSON shape of the rule tables (docs/alarms.md). Throws `argument-invalid` with the place, e.g.
 * `conditions[1].operator`, what was found and what is expected.
 */
export function readRule(value: unknown, id: number): RuleDefinition {
  const rule = Fields.of(value, "rule");
  const name = rule.text("rule_name", 100);
  if (name.includes("/")) throw rule.problem("rule_name", "a name without /");
  const conditions = rule
    .list("conditions")
    .slice(0, maxConditions + 1)
    .map(readCondition);
  if (conditions.length > maxConditions) throw rule.problem("conditions", `at most ${maxConditions}`);
  const when = rule.optionalText("when", 1_000);
  if ((conditions.length === 0) === (when === undefined)) {
    throw rule.problem("conditions", "at least one, or an expression in `when` instead");
  }
  const actions = [...rule.list("actions")].map((action, index) => Fields.of(action, `actions[${index}]`));
  const configs = actions.map((action) => action.optionalFields("action_config"));
  const priority = rule.number("priority", { least: 1, most: 10, fallback: 3 });
  return {
    id,
    name,
    description: rule.optionalText("description", 1_000) ?? "",
    deviceType: rule.optionalText("device_type", 200),
    category: rule.optionalText("category_name", 100) ?? "",
    isActive: rule.flag("is_active", true),
    priority,
    severity: severityOf([rule, ...configs], priority),
    autoAcknowledge: configs.some((config) => config?.flag("auto_acknowledge", false) === true),
    conditions,
    when,
    clearWhen: rule.optionalText("clear_when", 1_000),
    onDelayMs: rule.number("on_delay", { least: 0, most: maxDelayS, fallback: 0 }) * 1_000,
    offDelayMs: rule.number("off_delay", { least: 0, most: maxDelayS, fallback: 0 }) * 1_000,
    latched: rule.flag("latched", false),
    message: rule.optionalText("message", 1_000),
    remedy: rule.optionalText("remedy", 1_000) ?? "",
    actions: actions.map((action, index) => readAction(action, configs[index])),
    source: rule.all,
  };
}

function readCondition(value: unknown, index: number): RuleCondition {
  const condition = Fields.of(value, `conditions[${index}]`);
  const operator = condition.oneOf("operator", ruleOperators);
  const timeWindowS = condition.number("time_window", { least: 0, most: maxWindowS, fallback: 0 });
  if (timeWindowS === 0 && needsWindow.has(operator))
    throw condition.problem("time_window", `seconds above 0 for ${operator}`);
  return {
    fieldPath: condition.text("field_path", 200),
    operator,
    threshold: readThreshold(condition, operator),
    unit: condition.optionalText("threshold_unit", 20) ?? "",
    join: condition.oneOf("logical_operator", ruleJoins, "AND"),
    timeWindowS,
    consecutiveCount: condition.number("consecutive_count", { least: 1, most: 10_000, fallback: 1 }),
    description: condition.optionalText("description", 1_000) ?? "",
  };
}

const needsWindow: ReadonlySet<string> = new Set([
  "duration_gt",
  "duration_lt",
  "avg_gt",
  "avg_lt",
  "max_gt",
  "min_lt",
  "sum_gt",
  "count_gt",
]);

function readAction(action: Fields, config: Fields | undefined): RuleAction {
  const topic = config?.optionalText("topic", 200);
  // No slash: rules must not be able to publish where devices listen.
  if (topic !== undefined && !/^[A-Za-z0-9._-]+$/.test(topic)) {
    throw config?.problem("topic", "letters, digits, dots, - and _") ?? action.problem("topic", "a topic");
  }
  return { type: action.oneOf("action_type", ruleActions), topic };
}

/** Severity of the first action that names one; without it the priority speaks. */
function severityOf(places: readonly (Fields | undefined)[], priority: number): RuleSeverity {
  for (const fields of places) {
    if (fields?.has("severity") === true) return fields.oneOf("severity", ruleSeverities);
  }
  return ruleSeverities[Math.min(priority, ruleSeverities.length) - 1] ?? "low";
}

/**
 * Rules of the tables `alarm_rules`, `rule_conditions`, `rule_actions`, `alarm_categories` and `device_types`, each a list
 * of rows as objects, put together as one list in the JSON shape. Throws `argument-invalid`.
 */
export function rulesOfTables(tables: Readonly<Record<string, unknown>>): unknown[] {
  const rows = (name: string): Fields[] => {
    const list = tables[name] ?? [];
    if (!Array.isArray(list)) throw new HostError("argument-invalid", `${name}: expected a list of rows`);
    return list.map((row: unknown, index) => Fields.of(row, `${name}[${index}]`));
  };
  const [conditions, actions] = [rows("rule_conditions"), rows("rule_actions")];
  const [categories, types] = [rows("alarm_categories"), rows("device_types")];
  const named = (list: Fields[], id: unknown, name: string): unknown =>
    list.find((row) => row.all["id"] === id)?.all[name];
  const of = (list: Fields[], id: unknown, order: string): unknown[] =>
    list
      .filter((row) => row.all["rule_id"] === id)
      .sort((a, b) => Number(a.all[order] ?? 0) - Number(b.all[order] ?? 0))
      .map((row) => row.all);
  return rows("alarm_rules").map(({ all }) => ({
    ...all,
    device_type: all["device_type"] ?? named(types, all["device_type_id"], "device_type"),
    category_name: all["category_name"] ?? named(categories, all["category_id"], "category_name"),
    conditions: of(conditions, all["id"], "condition_order"),
    actions: of(actions, all["id"], "action_order"),
  }));
}
