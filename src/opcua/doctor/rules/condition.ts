import { ids } from "#opcua/doctor/address-node.ts";
import type { Rule, RuleName } from "./rule.ts";

const target: RuleName = { rule: "condition-target", clause: "OPC 10000-9, 5.12", severity: "error" };

/** HasCondition leads to a condition, or to a type of conditions where the conditions are no nodes. */
export const condition: Rule = (node, context) => {
  for (const { type, target: found, targetClass, targetType } of node.references) {
    if (type !== ids.hasCondition) continue;
    const conditionType = targetClass === "ObjectType" ? found : targetType;
    if (conditionType !== undefined && context.types.isA(conditionType, ids.conditionType)) continue;
    context.add(target, node, { found: `HasCondition to ${found}`, expected: "a condition, or a type of conditions" });
  }
};
