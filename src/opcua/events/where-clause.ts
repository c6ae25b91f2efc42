import {
  type ContentFilter,
  type ContentFilterElement,
  ContentFilterElementResult,
  ContentFilterResult,
  ElementOperand,
  LiteralOperand,
  SimpleAttributeOperand,
  type StatusCode,
  StatusCodes,
  type Variant,
} from "node-opcua";
import type { EventFields } from "./event-fields.ts";
import type { EventTypes } from "./event-types.ts";
import { booleanOf, unknown } from "./operand-value.ts";
import { type Evaluate, type Operand, operatorRules } from "./operators.ts";
import { compileField } from "./select-clause.ts";

export interface WhereClause {
  readonly accepts: (event: EventFields) => boolean;
}

/** Why a where clause cannot be used, element by element (OPC 10000-4, 7.22.3). */
export interface WhereProblem {
  readonly statusCode: StatusCode;
  readonly result: ContentFilterResult;
}

/**
 * Compiles a where clause. Elements refer only to elements behind them (OPC 10000-4, 7.7.4.2), so that one pass from the
 * last to the first evaluates any filter, however it is woven.
 */
export function compileWhere(filter: ContentFilter | null | undefined, types: EventTypes): WhereClause | WhereProblem {
  const elements = filter?.elements ?? [];
  if (elements.length === 0) return { accepts: () => true };
  const used = reachable(elements);
  const steps: { readonly place: number; readonly evaluate: Evaluate }[] = [];
  const results: ElementResult[] = elements.map(() => ({ statusCode: StatusCodes.Good, operands: [] }));
  for (const place of used) {
    const compiled = compileElement(elements[place], { place, count: elements.length, types });
    if ("evaluate" in compiled) steps.push({ place, evaluate: compiled.evaluate });
    else results[place] = compiled;
  }
  const fault = results.find(({ statusCode }) => statusCode.isNotGood());
  if (fault !== undefined) return { statusCode: fault.statusCode, result: resultOf(results) };
  const inOrder = steps.toSorted((a, b) => b.place - a.place);
  return { accepts: (event) => isAccepted(inOrder, event) };
}

function isAccepted(steps: readonly { readonly place: number; readonly evaluate: Evaluate }[], event: EventFields) {
  const values: Variant[] = [];
  for (const { place, evaluate } of steps) values[place] = evaluate(event, values);
  return booleanOf(values[0] ?? unknown) === true;
}

interface ElementResult {
  readonly statusCode: StatusCode;
  readonly operands: readonly StatusCode[];
}

interface ElementPlace {
  readonly place: number;
  readonly count: number;
  readonly types: EventTypes;
}

/** The elements that the first one leads to; others are ignored (OPC 10000-4, 7.7.1). */
function reachable(elements: readonly (ContentFilterElement | null)[]): ReadonlySet<number> {
  const found = new Set([0]);
  for (const place of found) {
    for (const operand of elements[place]?.filterOperands ?? []) {
      if (operand instanceof ElementOperand && operand.index < elements.length) found.add(operand.index);
    }
  }
  return found;
}

function compileElement(
  element: ContentFilterElement | null | undefined,
  about: ElementPlace,
): { readonly evaluate: Evaluate } | ElementResult {
  const rule = element === null || element === undefined ? undefined : operatorRules.get(element.filterOperator);
  if (element === null || element === undefined)
    return { statusCode: StatusCodes.BadFilterElementInvalid, operands: [] };
  if (rule === undefined) return { statusCode: StatusCodes.BadFilterOperatorUnsupported, operands: [] };
  const written = element.filterOperands ?? [];
  if (written.length < rule.min || written.length > rule.max) {
    return { statusCode: StatusCodes.BadFilterOperandCountMismatch, operands: [] };
  }
  const operands = written.map((operand) => compileOperand(operand, about));
  const faults = operands.map((operand) => ("read" in operand ? StatusCodes.Good : operand.fault));
  const fault = faults.find((statusCode) => statusCode.isNotGood());
  if (fault !== undefined) return { statusCode: elementFaultOf(fault), operands: faults };
  const evaluate = rule.compile(
    operands.filter((operand) => "read" in operand),
    about.types,
  );
  if (typeof evaluate === "function") return { evaluate };
  const code =
    evaluate.reason === "literal" ? StatusCodes.BadFilterLiteralInvalid : StatusCodes.BadFilterOperandInvalid;
  const statuses = written.map((_, i) => (i === evaluate.operand ? code : StatusCodes.Good));
  return { statusCode: code, operands: statuses };
}

/** A link that leads nowhere is a fault of the filter's structure; everything else one of the operand. */
function elementFaultOf(fault: StatusCode): StatusCode {
  return fault === StatusCodes.BadIndexRangeInvalid
    ? StatusCodes.BadFilterElementInvalid
    : StatusCodes.BadFilterOperandInvalid;
}

function compileOperand(
  operand: unknown,
  { place, count, types }: ElementPlace,
): Operand | { readonly fault: StatusCode } {
  if (operand instanceof LiteralOperand) {
    const { value } = operand;
    return { literal: value, read: () => value };
  }
  if (operand instanceof ElementOperand) {
    const { index } = operand;
    if (index <= place || index >= count) return { fault: StatusCodes.BadIndexRangeInvalid };
    return { literal: undefined, read: (_event, results) => results[index] ?? unknown };
  }
  if (!(operand instanceof SimpleAttributeOperand)) return { fault: StatusCodes.BadFilterOperandInvalid };
  const field = compileField(operand, types);
  if (field.statusCode.isNotGood()) return { fault: field.statusCode };
  return { literal: undefined, read: (event) => field.read(event) };
}

function resultOf(results: readonly ElementResult[]): ContentFilterResult {
  return new ContentFilterResult({
    elementResults: results.map(
      ({ statusCode, operands }) =>
        new ContentFilterElementResult({ statusCode, operandStatusCodes: [...operands], operandDiagnosticInfos: [] }),
    ),
    elementDiagnosticInfos: [],
  });
}
