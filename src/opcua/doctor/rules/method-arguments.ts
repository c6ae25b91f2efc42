import { Argument } from "node-opcua";
import type { AddressNode } from "#opcua/doctor/address-node.ts";
import { isStandardNode, type Rule, type RuleContext, type RuleName } from "./rule.ts";

const name: RuleName = { rule: "method-argument", clause: "OPC 10000-3, 8.6", severity: "error" };
const undescribed: RuleName = { ...name, severity: "warning" };

/** Arguments of a Method have names that differ, descriptions and data types of the server. */
export const methodArguments: Rule = (node, context) => {
  if (node.nodeClass !== "Method") return;
  for (const property of ["0:InputArguments", "0:OutputArguments"]) {
    const list = context.child(node, property);
    if (list !== undefined) checkList(node, list, context);
  }
};

function checkList(method: AddressNode, list: AddressNode, context: RuleContext): void {
  const value: unknown = list.variable?.value.value.value;
  const names = new Set<string>();
  if (!Array.isArray(value)) return;
  for (const [i, argument] of value.entries()) {
    if (!(argument instanceof Argument)) {
      context.add(name, list, { found: `element ${i} is no Argument`, expected: "an Argument" });
      continue;
    }
    const argumentName = argument.name ?? "";
    if (argumentName === "" || names.has(argumentName)) {
      context.add(name, list, { found: `argument ${i} named "${argumentName}"`, expected: "a name of its own" });
    }
    names.add(argumentName);
    if ((argument.description.text ?? "") === "" && !isStandardNode(method.id, context.namespaces)) {
      context.add(undescribed, method, {
        found: `argument ${argumentName} without a description`,
        expected: "a description",
      });
    }
    if (argument.dataType.isEmpty()) {
      context.add(name, list, { found: `argument ${argumentName} without a data type`, expected: "a data type" });
    }
    if (argument.valueRank < -3) {
      context.add(name, list, {
        found: `argument ${argumentName} of rank ${argument.valueRank}`,
        expected: "-3 or more",
      });
    }
  }
}
