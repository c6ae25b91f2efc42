import type { AlarmSpec, ConditionClass } from "#model/alarm-spec.ts";
import type { RuleCondition, RuleDefinition, RuleSeverity } from "./rule-definition.ts";

/** OPC 10000-5, 6.4.2: 1 to 1000. */
const severities: Readonly<Record<RuleSeverity, number>> = { critical: 1000, high: 800, medium: 500, low: 200 };

const classes: Readonly<Record<string, ConditionClass>> = {
  safety: "safety",
  maintenance: "maintenance",
  communication: "system",
};

/** What a rule is as an alarm of a device type. */
export function alarmSpecOf(rule: RuleDefinition): AlarmSpec {
  const text = rule.when ?? rule.conditions.map(conditionText).join(" ");
  return {
    name: rule.name,
    displayName: rule.name,
    description: rule.description,
    type: "off-normal",
    conditionClass: classes[rule.category.toLowerCase()] ?? "process",
    severity: severities[rule.severity],
    when: { text },
    ...(rule.clearWhen === undefined ? {} : { clearWhen: { text: rule.clearWhen } }),
    onDelayMs: rule.onDelayMs,
    offDelayMs: rule.offDelayMs,
    latched: rule.latched,
    category: rule.category,
    priority: rule.priority,
    autoAcknowledge: rule.autoAcknowledge,
    message: rule.message ?? (rule.description || `${rule.name}.`),
    remedy: rule.remedy,
    actions: rule.actions.map(({ type, topic }) => ({ name: topic ?? type, type, executedBy: "host" })),
  };
}

/** E.g. `OR measurements.voltage.phase_a out_of_range 115..125 V`. */
function conditionText(condition: RuleCondition, index: number): string {
  const { join, fieldPath, operator, unit, timeWindowS, consecutiveCount } = condition;
  const parts = [
    index === 0 && join !== "NOT" ? "" : join,
    fieldPath,
    operator,
    thresholdText(condition.threshold),
    unit,
    timeWindowS > 0 ? `within ${timeWindowS} s` : "",
    consecutiveCount > 1 ? `${consecutiveCount} times` : "",
  ];
  return parts.filter((part) => part !== "").join(" ");
}

function thresholdText(threshold: RuleCondition["threshold"]): string {
  switch (threshold.kind) {
    case "none":
      return "";
    case "value":
      return String(threshold.value);
    case "range":
      return `${threshold.min}..${threshold.max}`;
    case "list":
      return threshold.values.map(String).join(", ");
    case "fields":
      return `${threshold.fields.join(", ")} ${threshold.threshold}`;
  }
}
