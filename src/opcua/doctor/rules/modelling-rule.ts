import { ids } from "#opcua/doctor/address-node.ts";
import { targetsOf } from "#opcua/doctor/type-library.ts";
import type { Rule, RuleName } from "./rule.ts";

const name: RuleName = { rule: "modelling-rule", clause: "OPC 10000-3, 6.2.2", severity: "warning" };

/** What a type declares has one modelling rule: without, no instance gets it. */
export const modellingRule: Rule = (node, context) => {
  const isInstance = node.nodeClass === "Object" || node.nodeClass === "Variable" || node.nodeClass === "Method";
  if (!isInstance) return;
  const rules = targetsOf(node, ids.hasModellingRule);
  if (rules.length !== 1) {
    context.add(name, node, { found: `${rules.length} modelling rules`, expected: "exactly one" });
  }
};
