import { type Static, Type } from "typebox";
import type { RuleReport } from "#fleet/alarms/rules/rule-book.ts";
import type { TrialResult } from "#fleet/alarms/rules/rule-trial.ts";
import { MaybeTime, strict, Time } from "./common.ts";

/** A rule as people write it; what each member means is in docs/alarms.md, what is wrong with it is told with its place. */
export const WrittenRule = Type.Unsafe<Record<string, unknown>>({
  type: "object",
  additionalProperties: true,
  description: "A rule in the JSON shape of docs/alarms.md: rule_name, device_type, conditions or when, actions, ...",
  examples: [
    {
      rule_name: "High Temperature",
      device_type: "smart_breaker",
      priority: 1,
      conditions: [{ field_path: "measurements.temperature.value", operator: "gt", threshold_value: 75 }],
    },
  ],
});

export const RuleInForce = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  isActive: Type.Boolean(),
  createdAt: Time,
  updatedAt: Time,
  types: Type.Array(Type.String(), { description: "Device types that have it" }),
  problems: Type.Array(Type.String(), { description: "Why it does not work for a type that it names" }),
  rule: WrittenRule,
});

export const ruleParams = Type.Object({ rule: Type.Integer({ minimum: 1, description: "Number of the rule" }) });

export const trialBody = Type.Object(
  {
    rule: WrittenRule,
    devices: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { minItems: 1, maxItems: 20, uniqueItems: true }),
    from: Time,
    to: Time,
  },
  strict,
);

export const Trial = Type.Object({
  fired: Type.Integer({ description: "How often it would have become active, on all devices" }),
  devices: Type.Array(
    Type.Object({
      device: Type.String(),
      fired: Type.Integer(),
      activeMs: Type.Number(),
      samples: Type.Integer({ description: "Values that were looked at" }),
      isCut: Type.Boolean({ description: "True: there were more values than can be looked at; the end is missing" }),
      firings: Type.Array(Type.Object({ activeAt: Time, clearedAt: MaybeTime, message: Type.String() }), {
        description: "The first hundred",
      }),
    }),
  ),
});

export function ruleJsonOf({ rule, createdAt, updatedAt, types, problems }: RuleReport): Static<typeof RuleInForce> {
  return {
    id: rule.id,
    name: rule.name,
    isActive: rule.isActive,
    createdAt: timeOf(createdAt),
    updatedAt: timeOf(updatedAt),
    types: [...types],
    problems: [...problems],
    rule: { ...rule.source },
  };
}

export function trialJsonOf(results: readonly TrialResult[]): Static<typeof Trial> {
  return {
    fired: results.reduce((sum, { fired }) => sum + fired, 0),
    devices: results.map(({ firings, ...result }) => ({
      ...result,
      firings: firings.map(({ activeAt, clearedAt, message }) => ({
        activeAt: timeOf(activeAt),
        clearedAt: clearedAt === undefined ? null : timeOf(clearedAt),
        message,
      })),
    })),
  };
}

function timeOf(at: number): string {
  return new Date(at).toISOString();
}
