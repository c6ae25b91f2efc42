import {
  ContentFilterResult,
  type EventFilter,
  EventFilterResult,
  type StatusCode,
  StatusCodes,
  type Variant,
} from "node-opcua";
import type { EventFields } from "./event-fields.ts";
import type { EventTypes } from "./event-types.ts";
import { compileField } from "./select-clause.ts";
import { compileWhere } from "./where-clause.ts";

/** An EventFilter, ready for use: for subscriptions and for event history alike. */
export interface CompiledFilter {
  readonly accepts: (event: EventFields) => boolean;
  /** The fields in the order of the select clauses. */
  readonly select: (event: EventFields) => Variant[];
}

export interface FilterCheck {
  /** Good, or why the filter is refused (OPC 10000-4, 7.22.3). */
  readonly statusCode: StatusCode;
  readonly result: EventFilterResult;
  /** Absent where it is refused. */
  readonly filter?: CompiledFilter;
}

/** Checks and compiles an EventFilter. Fields that do not exist read as Null; only a filter without any other is refused. */
export function compileEventFilter(filter: EventFilter, types: EventTypes): FilterCheck {
  const fields = (filter.selectClauses ?? []).map((operand) => compileField(operand, types));
  const where = compileWhere(filter.whereClause, types);
  const isRefused = "statusCode" in where;
  const result = new EventFilterResult({
    selectClauseResults: fields.map(({ statusCode }) => statusCode),
    selectClauseDiagnosticInfos: [],
    whereClauseResult: isRefused ? where.result : new ContentFilterResult(),
  });
  if (isRefused) return { statusCode: where.statusCode, result };
  if (!fields.some(({ statusCode }) => statusCode.isGood())) {
    return { statusCode: StatusCodes.BadEventFilterInvalid, result };
  }
  const reads = fields.map(({ read }) => read);
  const select = (event: EventFields): Variant[] => reads.map((read) => read(event));
  return { statusCode: StatusCodes.Good, result, filter: { accepts: where.accepts, select } };
}
