import {
  type AddressSpace,
  coerceStatusCode,
  DataValue,
  HistoryData,
  type HistoryReadRequest,
  HistoryReadResult,
  type HistoryReadValueId,
  type ISessionContext,
  ReadRawModifiedDetails,
  type StatusCode,
  StatusCodes,
  TimestampsToReturn,
  Variant,
} from "node-opcua";
import type { Device } from "#fleet/device.ts";
import type { HistoryPage, HistoryReader, RawHistoryQuery } from "#fleet/ports.ts";
import type { Logger } from "#lib/logger.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { continuationOf, nextOf } from "./continuation-point.ts";
import { isVariableNode, mayReadHistory } from "./engine/node-guards.ts";
import { statusCodeOf } from "./status.ts";
import { uaTypeOf, uaValueOf } from "./ua-data-type.ts";

/** At most this many values per node and answer; the client pages on with the continuation point. */
const pageLimit = 10_000;

export interface HistoryParts {
  readonly addressSpace: AddressSpace;
  readonly reader: HistoryReader;
  /** The device and parameter behind a node, if it is a parameter of a device. */
  readonly parameterOf: (nodeId: string) => { readonly device: Device; readonly spec: ParameterSpec } | undefined;
  readonly log: Logger;
}

/** Answers HistoryRead from the historian (OPC 10000-11, 6.5.3): raw values, forward and backward, in pages. */
export async function readHistory(
  parts: HistoryParts,
  context: ISessionContext,
  request: HistoryReadRequest,
): Promise<HistoryReadResult[]> {
  const nodes = request.nodesToRead ?? [];
  if (request.releaseContinuationPoints) return nodes.map(() => bad(StatusCodes.Good));
  const details = request.historyReadDetails;
  if (!(details instanceof ReadRawModifiedDetails) || details.isReadModified) {
    return nodes.map(() => bad(StatusCodes.BadHistoryOperationUnsupported));
  }
  return Promise.all(
    nodes.map((node) => readNode(parts, context, node, { details, stamps: request.timestampsToReturn })),
  );
}

interface RawRead {
  readonly details: ReadRawModifiedDetails;
  readonly stamps: TimestampsToReturn;
}

async function readNode(
  parts: HistoryParts,
  context: ISessionContext,
  node: HistoryReadValueId,
  read: RawRead,
): Promise<HistoryReadResult> {
  const variable = parts.addressSpace.findNode(node.nodeId);
  if (variable === null) return bad(StatusCodes.BadNodeIdUnknown);
  const target = parts.parameterOf(String(node.nodeId.value));
  if (!isVariableNode(variable) || target === undefined || !variable.historizing) {
    return bad(StatusCodes.BadHistoryOperationUnsupported);
  }
  if (!mayReadHistory(variable, context)) return bad(StatusCodes.BadUserAccessDenied);
  const query = queryOf(read.details, node.continuationPoint, target);
  if (!("limit" in query)) return bad(query);
  try {
    const page = await parts.reader.raw(query);
    return resultOf(page, query, target.spec, read.stamps);
  } catch (error) {
    parts.log.warn({ err: error, device: target.device.id }, `history of ${target.spec.name} could not be read`);
    return bad(statusCodeOf(error));
  }
}

/** The question behind the details; a StatusCode when they contradict each other. */
function queryOf(
  details: ReadRawModifiedDetails,
  continuation: Buffer | null | undefined,
  target: { readonly device: Device; readonly spec: ParameterSpec },
): RawHistoryQuery | StatusCode {
  const start = timeOf(details.startTime);
  const end = timeOf(details.endTime);
  const wanted = details.numValuesPerNode;
  const given = Number(start !== undefined) + Number(end !== undefined) + Number(wanted > 0);
  if (given < 2) return StatusCodes.BadInvalidArgument;
  const reverse = start === undefined || (end !== undefined && end < start);
  const window = reverse ? { from: start === undefined ? undefined : end, to: start ?? end } : { from: start, to: end };
  const limit = wanted > 0 ? Math.min(wanted, pageLimit) : pageLimit;
  const base = { device: target.device.id, parameter: target.spec.name, reverse, limit };
  if (continuation === null || continuation === undefined || continuation.length === 0) return { ...base, ...window };
  const next = nextOf(continuation);
  if (next === undefined) return StatusCodes.BadContinuationPointInvalid;
  return reverse ? { ...base, from: window.from, to: next } : { ...base, from: next, to: window.to };
}

/** A missing time is the smallest one on the wire (OPC 10000-6, 5.2.2.5). */
function timeOf(date: Date | null | undefined): number | undefined {
  const time = date?.getTime();
  return time === undefined || time <= minimumTime ? undefined : time;
}

const minimumTime = Date.UTC(1601, 0, 1, 0, 0, 1);

function resultOf(
  page: HistoryPage,
  query: RawHistoryQuery,
  spec: ParameterSpec,
  stamps: TimestampsToReturn,
): HistoryReadResult {
  const dataValues: DataValue[] = [];
  for (let i = 0; i < page.times.length; i += 1) dataValues.push(dataValueOf(page, i, spec, stamps));
  const last = page.times[page.times.length - 1];
  // With one time only, the count decides where the answer ends: nothing is left to fetch.
  const isBounded = query.reverse ? query.from !== undefined : query.to !== undefined;
  const more = page.more && isBounded && last !== undefined;
  const continuationPoint = more ? continuationOf(query.reverse ? last - 1 : last + 1) : undefined;
  return new HistoryReadResult({
    statusCode: dataValues.length === 0 ? StatusCodes.GoodNoData : StatusCodes.Good,
    historyData: new HistoryData({ dataValues }),
    ...(continuationPoint === undefined ? {} : { continuationPoint }),
  });
}

function dataValueOf(page: HistoryPage, i: number, spec: ParameterSpec, stamps: TimestampsToReturn): DataValue {
  const value = uaValueOf(spec.dataType, page.values[i] ?? Number.NaN, page.texts?.[i]);
  const time = new Date(page.times[i] ?? 0);
  const dataValue = new DataValue({
    value: value === undefined ? new Variant() : new Variant({ dataType: uaTypeOf(spec.dataType), value }),
    statusCode: coerceStatusCode(page.qualities[i] ?? 0),
  });
  if (stamps !== TimestampsToReturn.Server) dataValue.sourceTimestamp = time;
  if (stamps !== TimestampsToReturn.Source) dataValue.serverTimestamp = time;
  return dataValue;
}

function bad(statusCode: StatusCode): HistoryReadResult {
  return new HistoryReadResult({ statusCode });
}
