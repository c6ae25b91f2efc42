import { type AddressNode, ids, nameOf } from "#opcua/doctor/address-node.ts";
import type { Declaration } from "#opcua/doctor/declaration.ts";
import { targetsOf } from "#opcua/doctor/type-library.ts";
import type { Rule, RuleContext, RuleName } from "./rule.ts";

const mandatoryChild: RuleName = { rule: "mandatory-child", clause: "OPC 10000-3, 6.4.4.4.2", severity: "error" };
const childName: RuleName = { rule: "browse-name-namespace", clause: "OPC 10000-3, 6.4", severity: "error" };
const childType: RuleName = { rule: "child-type", clause: "OPC 10000-3, 6.4", severity: "error" };
const dataTypeRule: RuleName = { rule: "data-type", clause: "OPC 10000-3, 6.2.8", severity: "error" };
const valueRankRule: RuleName = { rule: "value-rank", clause: "OPC 10000-3, 6.2.8", severity: "error" };

/** An instance has what its type and its interfaces declare, with the names, types and value attributes declared there. */
export const declaredChildren: Rule = (node, context) => {
  if (node.nodeClass !== "Object" && node.nodeClass !== "Variable") return;
  const [type] = targetsOf(node, ids.hasTypeDefinition);
  if (type !== undefined) {
    compareValue(node, context.types.nodes.get(type), context);
    compare(node, context.types.declarationsOf(type), context);
  }
  for (const wanted of targetsOf(node, ids.hasInterface)) compare(node, context.types.declarationsOf(wanted), context);
};

function compare(node: AddressNode, declared: ReadonlyMap<string, Declaration>, context: RuleContext): void {
  for (const [name, declaration] of declared) {
    if (declaration.isPlaceholder) continue;
    const child = context.child(node, name);
    if (child !== undefined) compareChild(child, declaration, context);
    else if (declaration.isMandatory) reportMissing(node, declaration, context);
  }
}

function reportMissing(node: AddressNode, declaration: Declaration, context: RuleContext): void {
  const sameName = context.children(node).find(({ targetName }) => nameOf(targetName) === nameOf(declaration.name));
  if (sameName === undefined) {
    context.add(mandatoryChild, node, { found: "no such child", expected: `a child ${declaration.name}` });
  } else {
    context.add(childName, node, { found: `child ${sameName.targetName}`, expected: `child ${declaration.name}` });
  }
}

function compareChild(child: AddressNode, declaration: Declaration, context: RuleContext): void {
  if (child.nodeClass !== declaration.nodeClass) {
    context.add(childType, child, {
      found: child.nodeClass,
      expected: declaration.nodeClass,
    });
    return;
  }
  const [type] = targetsOf(child, ids.hasTypeDefinition);
  const { typeDefinition } = declaration;
  if (type !== undefined && typeDefinition !== undefined && !context.types.isA(type, typeDefinition)) {
    context.add(childType, child, { found: `type ${type}`, expected: `type ${typeDefinition} or below` });
  }
  const { dataType, valueRank } = declaration;
  if (dataType !== undefined && valueRank !== undefined) compareAttributes(child, { dataType, valueRank }, context);
  compare(child, declaration.children, context);
}

function compareValue(node: AddressNode, type: AddressNode | undefined, context: RuleContext): void {
  if (node.nodeClass === "Variable" && type?.variable !== undefined) {
    compareAttributes(node, type.variable, context);
  }
}

interface ValueAttributes {
  readonly dataType: string;
  readonly valueRank: number;
}

function compareAttributes(node: AddressNode, wanted: ValueAttributes, context: RuleContext): void {
  if (node.variable === undefined) return;
  const { dataType, valueRank } = node.variable;
  if (!context.types.isA(dataType, wanted.dataType)) {
    context.add(dataTypeRule, node, { found: dataType, expected: `${wanted.dataType} or below` });
  }
  if (!isWithin(valueRank, wanted.valueRank)) {
    context.add(valueRankRule, node, { found: String(valueRank), expected: `within ${wanted.valueRank}` });
  }
}

/** ValueRanks (OPC 10000-3, 5.6.2): -3 scalar or one dimension, -2 any, -1 scalar, 0 one or more dimensions. */
function isWithin(rank: number, wanted: number): boolean {
  if (wanted === -2 || rank === wanted) return true;
  if (wanted === -3) return rank === -1 || rank === 1;
  return wanted === 0 && rank > 0;
}
