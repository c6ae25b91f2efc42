import type { ElementReader } from "#fdi/xml/element-reader.ts";
import { conditionOf } from "#model/compile-condition.ts";
import type { Condition } from "#model/condition.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";

export type ParameterMap = ReadonlyMap<string, ParameterSpec>;

/** The condition in an attribute, compiled over `parameters`; undefined when the attribute is absent. */
export function readCondition(reader: ElementReader, name: string, parameters: ParameterMap): Condition | undefined {
  const text = reader.optional(name);
  if (text === undefined) return undefined;
  const { condition, problem } = conditionOf(text, parameters);
  if (problem === undefined) return condition;
  return reader.failAttribute(name, `a condition over parameters: ${problem.message} (at character ${problem.at + 1})`);
}

export function requiredCondition(reader: ElementReader, name: string, parameters: ParameterMap): Condition {
  return readCondition(reader, name, parameters) ?? reader.fail(`attribute ${name} is missing`);
}
