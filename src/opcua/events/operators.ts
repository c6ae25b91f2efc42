import { DataType, FilterOperator, NodeId, Variant, VariantArrayType } from "node-opcua";
import type { EventFields } from "./event-fields.ts";
import type { EventTypes } from "./event-types.ts";
import { likePatternOf } from "./like-pattern.ts";
import { bigIntOf, booleanOf, convert, isEqual, isNull, no, order, truthOf, unknown, yes } from "./operand-value.ts";

/** One operand of an element, ready to be asked. */
export interface Operand {
  /** The value itself, where it is written in the filter. */
  readonly literal: Variant | undefined;
  /** `results`: those of the elements behind this one. */
  readonly read: (event: EventFields, results: readonly Variant[]) => Variant;
}

/** What an element of a where clause gives for an event. */
export type Evaluate = Operand["read"];

/** Why an element cannot be used: the operand at fault. */
export interface OperandFault {
  readonly operand: number;
  readonly reason: "literal" | "type";
}

interface OperatorRule {
  readonly min: number;
  readonly max: number;
  readonly compile: (operands: readonly Operand[], types: EventTypes) => Evaluate | OperandFault;
}

const absent: Operand = { literal: unknown, read: () => unknown };

/** Two operands that are compared; NULL is never equal, less or greater. */
function comparison(test: (a: Variant, b: Variant) => boolean): OperatorRule {
  return {
    min: 2,
    max: 2,
    compile: ([a = absent, b = absent]) => {
      return (event, results) => (test(a.read(event, results), b.read(event, results)) ? yes : no);
    },
  };
}

function logic(decide: (a: boolean | undefined, b: boolean | undefined) => boolean | undefined): OperatorRule {
  return {
    min: 2,
    max: 2,
    compile: ([a = absent, b = absent]) => {
      return (event, results) => truthOf(decide(booleanOf(a.read(event, results)), booleanOf(b.read(event, results))));
    },
  };
}

function bitwise(combine: (a: bigint, b: bigint) => bigint): OperatorRule {
  return {
    min: 2,
    max: 2,
    compile: ([a = absent, b = absent]) => {
      return (event, results) => bitsOf(combine, a.read(event, results), b.read(event, results));
    },
  };
}

const isAtLeast = (a: Variant, b: Variant): boolean => (order(a, b) ?? -1) >= 0;
const isAtMost = (a: Variant, b: Variant): boolean => (order(a, b) ?? 1) <= 0;

/** The operators of OPC 10000-4, 7.7.3 (Tables 119 and 120) that mean something for events. */
export const operatorRules: ReadonlyMap<FilterOperator, OperatorRule> = new Map([
  [FilterOperator.Equals, comparison(isEqual)],
  [FilterOperator.GreaterThan, comparison((a, b) => order(a, b) === 1)],
  [FilterOperator.LessThan, comparison((a, b) => order(a, b) === -1)],
  [FilterOperator.GreaterThanOrEqual, comparison(isAtLeast)],
  [FilterOperator.LessThanOrEqual, comparison(isAtMost)],
  [FilterOperator.And, logic(and)],
  [FilterOperator.Or, logic(or)],
  [FilterOperator.BitwiseAnd, bitwise((a, b) => a & b)],
  [FilterOperator.BitwiseOr, bitwise((a, b) => a | b)],
  [FilterOperator.IsNull, { min: 1, max: 1, compile: isNullRule }],
  [FilterOperator.Not, { min: 1, max: 1, compile: notRule }],
  [FilterOperator.Between, { min: 3, max: 3, compile: betweenRule }],
  // An empty list is no mistake: collectors of alarms start with it and fill it later.
  [FilterOperator.InList, { min: 1, max: Number.POSITIVE_INFINITY, compile: inListRule }],
  [FilterOperator.Like, { min: 2, max: 2, compile: likeRule }],
  [FilterOperator.Cast, { min: 2, max: 2, compile: castRule }],
  [FilterOperator.OfType, { min: 1, max: 1, compile: ofTypeRule }],
]);

