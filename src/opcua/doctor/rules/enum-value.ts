import { StatusCodes } from "node-opcua";
import type { Rule, RuleName } from "./rule.ts";

const name: RuleName = { rule: "enum-value", clause: "OPC 10000-8, 5.3.3.4", severity: "error" };

/** The Good value of a MultiStateValueDiscrete is one of its EnumValues. */
export const enumValue: Rule = (node, context) => {
  if (node.nodeClass !== "Variable" || node.variable === undefined) return;
  const list: unknown = context.child(node, "0:EnumValues")?.variable?.value.value.value;
  if (!Array.isArray(list)) return;
  const allowed = list.map(numberOf);
  if (new Set(allowed).size !== allowed.length) {
    context.add(name, node, { found: `EnumValues ${allowed.join(", ")}`, expected: "each value once" });
  }
  const { value } = node.variable;
  const current: unknown = value.value.value;
  if (typeof current !== "number" || !value.statusCode.equals(StatusCodes.Good)) return;
  if (!allowed.includes(current)) {
    context.add(name, node, { found: String(current), expected: `one of ${allowed.join(", ")}` });
  }
};

/** EnumValueType holds its value as Int64, which node-opcua reads as two 32-bit words. */
function numberOf(entry: unknown): number {
  const value: unknown = typeof entry === "object" && entry !== null && "value" in entry ? entry.value : undefined;
  if (!Array.isArray(value)) return Number(value);
  return (Number(value[0]) | 0) * 2 ** 32 + Number(value[1]);
}
