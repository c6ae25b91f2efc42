import {
  type HistoryReadRequest,
  HistoryReadResult,
  type HistoryReadValueId,
  type ISessionContext,
  ReadAtTimeDetails,
  ReadEventDetails,
  ReadProcessedDetails,
  ReadRawModifiedDetails,
  StatusCode,
  StatusCodes,
  TimestampsToReturn,
} from "node-opcua";
import { schemaNameOf } from "#opcua/engine/schema-name.ts";
import { statusCodeOf } from "#opcua/status.ts";
import type { Binding } from "./continuation-points.ts";
import type { Stamps } from "./history-data.ts";
import { readableTarget } from "./history-target.ts";
import { questionOf } from "./question.ts";
import { type AnnotationDetails, readAnnotationsAtTime } from "./read-annotations.ts";
import { readAtTime } from "./read-at-time.ts";
import { type EventHistoryParts, readEvents } from "./read-events.ts";
import { readModified } from "./read-modified.ts";
import { readProcessed } from "./read-processed.ts";
import { readRaw } from "./read-raw.ts";
import type { HistoryParts, NodeQuestion, Reading } from "./reading.ts";

/** Answers the nodes of a request that can be answered at all; one result each, in order. May throw. */
type Reader = (reading: Reading, nodes: readonly NodeQuestion[]) => Promise<readonly HistoryReadResult[]>;

/**
 * Answers HistoryRead from the historian (OPC 10000-11, 6.5): raw, processed and modified values, values at instants,
 * annotations and events. Gives a StatusCode when the request as a whole is wrong; never rejects.
 */
export async function readHistory(
  parts: EventHistoryParts,
  context: ISessionContext,
  request: HistoryReadRequest,
): Promise<readonly HistoryReadResult[] | StatusCode> {
  const { historyReadDetails: details } = request;
  // Events carry their own times: the timestamps to return mean nothing to them.
  if (details instanceof ReadEventDetails) return readEvents(parts, context, request, details);
  const stamps = stampsOf(request.timestampsToReturn);
  if (stamps === undefined) return StatusCodes.BadTimestampsToReturnInvalid;
  const reader = readerOf(request);
  if (reader instanceof StatusCode) return reader;
  const nodes = request.nodesToRead ?? [];
  const session = context.session?.getSessionId().toString() ?? "";
  const question = parts.points.digest(questionOf(request));
  const questions = nodes.map((node, index): NodeQuestion | StatusCode => {
    const target = readableTarget(parts, context, node);
    if (target instanceof StatusCode) return target;
    const binding = { session, node: node.nodeId.toString(), question };
    const place = placeOf(parts, node, binding);
    return place instanceof StatusCode ? place : { ...target, index, binding, place };
  });
  const results = questions.map((each) => bad(each instanceof StatusCode ? each : StatusCodes.Good));
  if (request.releaseContinuationPoints) return results;
  const askable = questions.filter((each): each is NodeQuestion => !(each instanceof StatusCode));
  const answers = await answer(parts, reader, { parts, stamps, nodeCount: nodes.length }, askable);
  for (const [i, each] of askable.entries()) results[each.index] = answers[i] ?? bad(StatusCodes.BadInternalError);
  return results;
}

async function answer(
  parts: HistoryParts,
  reader: Reader,
  about: Omit<Reading, "access">,
  nodes: readonly NodeQuestion[],
): Promise<readonly HistoryReadResult[]> {
  if (nodes.length === 0) return [];
  try {
    return await reader({ ...about, access: await parts.access }, nodes);
  } catch (error) {
    parts.log.warn({ err: error, device: nodes[0]?.device.id, nodes: nodes.length }, "history could not be read");
    return nodes.map(() => bad(statusCodeOf(error)));
  }
}

function stampsOf(wanted: TimestampsToReturn): Stamps | undefined {
  switch (wanted) {
    case TimestampsToReturn.Source:
      return { source: true, server: false };
    case TimestampsToReturn.Server:
      return { source: false, server: true };
    case TimestampsToReturn.Both:
      return { source: true, server: true };
    default:
      return undefined;
  }
}

function readerOf({ historyReadDetails: details, nodesToRead, timestampsToReturn }: HistoryReadRequest) {
  if (details instanceof ReadRawModifiedDetails) {
    const read: Reader = (reading, nodes) => (details.isReadModified ? readModified : readRaw)(reading, details, nodes);
    return read;
  }
  if (details instanceof ReadProcessedDetails) {
    // What is computed has no time of its own at the server.
    if (timestampsToReturn === TimestampsToReturn.Server) return StatusCodes.BadTimestampsToReturnInvalid;
    if (details.aggregateType?.length !== nodesToRead?.length) return StatusCodes.BadAggregateListMismatch;
    const read: Reader = (reading, nodes) => readProcessed(reading, details, nodes);
    return read;
  }
  if (details instanceof ReadAtTimeDetails) {
    const read: Reader = (reading, nodes) => readAtTime(reading, details, nodes);
    return read;
  }
  if (isAnnotationDetails(details)) {
    const read: Reader = (reading, nodes) => readAnnotationsAtTime(reading, details, nodes);
    return read;
  }
  return StatusCodes.BadHistoryOperationUnsupported;
}

function isAnnotationDetails(details: unknown): details is AnnotationDetails {
  return schemaNameOf(details) === "ReadAnnotationDataDetails";
}

function placeOf(parts: HistoryParts, node: HistoryReadValueId, binding: Binding): string | undefined | StatusCode {
  const { continuationPoint } = node;
  if (continuationPoint === null || continuationPoint === undefined || continuationPoint.length === 0) return undefined;
  return parts.points.placeOf(continuationPoint, binding) ?? StatusCodes.BadContinuationPointInvalid;
}

function bad(statusCode: StatusCode): HistoryReadResult {
  return new HistoryReadResult({ statusCode });
}
