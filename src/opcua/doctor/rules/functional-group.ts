import type { AddressNode } from "#opcua/doctor/address-node.ts";
import type { Rule, RuleContext, RuleName } from "./rule.ts";

const name: RuleName = { rule: "functional-group", clause: "OPC 10000-100, 4.4", severity: "error" };

/** Every parameter of a device is organized by at least one of its functional groups, where clients look for it. */
export const functionalGroup: Rule = (node, context) => {
  const parameterSet = node.nodeClass === "Object" ? context.child(node, `${context.diIndex}:ParameterSet`) : undefined;
  if (parameterSet === undefined) return;
  const organized = new Set<string>();
  for (const group of groupsBelow(node, context)) {
    for (const reference of context.children(group)) organized.add(reference.target);
  }
  for (const reference of context.children(parameterSet)) {
    const parameter = context.nodes.get(reference.target);
    if (parameter === undefined || parameter.nodeClass !== "Variable" || organized.has(parameter.id)) continue;
    context.add(name, parameter, { found: "in no functional group", expected: "organized by one or more" });
  }
};

function* groupsBelow(node: AddressNode, context: RuleContext): Iterable<AddressNode> {
  const seen = new Set<string>();
  const waiting = [node];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const { target, targetType } of context.children(next)) {
      if (seen.has(target) || !context.isFunctionalGroup(targetType)) continue;
      seen.add(target);
      const group = context.nodes.get(target);
      if (group === undefined) continue;
      yield group;
      waiting.push(group);
    }
  }
}
