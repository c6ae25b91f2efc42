import { type HistoryReadResult, type ReadAtTimeDetails, StatusCodes } from "node-opcua";
import { defaultAggregateConfiguration } from "#model/aggregate.ts";
import { isStepped } from "#model/is-stepped.ts";
import { EncodedHistoryData } from "#opcua/engine/encoded-history.ts";
import { encodeHistoryData } from "./history-data.ts";
import { type NodeQuestion, pageLimitOf, pageResult, type Reading, refusal } from "./reading.ts";
import { timeOf } from "./time-argument.ts";

/** ReadAtTime (OPC 10000-11, 6.5.5): a value for each instant in the order of the request, page by page. */
export async function readAtTime(
  reading: Reading,
  details: ReadAtTimeDetails,
  nodes: readonly NodeQuestion[],
): Promise<readonly HistoryReadResult[]> {
  const times = (details.reqTimes ?? []).map(timeOf).filter((time) => time !== undefined);
  if (times.length === 0 || times.length !== details.reqTimes?.length) {
    return nodes.map(() => refusal(StatusCodes.BadInvalidTimestampArgument));
  }
  const limit = pageLimitOf(reading.nodeCount);
  const results: HistoryReadResult[] = [];
  for (const node of nodes) results.push(await readNode(reading, details, node, { times, limit }));
  return results;
}

async function readNode(
  reading: Reading,
  details: ReadAtTimeDetails,
  node: NodeQuestion,
  { times, limit }: { readonly times: readonly number[]; readonly limit: number },
): Promise<HistoryReadResult> {
  if (node.isAnnotations) return refusal(StatusCodes.BadHistoryOperationUnsupported);
  const start = Number(node.place ?? 0);
  const end = Math.min(start + limit, times.length);
  const page = await reading.access.atTime({
    device: node.device.id,
    parameter: node.spec.name,
    times: Float64Array.from(times.slice(start, end)),
    stepped: isStepped(node.spec),
    useSimpleBounds: details.useSimpleBounds,
    treatUncertainAsBad: defaultAggregateConfiguration.treatUncertainAsBad,
  });
  const bytes = encodeHistoryData([{ page, count: end - start }], node.spec.dataType, reading.stamps);
  const body = { data: new EncodedHistoryData(bytes), isEmpty: false };
  return pageResult(reading, node, body, end < times.length ? String(end) : undefined);
}
