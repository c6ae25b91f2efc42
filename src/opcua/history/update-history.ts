import {
  type HistoryUpdateRequest,
  HistoryUpdateResult,
  type ISessionContext,
  NodeId,
  StatusCode,
  StatusCodes,
} from "node-opcua";
import type { HistoryEdits } from "#fleet/history/history-edits.ts";
import type { Annotation, AnnotationEdit, EditOutcome, ValueEditMode } from "#fleet/history/ports.ts";
import type { Principal } from "#model/command.ts";
import { HostError } from "#model/errors.ts";
import { schemaNameOf } from "#opcua/engine/schema-name.ts";
import { statusCodeOf } from "#opcua/status.ts";
import { annotationsOf } from "./annotation-values.ts";
import type { HistoryAudit } from "./history-audit.ts";
import { type HistoryTarget, targetOf } from "./history-target.ts";
import type { Update, UpdateDetails } from "./history-update.ts";
import { microsecond } from "./raw-window.ts";
import type { HistoryParts } from "./reading.ts";
import { timeOf } from "./time-argument.ts";
import { type ValueRows, valueRowsOf } from "./value-rows.ts";

export interface UpdateParts extends HistoryParts {
  readonly edits: Promise<HistoryEdits>;
  readonly principalOf: (context: ISessionContext) => Principal;
  readonly audit: HistoryAudit;
  /** Called when the first annotation of a parameter may have been made. */
  readonly annotated: (target: HistoryTarget) => void;
}

/** At most so many values in one operation. */
const maxEntries = 10_000;

/** Names of PerformUpdateType. */
const modes: ReadonlyMap<number, ValueEditMode> = new Map<number, ValueEditMode>([
  [1, "insert"],
  [2, "replace"],
  [3, "update"],
]);
const remove = 4;

/** Answers HistoryUpdate (OPC 10000-11, 6.8): values and annotations of parameters, in the order of the request. Never rejects. */
export async function updateHistory(
  parts: UpdateParts,
  context: ISessionContext,
  request: HistoryUpdateRequest,
): Promise<readonly HistoryUpdateResult[]> {
  const by = parts.principalOf(context);
  const results: HistoryUpdateResult[] = [];
  for (const details of request.historyUpdateDetails ?? []) results.push(await updateOne(parts, context, by, details));
  return results;
}

async function updateOne(
  parts: UpdateParts,
  context: ISessionContext,
  by: Principal,
  details: unknown,
): Promise<HistoryUpdateResult> {
  const kind = schemaNameOf(details);
  const operation = kind === undefined ? undefined : operations.get(kind);
  if (operation === undefined || !isUpdateDetails(details)) return failed(StatusCodes.BadHistoryOperationUnsupported);
  const target = targetOf(parts, context, details.nodeId);
  if (target instanceof StatusCode) return failed(target);
  const update = { context, by, target, details };
  const result = await attempt(parts, update, operation);
  parts.audit.told(update, kind ?? "", result.statusCode);
  return result;
}

async function attempt(parts: UpdateParts, update: Update, operation: Operation): Promise<HistoryUpdateResult> {
  const { target, details } = update;
  const entries = (details.updateValues ?? details.reqTimes)?.length ?? 0;
  if (entries > maxEntries) return failed(StatusCodes.BadTooManyOperations);
  try {
    return await operation(parts, update);
  } catch (error) {
    const about = { err: error, device: target.device.id };
    if (HostError.from(error) === undefined) parts.log.error(about, "a change of history failed");
    return failed(statusCodeOf(error));
  }
}

type Operation = (parts: UpdateParts, update: Update) => Promise<HistoryUpdateResult>;

const operations: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ["UpdateDataDetails", updateData],
  ["UpdateStructureDataDetails", updateAnnotations],
  ["DeleteRawModifiedDetails", deleteRange],
  ["DeleteAtTimeDetails", deleteAtTime],
]);

