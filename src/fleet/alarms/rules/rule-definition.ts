import type { ParameterValue } from "#model/data-type.ts";

/** What a condition of a rule compares: 39 words, as the rule tables of older platforms write them. */
export const ruleOperators = [
  "eq",
  "ne",
  "gt",
  "gte",
  "lt",
  "lte",
  "is_null",
  "is_not_null",
  "between",
  "not_between",
  "in_range",
  "out_of_range",
  "in",
  "not_in",
  "contains",
  "not_contains",
  "starts_with",
  "ends_with",
  "regex",
  "not_regex",
  "array_contains",
  "array_not_contains",
  "array_size",
  "array_empty",
  "duration_gt",
  "duration_lt",
  "time_since_last",
  "consecutive_gt",
  "consecutive_lt",
  "avg_gt",
  "avg_lt",
  "max_gt",
  "min_lt",
  "sum_gt",
  "count_gt",
  "any_field_gt",
  "all_fields_gt",
  "field_ratio_gt",
  "field_difference_gt",
] as const;
export type RuleOperator = (typeof ruleOperators)[number];

/** How a condition joins what stands before it; `NOT` = and not. */
export const ruleJoins = ["AND", "OR", "NOT"] as const;
export type RuleJoin = (typeof ruleJoins)[number];

export const ruleSeverities = ["critical", "high", "medium", "low"] as const;
export type RuleSeverity = (typeof ruleSeverities)[number];

/** A threshold with its parts told apart. */
export type Threshold =
  | { readonly kind: "none" }
  | { readonly kind: "value"; readonly value: ParameterValue }
  | { readonly kind: "range"; readonly min: number; readonly max: number }
  | { readonly kind: "list"; readonly values: readonly ParameterValue[] }
  /** Another field, or several, to compare with. */
  | { readonly kind: "fields"; readonly fields: readonly string[]; readonly threshold: number };

export interface RuleCondition {
  /** A path into a device's message, e.g. `measurements.voltage.phase_a`, or the name of a parameter. */
  readonly fieldPath: string;
  readonly operator: RuleOperator;
  readonly threshold: Threshold;
  readonly unit: string;
  readonly join: RuleJoin;
  /** 0 where the operator needs none. */
  readonly timeWindowS: number;
  readonly consecutiveCount: number;
  readonly description: string;
}

export const ruleActions = ["publish_alarm", "send_notification", "log_event"] as const;
export type RuleActionType = (typeof ruleActions)[number];

export interface RuleAction {
  readonly type: RuleActionType;
  readonly topic: string | undefined;
}

/** A rule as people write it, whole and checked. */
export interface RuleDefinition {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  /** What devices of that type declare, a package id or a type name; undefined = every device. */
  readonly deviceType: string | undefined;
  readonly category: string;
  readonly isActive: boolean;
  /** 1 (first) to 10. */
  readonly priority: number;
  readonly severity: RuleSeverity;
  readonly autoAcknowledge: boolean;
  readonly conditions: readonly RuleCondition[];
  /** Instead of conditions: an expression over parameter names. */
  readonly when: string | undefined;
  readonly clearWhen: string | undefined;
  readonly onDelayMs: number;
  readonly offDelayMs: number;
  readonly latched: boolean;
  readonly message: string | undefined;
  readonly remedy: string;
  readonly actions: readonly RuleAction[];
  /** The rule as it was given, to be shown, changed and kept. */
  readonly source: Readonly<Record<string, unknown>>;
}
