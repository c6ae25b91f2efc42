import { expressionTrigger } from "#fleet/alarms/expression-trigger.ts";
import type { Situation, Trigger } from "#fleet/alarms/trigger.ts";
import { conditionOf } from "#model/compile-condition.ts";
import type { Condition } from "#model/condition.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { SampleBatch } from "#model/sample-batch.ts";
import type { RuleDefinition, RuleJoin } from "./rule-definition.ts";
import { ruleTermOf } from "./rule-term.ts";
import type { RuleTerm } from "./term.ts";

/** The trigger of a rule for devices of one type; a text says why the rule does not fit the type. */
export function ruleTrigger(rule: RuleDefinition, pkg: DevicePackage, situation: Situation): Trigger | string {
  const expressions = compiledExpressions(rule, pkg);
  if (typeof expressions === "string") return expressions;
  const { when, clearWhen } = expressions;
  const clearing = clearWhen === undefined ? {} : { clearWhen };
  if (when !== undefined) {
    return expressionTrigger({ when, ...clearing }, pkg, situation) ?? `${rule.name}: there is nothing to evaluate`;
  }
  const terms: RuleTerm[] = [];
  for (const condition of rule.conditions) {
    const term = ruleTermOf(condition, pkg, situation);
    if (typeof term === "string") return term;
    terms.push(term);
  }
  const joins = rule.conditions.map(({ join }) => join);
  if (clearWhen === undefined) return joinedTrigger(terms, joins);
  const clears = expressionTrigger({ when: clearWhen }, pkg, situation);
  return { ...joinedTrigger(terms, joins), ...(clears === undefined ? {} : { gone: () => clears.holds() }) };
}

function compiledExpressions(
  { when, clearWhen }: RuleDefinition,
  { parameterByName }: DevicePackage,
): { readonly when?: Condition; readonly clearWhen?: Condition } | string {
  const compiled: { when?: Condition; clearWhen?: Condition } = {};
  for (const [name, text] of [
    ["when", when],
    ["clearWhen", clearWhen],
  ] as const) {
    if (text === undefined) continue;
    const { condition, problem } = conditionOf(text, parameterByName);
    if (problem !== undefined) {
      return `${name === "when" ? "when" : "clear_when"}, character ${problem.at + 1}: ${problem.message}`;
    }
    compiled[name] = condition;
  }
  return compiled;
}

function joinedTrigger(terms: readonly RuleTerm[], joins: readonly RuleJoin[]): Trigger {
  const sampled = terms.filter((term) => term.sample !== undefined);
  const joined: Trigger = {
    inputs: [...new Set(terms.flatMap(({ inputs }) => inputs))],
    holds: () => {
      let result: boolean | undefined;
      // Every term is asked: some keep what they see.
      for (const [i, term] of terms.entries()) {
        const holds = term.holds();
        const join = joins[i] ?? "AND";
        result = i === 0 ? (join === "NOT" ? not(holds) : holds) : joinOf(join, result, holds);
      }
      return result;
    },
    forget: (row) => {
      for (const term of terms) term.forget?.(row);
    },
  };
  if (sampled.length === 0) return joined;
  const sample = (batch: SampleBatch, i: number): void => {
    const parameter = batch.parameters[i] ?? -1;
    for (const term of sampled) if (term.inputs.includes(parameter)) term.sample?.(batch, i);
  };
  return { ...joined, sample };
}

// oxlint-disable-next-line max-params -- an operator and its two sides
function joinOf(join: RuleJoin, left: boolean | undefined, right: boolean | undefined): boolean | undefined {
  if (join === "OR")
    return left === true || right === true ? true : left === undefined || right === undefined ? undefined : false;
  const second = join === "NOT" ? not(right) : right;
  if (left === false || second === false) return false;
  return left === undefined || second === undefined ? undefined : true;
}

function not(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value;
}