async function updateData(parts: UpdateParts, { by, target, details }: Update): Promise<HistoryUpdateResult> {
  const mode = modes.get(details.performInsertReplace ?? 0);
  if (mode === undefined || target.isAnnotations) return failed(StatusCodes.BadHistoryOperationInvalid);
  const given = details.updateValues ?? [];
  if (given.length === 0) return failed(StatusCodes.BadNothingToDo);
  const rows = valueRowsOf(given, target.spec.dataType, mode);
  const { device, spec } = target;
  const edits = await parts.edits;
  const outcomes = await edits.edit(by, { device: device.id, parameter: spec, mode, ...rows.columns });
  return done(statusOfEach(rows, outcomes));
}

/** The status of each value as it was given: its own trouble, or what became of its time. */
function statusOfEach({ places, troubles }: ValueRows, outcomes: readonly EditOutcome[]): StatusCode[] {
  return places.map((place, i) => {
    if (place === "duplicate") return StatusCodes.BadEntryExists;
    return place === undefined ? (troubles[i] ?? StatusCodes.BadInternalError) : statusOfOutcome(outcomes[place]);
  });
}

async function deleteRange(parts: UpdateParts, { by, target, details }: Update): Promise<HistoryUpdateResult> {
  const from = timeOf(details.startTime);
  const end = timeOf(details.endTime);
  if (from === undefined || end === undefined || end < from || target.isAnnotations) {
    return failed(StatusCodes.BadInvalidArgument);
  }
  const { device, spec } = target;
  const span = { device: device.id, parameter: spec, from, to: end === from ? end + microsecond : end };
  const count = await (await parts.edits).deleteRange(by, span, details.isDeleteModified === true);
  return count === 0 ? failed(StatusCodes.BadNoData) : done([]);
}

async function deleteAtTime(parts: UpdateParts, { by, target, details }: Update): Promise<HistoryUpdateResult> {
  const asked = (details.reqTimes ?? []).map(timeOf);
  if (asked.length === 0 || target.isAnnotations) return failed(StatusCodes.BadInvalidArgument);
  const known = asked.filter((time) => time !== undefined);
  const times = Float64Array.from([...new Set(known)].sort((a, b) => a - b));
  const { device, spec } = target;
  const outcomes = await (await parts.edits).deleteAt(by, { device: device.id, parameter: spec, times });
  const outcomeOf = new Map(Array.from(times, (time, i) => [time, outcomes[i]]));
  return done(
    asked.map((time) => (time === undefined ? StatusCodes.BadInvalidTimestamp : statusOfOutcome(outcomeOf.get(time)))),
  );
}

async function updateAnnotations(parts: UpdateParts, { by, target, details }: Update): Promise<HistoryUpdateResult> {
  const mode: AnnotationEdit["mode"] | undefined =
    details.performInsertReplace === remove ? "remove" : modes.get(details.performInsertReplace ?? 0);
  if (mode === undefined) return failed(StatusCodes.BadHistoryOperationInvalid);
  const given = annotationsOf(details.updateValues ?? [], by.user);
  const annotations = given.filter((each): each is Annotation => !(each instanceof StatusCode));
  const { device, spec } = target;
  const edit = { device: device.id, parameter: spec, mode, annotations };
  const outcomes = await (await parts.edits).annotate(by, edit);
  if (outcomes.includes("inserted")) parts.annotated(target);
  let next = 0;
  return done(given.map((each) => (each instanceof StatusCode ? each : statusOfOutcome(outcomes[next++]))));
}

function statusOfOutcome(outcome: EditOutcome | undefined): StatusCode {
  switch (outcome) {
    case "inserted":
      return StatusCodes.GoodEntryInserted;
    case "replaced":
      return StatusCodes.GoodEntryReplaced;
    case "deleted":
      return StatusCodes.Good;
    case "exists":
      return StatusCodes.BadEntryExists;
    case "missing":
      return StatusCodes.BadNoEntryExists;
    default:
      return StatusCodes.BadInternalError;
  }
}

function isUpdateDetails(details: unknown): details is UpdateDetails {
  return typeof details === "object" && details !== null && "nodeId" in details && details.nodeId instanceof NodeId;
}

function done(operationResults: StatusCode[]): HistoryUpdateResult {
  return new HistoryUpdateResult({ statusCode: StatusCodes.Good, operationResults });
}

function failed(statusCode: StatusCode): HistoryUpdateResult {
  return new HistoryUpdateResult({ statusCode });
}
