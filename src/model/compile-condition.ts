import type { Condition } from "./condition.ts";
import type { DataType } from "./data-type.ts";
import { compileCondition, type ExpressionType, type NameType } from "./expression/expression.ts";
import type { ParameterSpec } from "./parameter-spec.ts";

/** Compiles a condition over the parameters of a package; gives the problem and its offset instead when it does not compile. */
export function conditionOf(
  text: string,
  parameters: ReadonlyMap<string, ParameterSpec>,
): { readonly condition: Condition; readonly problem?: { readonly message: string; readonly at: number } } {
  const result = compileCondition(text, (name) => {
    const spec = parameters.get(name);
    return spec === undefined ? undefined : nameTypeOf(spec);
  });
  if (result.ok) return { condition: { text, expression: result.expression } };
  return { condition: { text }, problem: { message: result.message, at: result.at } };
}

/** What a parameter is in an expression; enumeration values and states may be compared by name. */
export function nameTypeOf(spec: Pick<ParameterSpec, "dataType" | "enumeration" | "states">): NameType {
  const labels = new Map<string, number | boolean>(spec.enumeration.map(({ name, value }) => [name, value]));
  if (spec.states !== undefined) labels.set(spec.states.true, true).set(spec.states.false, false);
  return { type: expressionTypeOf(spec.dataType), ...(labels.size === 0 ? {} : { labels }) };
}

/** Times take part as epoch milliseconds. */
function expressionTypeOf(dataType: DataType): ExpressionType {
  if (dataType === "boolean") return "boolean";
  return dataType === "string" ? "string" : "number";
}
