import { diGroupNames } from "#opcua/di-model.ts";
import { type AddressNode, ids, nameOf, namespaceOf } from "#opcua/doctor/address-node.ts";
import { targetsOf } from "#opcua/doctor/type-library.ts";
import type { Rule, RuleContext, RuleName } from "./rule.ts";

const namespaceRule: RuleName = { rule: "browse-name-namespace", clause: "OPC 10000-3, 5.2.4", severity: "error" };
const standardRule: RuleName = { rule: "browse-name-namespace", clause: "OPC 10000-3, 5.2.4", severity: "error" };
const groupRule: RuleName = { rule: "browse-name-namespace", clause: "OPC 10000-100, 4.4.2", severity: "error" };
const emptyRule: RuleName = { rule: "browse-name", clause: "OPC 10000-3, 5.2.4", severity: "error" };

/** Properties that the core specification names: their BrowseName belongs to namespace 0. */
const standardProperties: ReadonlySet<string> = new Set([
  "EURange",
  "EngineeringUnits",
  "InstrumentRange",
  "EnumValues",
  "EnumStrings",
  "ValueAsText",
  "TrueState",
  "FalseState",
  "InputArguments",
  "OutputArguments",
  "Definition",
  "ValuePrecision",
]);

/** BrowseNames are there, in a namespace of the server, and names that a specification owns are in its namespace. */
export const browseName: Rule = (node, context) => {
  const index = namespaceOf(node.name);
  const name = nameOf(node.name);
  if (name === "") context.add(emptyRule, node, { found: "an empty BrowseName", expected: "a name" });
  if (index >= context.namespaces.length) {
    context.add(namespaceRule, node, {
      found: `namespace index ${index}`,
      expected: `an index below ${context.namespaces.length}`,
    });
  } else if (index !== 0 && standardProperties.has(name)) {
    context.add(standardRule, node, { found: node.name, expected: `0:${name}` });
  }
  checkGroups(node, context);
};

/** Groups that DI names, directly below a device or block, are DI's; deeper ones are the package's own. */
function checkGroups(node: AddressNode, context: RuleContext): void {
  const [type] = targetsOf(node, ids.hasTypeDefinition);
  if (type === undefined || context.isFunctionalGroup(type)) return;
  for (const { targetName, targetType } of context.children(node)) {
    const name = nameOf(targetName);
    if (!diGroupNames.has(name) || namespaceOf(targetName) === context.diIndex) continue;
    if (context.isFunctionalGroup(targetType)) {
      context.add(groupRule, node, { found: `group ${targetName}`, expected: `${context.diIndex}:${name}` });
    }
  }
}
