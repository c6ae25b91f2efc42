import { parseExpression } from "#model/expression/parse.ts";
import { ExpressionProblem } from "#model/expression/tokenize.ts";

/** One parameter against one limit: what OPC 10000-9, 5.8.18 calls a level alarm. */
export interface LevelLimit {
  readonly parameter: string;
  readonly side: "high" | "low";
  /** A number, or the parameter that holds it. */
  readonly limit: number | string;
}

const sideOf: Readonly<Partial<Record<string, LevelLimit["side"]>>> = {
  ">": "high",
  ">=": "high",
  "<": "low",
  "<=": "low",
};

/** The limit in a condition such as `Temperature > 75`; undefined for every other condition. */
export function levelLimitOf(condition: string): LevelLimit | undefined {
  const node = parsed(condition);
  if (node?.kind !== "compare" || node.left.kind !== "name") return undefined;
  const side = sideOf[node.operator];
  const { left, right } = node;
  if (side === undefined) return undefined;
  const isNegative = right.kind === "negate";
  const value = isNegative ? right.operand : right;
  if (value.kind === "name") return isNegative ? undefined : { parameter: left.name, side, limit: value.name };
  if (value.kind !== "literal" || typeof value.value !== "number") return undefined;
  return { parameter: left.name, side, limit: isNegative ? -value.value : value.value };
}

function parsed(condition: string): ReturnType<typeof parseExpression> | undefined {
  try {
    return parseExpression(condition);
  } catch (error) {
    if (error instanceof ExpressionProblem) return undefined;
    throw error;
  }
}
