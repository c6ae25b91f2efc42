import { Range, StatusCodes } from "node-opcua";
import type { Rule, RuleName } from "./rule.ts";

const rangeRule: RuleName = { rule: "range", clause: "OPC 10000-8, 5.6.2", severity: "error" };
const valueRule: RuleName = { rule: "value-in-range", clause: "OPC 10000-8, 5.3.2", severity: "error" };

/** EURange is a range, and a Good value lies in it. */
export const range: Rule = (node, context) => {
  if (node.nodeClass !== "Variable" || node.variable === undefined) return;
  const property = context.child(node, "0:EURange");
  if (property?.variable === undefined) return;
  const limits: unknown = property.variable.value.value.value;
  if (!(limits instanceof Range)) {
    context.add(rangeRule, property, { found: "no Range", expected: "a Range with low and high" });
    return;
  }
  const { low, high } = limits;
  if (low >= high) {
    context.add(rangeRule, property, { found: `${low} to ${high}`, expected: "low below high" });
    return;
  }
  const { value } = node.variable;
  const current: unknown = value.value.value;
  if (typeof current !== "number" || !value.statusCode.equals(StatusCodes.Good)) return;
  if (current < low || current > high) {
    context.add(valueRule, node, {
      found: `${current} with status Good`,
      expected: `${low} to ${high}, or the status UncertainEngineeringUnitsExceeded`,
    });
  }
};