function and(a: boolean | undefined, b: boolean | undefined): boolean | undefined {
  if (a === false || b === false) return false;
  return a === undefined || b === undefined ? undefined : true;
}

function or(a: boolean | undefined, b: boolean | undefined): boolean | undefined {
  if (a === true || b === true) return true;
  return a === undefined || b === undefined ? undefined : false;
}

function isNullRule([a = absent]: readonly Operand[]): Evaluate {
  return (event, results) => truthOf(isNull(a.read(event, results)));
}

function notRule([a = absent]: readonly Operand[]): Evaluate {
  return (event, results) => {
    const truth = booleanOf(a.read(event, results));
    return truthOf(truth === undefined ? undefined : !truth);
  };
}

function betweenRule([a = absent, low = absent, high = absent]: readonly Operand[]): Evaluate {
  return (event, results) => {
    const value = a.read(event, results);
    return truthOf(isAtLeast(value, low.read(event, results)) && isAtMost(value, high.read(event, results)));
  };
}

function inListRule([a = absent, ...list]: readonly Operand[]): Evaluate {
  return (event, results) => {
    const value = a.read(event, results);
    return truthOf(list.some((entry) => isEqual(value, entry.read(event, results))));
  };
}

function likeRule([a = absent, pattern = absent]: readonly Operand[]): Evaluate | OperandFault {
  if (pattern.literal === undefined) {
    return (event, results) => like(a.read(event, results), likeTestOf(pattern.read(event, results)));
  }
  const test = likeTestOf(pattern.literal);
  if (test === undefined) return { operand: 1, reason: "literal" };
  return (event, results) => like(a.read(event, results), test);
}

function likeTestOf(pattern: Variant): ((text: string) => boolean) | undefined {
  return pattern.dataType === DataType.String && typeof pattern.value === "string"
    ? likePatternOf(pattern.value)
    : undefined;
}

function like(variant: Variant, test: ((text: string) => boolean) | undefined): Variant {
  const text: unknown = convert(variant, DataType.String)?.value;
  return truthOf(test !== undefined && typeof text === "string" && test(text));
}

function castRule([a = absent, type = absent]: readonly Operand[]): Evaluate | OperandFault {
  const nodeId: unknown = type.literal?.value;
  if (!(nodeId instanceof NodeId)) return { operand: 1, reason: "literal" };
  const dataType: DataType = nodeId.namespace === 0 && typeof nodeId.value === "number" ? nodeId.value : 0;
  if (dataType < DataType.Boolean || dataType > DataType.LocalizedText) return { operand: 1, reason: "type" };
  return (event, results) => convert(a.read(event, results), dataType) ?? unknown;
}

function ofTypeRule([type = absent]: readonly Operand[], types: EventTypes): Evaluate | OperandFault {
  const nodeId: unknown = type.literal?.value;
  if (!(nodeId instanceof NodeId)) return { operand: 0, reason: "literal" };
  const found = types.find(nodeId);
  if (found === undefined) return { operand: 0, reason: "type" };
  return (event) => truthOf(types.isA(event.eventType, found.nodeId));
}

/** The result is as wide as any integer. */
function bitsOf(combine: (a: bigint, b: bigint) => bigint, a: Variant, b: Variant): Variant {
  const [left, right] = [bigOf(a), bigOf(b)];
  if (left === undefined || right === undefined) return unknown;
  const bits = combine(left, right);
  const value = [Number(bits >> 32n), Number(bits & 0xffffffffn)];
  return new Variant({ dataType: DataType.UInt64, arrayType: VariantArrayType.Scalar, value });
}

function bigOf(variant: Variant): bigint | undefined {
  const whole = convert(variant, DataType.UInt64);
  return whole === undefined ? undefined : bigIntOf(whole);
}
