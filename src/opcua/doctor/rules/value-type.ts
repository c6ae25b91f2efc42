import { DataType, type Variant, VariantArrayType } from "node-opcua";
import { ids } from "#opcua/doctor/address-node.ts";
import type { Rule, RuleContext, RuleName } from "./rule.ts";

const name: RuleName = { rule: "value-type", clause: "OPC 10000-3, 5.6.2", severity: "error" };

/** The Value is of the DataType and ValueRank that the Variable announces. */
export const valueType: Rule = (node, context) => {
  if (node.nodeClass !== "Variable" || node.variable === undefined) return;
  const { dataType, valueRank, value } = node.variable;
  const variant = value.value;
  // Bad values carry none, and a null value fits every type.
  if (value.statusCode.isBad() || variant.dataType === DataType.Null) return;
  if (!fits(variant, dataType, context)) {
    context.add(name, node, { found: `a value of ${DataType[variant.dataType]}`, expected: `data type ${dataType}` });
  }
  const rank = rankOf(variant);
  const isAllowed =
    valueRank === -2 || valueRank === rank || (valueRank === -3 && rank < 2) || (valueRank === 0 && rank > 0);
  if (!isAllowed) {
    context.add(name, node, { found: `a value of rank ${rank}`, expected: `value rank ${valueRank}` });
  }
};

function fits(variant: Variant, dataType: string, context: RuleContext): boolean {
  const { types } = context;
  if (dataType === ids.baseDataType) return true;
  if (types.isA(dataType, ids.enumeration)) return variant.dataType === DataType.Int32;
  if (types.isA(dataType, ids.structure)) return variant.dataType === DataType.ExtensionObject;
  const builtIn = `ns=0;i=${variant.dataType}`;
  // Abstract types such as Number are above the built-in type, simple types such as Duration below it.
  return types.isA(dataType, builtIn) || types.isA(builtIn, dataType);
}

function rankOf(variant: Variant): number {
  if (variant.arrayType === VariantArrayType.Array) return 1;
  return variant.arrayType === VariantArrayType.Matrix ? (variant.dimensions?.length ?? 2) : -1;
}
