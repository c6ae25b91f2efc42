import { ids } from "#opcua/doctor/address-node.ts";
import { targetsOf } from "#opcua/doctor/type-library.ts";
import type { Rule, RuleName } from "./rule.ts";

const name: RuleName = { rule: "type-definition", clause: "OPC 10000-3, 5.5.1 and 5.6.2", severity: "error" };
const abstract: RuleName = { rule: "abstract-type", clause: "OPC 10000-3, 6.2.2", severity: "error" };

/**
 * Every Object and Variable has exactly one HasTypeDefinition reference, to a type that is there; the type is abstract
 * only where the node is a declaration itself.
 */
export const typeDefinition: Rule = (node, context) => {
  if (node.nodeClass !== "Object" && node.nodeClass !== "Variable") return;
  const types = targetsOf(node, ids.hasTypeDefinition);
  if (types.length !== 1) {
    context.add(name, node, {
      found: `${types.length} HasTypeDefinition references`,
      expected: "exactly one HasTypeDefinition reference",
    });
    return;
  }
  const [type = ""] = types;
  if (!context.types.nodes.has(type)) {
    context.add(name, node, { found: `type ${type}, which is not there`, expected: "a type of the server" });
  } else if (context.types.isAbstract(type) && targetsOf(node, ids.hasModellingRule).length === 0) {
    context.add(abstract, node, { found: `an instance of ${type}`, expected: "an instance of a concrete subtype" });
  }
};
