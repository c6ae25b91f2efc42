import {
  type ExtensionObject,
  type HistoryReadRequest,
  HistoryReadResult,
  type HistoryReadValueId,
  type ISessionContext,
  PermissionType,
  type ReadEventDetails,
  StatusCode,
  StatusCodes,
  type Variant,
} from "node-opcua";
import type { EventJournal } from "#fleet/alarms/ports.ts";
import { InternalError } from "#model/errors.ts";
import type { DeviceId, EpochMs } from "#model/ids.ts";
import { isObjectNode } from "#opcua/engine/node-guards.ts";
import { type CompiledFilter, compileEventFilter } from "#opcua/events/event-filter.ts";
import type { EventTypes } from "#opcua/events/event-types.ts";
import type { EventRecords } from "#opcua/events/record-fields.ts";
import { statusCodeOf } from "#opcua/status.ts";
import type { Binding } from "./continuation-points.ts";
import { questionOf } from "./question.ts";
import { type RawWindow, rangeOf, rawWindowOf } from "./raw-window.ts";
import { type HistoryParts, maxValuesPerNode, refusal } from "./reading.ts";
import { timeOf } from "./time-argument.ts";

/** How events of the fleet look in OPC UA. */
export interface EventViews {
  readonly records: EventRecords;
  readonly types: EventTypes;
  /** True when a session may read what happened in the fleet. */
  readonly mayReadHistory: (context: ISessionContext) => boolean;
}

export interface EventHistoryParts extends HistoryParts {
  readonly journal: Promise<EventJournal>;
  /** There once the address space is built. */
  readonly views: () => EventViews | undefined;
  /** The device that a node is, by the text of its NodeId. */
  readonly deviceNamed: (key: string) => DeviceId | undefined;
}

/** Events that one page looks through, however few of them a filter lets pass. */
const maxScanned = 20_000;
/** At most this many per node and answer: an event is bigger than a value. */
const maxEvents = Math.min(1000, maxValuesPerNode);

interface EventRead {
  readonly window: RawWindow;
  readonly filter: CompiledFilter;
  readonly limit: number;
}

/** ReadEvents (OPC 10000-11, 6.5.2): journalled events of the Server or of a device, filtered, with the fields asked for. */
export async function readEvents(
  parts: EventHistoryParts,
  context: ISessionContext,
  request: HistoryReadRequest,
  details: ReadEventDetails,
): Promise<readonly HistoryReadResult[]> {
  const nodes = request.nodesToRead ?? [];
  const read = eventReadOf(parts, details);
  if (read instanceof StatusCode) return nodes.map(() => refusal(read));
  const results: HistoryReadResult[] = [];
  for (const node of nodes) results.push(await readNode(parts, context, request, { node, read }));
  return results;
}

function eventReadOf(parts: EventHistoryParts, details: ReadEventDetails): EventRead | StatusCode {
  const { numValuesPerNode: wanted } = details;
  const window = rawWindowOf(timeOf(details.startTime), timeOf(details.endTime), wanted, false);
  if (window === undefined) return StatusCodes.BadInvalidArgument;
  const views = parts.views();
  if (views === undefined) return StatusCodes.BadResourceUnavailable;
  const { statusCode, filter } = compileEventFilter(details.filter, views.types);
  if (filter === undefined) return statusCode;
  return { window, filter, limit: wanted > 0 ? Math.min(wanted, maxEvents) : maxEvents };
}

async function readNode(
  parts: EventHistoryParts,
  context: ISessionContext,
  request: HistoryReadRequest,
  { node, read }: { readonly node: HistoryReadValueId; readonly read: EventRead },
): Promise<HistoryReadResult> {
  const device = notifierOf(parts, context, node);
  if (device instanceof StatusCode) return refusal(device);
  const binding: Binding = {
    session: context.session?.getSessionId().toString() ?? "",
    node: node.nodeId.toString(),
    question: parts.points.digest(questionOf(request)),
  };
  const { continuationPoint } = node;
  const isFirst = continuationPoint === null || continuationPoint === undefined || continuationPoint.length === 0;
  const after = isFirst ? undefined : parts.points.placeOf(continuationPoint, binding);
  if (!isFirst && after === undefined) return refusal(StatusCodes.BadContinuationPointInvalid);
  if (request.releaseContinuationPoints) return refusal(StatusCodes.Good);
  try {
    const { rows, next } = await collect(parts, read, device.id, after);
    return new HistoryReadResult({
      statusCode: rows.length === 0 && next === undefined ? StatusCodes.GoodNoData : StatusCodes.Good,
      historyData: historyEventOf(parts, rows),
      ...(next === undefined ? {} : { continuationPoint: parts.points.at(next, binding) }),
    });
  } catch (error) {
    parts.log.warn({ err: error, node: node.nodeId.toString() }, "events could not be read");
    return refusal(statusCodeOf(error));
  }
}

const serverId = 2253;

/** Whose events a node keeps: of everything (the Server) or of one device. */
function notifierOf(
  parts: EventHistoryParts,
  context: ISessionContext,
  { nodeId }: HistoryReadValueId,
): { readonly id: DeviceId | undefined } | StatusCode {
  const object = parts.addressSpace.findNode(nodeId);
  if (object === null) return StatusCodes.BadNodeIdUnknown;
  if (!isObjectNode(object)) return StatusCodes.BadHistoryOperationUnsupported;
  if (nodeId.namespace === 0 && nodeId.value === serverId) {
    // The events that the Server keeps are those of the fleet.
    const mayRead = parts.views()?.mayReadHistory(context) === true;
    return mayRead ? { id: undefined } : StatusCodes.BadUserAccessDenied;
  }
  if (!context.checkPermission(object, PermissionType.ReadHistory)) return StatusCodes.BadUserAccessDenied;
  const id = parts.deviceNamed(String(nodeId.value));
  return id === undefined ? StatusCodes.BadHistoryOperationUnsupported : { id };
}

async function collect(
  parts: EventHistoryParts,
  { window, filter, limit }: EventRead,
  device: DeviceId | undefined,
  from: string | undefined,
): Promise<{ readonly rows: readonly Variant[][]; readonly next: string | undefined }> {
  const views = parts.views();
  if (views === undefined) throw new InternalError("events are read before the address space is there");
  const journal = await parts.journal;
  const range: { from: EpochMs | undefined; to: EpochMs | undefined; reverse: boolean } = rangeOf(window);
  const rows: Variant[][] = [];
  let after = from;
  for (let scanned = 0; ; ) {
    // Never more than there is room for, so that the place behind the page is exact.
    const place = after === undefined ? {} : { after };
    const page = await journal.read({ device, ...range, limit: limit - rows.length, ...place });
    for (const record of page.events) {
      const event = views.records.of(record);
      if (filter.accepts(event)) rows.push(filter.select(event));
    }
    scanned += page.events.length;
    after = page.next;
    if (after === undefined || rows.length >= limit || scanned >= maxScanned) return { rows, next: after };
  }
}

/** node-opcua does not export the class of HistoryEvent. */
function historyEventOf({ addressSpace }: EventHistoryParts, rows: readonly Variant[][]): ExtensionObject {
  const type = addressSpace.findDataType("HistoryEvent");
  if (type === null) throw new InternalError("data type HistoryEvent is missing from the address space");
  const events = rows.map((eventFields) => ({ eventFields }));
  return addressSpace.constructExtensionObject(type, { events });
}
