import {
  type AddressSpace,
  DataType,
  DataValue,
  type ExtensionObject,
  HistoryData,
  HistoryReadResult,
  StatusCodes,
  Variant,
} from "node-opcua";
import type { Annotation } from "#fleet/history/ports.ts";
import { InternalError } from "#model/errors.ts";
import { microsecond, type RawWindow, rangeOf } from "./raw-window.ts";
import { type NodeQuestion, pageLimitOf, type Reading, refusal } from "./reading.ts";
import { timeOf } from "./time-argument.ts";

/** ReadRaw of an Annotations property (OPC 10000-11, 5.5): the annotations of a time. */
export async function readAnnotations(
  reading: Reading,
  window: RawWindow,
  limit: number,
  node: NodeQuestion,
): Promise<HistoryReadResult> {
  const skip = Number(node.place ?? 0);
  const found = await reading.access.annotations({
    device: node.device.id,
    parameter: node.spec.name,
    ...rangeOf(window),
    skip,
    limit: limit + 1,
  });
  const isCut = found.length > limit;
  const dataValues = found.slice(0, limit).map((annotation) => dataValueOf(reading, annotation));
  return new HistoryReadResult({
    statusCode: dataValues.length === 0 ? StatusCodes.GoodNoData : StatusCodes.Good,
    historyData: new HistoryData({ dataValues }),
    ...(isCut ? { continuationPoint: reading.parts.points.at(String(skip + limit), node.binding) } : {}),
  });
}

/** The details of ReadAnnotationData; node-opcua does not export their class. */
export interface AnnotationDetails {
  readonly reqTimes: readonly Date[] | null;
}

/** ReadAnnotationData (OPC 10000-11, 6.5.6): the annotations at instants; BadNoData where there is none. */
export async function readAnnotationsAtTime(
  reading: Reading,
  details: AnnotationDetails,
  nodes: readonly NodeQuestion[],
): Promise<readonly HistoryReadResult[]> {
  const times = (details.reqTimes ?? []).map(timeOf).filter((time) => time !== undefined);
  if (times.length === 0 || times.length > pageLimitOf(reading.nodeCount)) {
    return nodes.map(() => refusal(StatusCodes.BadInvalidTimestampArgument));
  }
  const results: HistoryReadResult[] = [];
  for (const node of nodes) {
    const found = await reading.access.annotations({
      device: node.device.id,
      parameter: node.spec.name,
      from: Math.min(...times),
      to: Math.max(...times) + microsecond,
      reverse: false,
      skip: 0,
      limit: pageLimitOf(reading.nodeCount),
    });
    const dataValues = times.flatMap((time) => {
      const here = found.filter((annotation) => annotation.time === time);
      return here.length === 0 ? [nothingAt(time)] : here.map((annotation) => dataValueOf(reading, annotation));
    });
    results.push(new HistoryReadResult({ statusCode: StatusCodes.Good, historyData: new HistoryData({ dataValues }) }));
  }
  return results;
}

function dataValueOf({ stamps, parts }: Reading, annotation: Annotation): DataValue {
  const value = annotationObject(parts.addressSpace, annotation);
  const dataValue = new DataValue({
    value: new Variant({ dataType: DataType.ExtensionObject, value }),
    statusCode: StatusCodes.Good,
  });
  const time = new Date(annotation.time);
  if (stamps.source) dataValue.sourceTimestamp = time;
  if (stamps.server) dataValue.serverTimestamp = time;
  return dataValue;
}

function annotationObject(addressSpace: AddressSpace, { message, user, writtenAt }: Annotation): ExtensionObject {
  const type = addressSpace.findDataType("Annotation");
  if (type === null) throw new InternalError("data type Annotation is missing from the address space");
  return addressSpace.constructExtensionObject(type, {
    message,
    userName: user,
    annotationTime: new Date(writtenAt),
  });
}

function nothingAt(time: number): DataValue {
  return new DataValue({ statusCode: StatusCodes.BadNoData, sourceTimestamp: new Date(time) });
}
