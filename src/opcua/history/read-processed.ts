import {
  type AggregateConfiguration,
  type HistoryReadResult,
  type ReadProcessedDetails,
  StatusCodes,
} from "node-opcua";
import type { ProcessedHistoryPage } from "#fleet/ports.ts";
import {
  type AggregateConfiguration as Configuration,
  defaultAggregateConfiguration,
  isConsistent,
} from "#model/aggregate.ts";
import { isStepped } from "#model/is-stepped.ts";
import { EncodedHistoryData } from "#opcua/engine/encoded-history.ts";
import { aggregateNamed, typeOfAggregate } from "./aggregate-functions.ts";
import { encodeHistoryData } from "./history-data.ts";
import { type NodeQuestion, pageLimitOf, pageResult, type Reading, refusal } from "./reading.ts";
import { timeOf } from "./time-argument.ts";

interface ProcessedWindow {
  readonly start: number;
  readonly end: number;
  /** The whole time where the client gave 0. */
  readonly intervalMs: number;
  readonly configuration: Configuration;
  /** Intervals per page. */
  readonly limit: number;
}

/** ReadProcessed (OPC 10000-11, 6.5.4): each node with its own aggregate, some intervals per page. */
export async function readProcessed(
  reading: Reading,
  details: ReadProcessedDetails,
  nodes: readonly NodeQuestion[],
): Promise<readonly HistoryReadResult[]> {
  const start = timeOf(details.startTime);
  const end = timeOf(details.endTime);
  const { processingInterval } = details;
  if (start === undefined || end === undefined || start === end || !(processingInterval >= 0)) {
    return nodes.map(() => refusal(StatusCodes.BadInvalidArgument));
  }
  const configuration = configurationOf(details.aggregateConfiguration);
  if (configuration === undefined) return nodes.map(() => refusal(StatusCodes.BadAggregateConfigurationRejected));
  const intervalMs = processingInterval > 0 ? processingInterval : Math.abs(end - start);
  const window = { start, end, intervalMs, configuration, limit: pageLimitOf(reading.nodeCount) };
  const results: HistoryReadResult[] = [];
  // One after the other: each may hold millions of values in memory.
  for (const node of nodes) results.push(await readNode(reading, details, node, window));
  return results;
}

async function readNode(
  reading: Reading,
  details: ReadProcessedDetails,
  node: NodeQuestion,
  window: ProcessedWindow,
): Promise<HistoryReadResult> {
  const functionId = details.aggregateType?.[node.index];
  const aggregate = functionId === undefined ? undefined : aggregateNamed(functionId);
  if (aggregate === undefined) return refusal(StatusCodes.BadAggregateNotSupported);
  const type = typeOfAggregate(aggregate, node.spec.dataType);
  // A text has a quality and can be counted; there is no arithmetic on it.
  if (node.isAnnotations || (node.spec.dataType === "string" && type !== "int32" && type !== "status-code")) {
    return refusal(StatusCodes.BadAggregateNotSupported);
  }
  const { start, end, intervalMs, configuration, limit } = window;
  const direction = end < start ? -1 : 1;
  const total = Math.ceil(Math.abs(end - start) / intervalMs);
  const first = Number(node.place ?? 0);
  const last = Math.min(first + limit, total);
  const page = await reading.access.processed({
    device: node.device.id,
    parameter: node.spec.name,
    aggregate,
    startTime: start + direction * first * intervalMs,
    endTime: last === total ? end : start + direction * last * intervalMs,
    processingIntervalMs: intervalMs,
    stepped: isStepped(node.spec),
    configuration,
  });
  const columns = { ...page, qualities: page.statuses, texts: undefined, more: false };
  const segments = [{ page: columns, count: lengthOf(page) }];
  const bytes = encodeHistoryData(segments, type, reading.stamps);
  const body = { data: new EncodedHistoryData(bytes), isEmpty: lengthOf(page) === 0 };
  return pageResult(reading, node, body, last < total ? String(last) : undefined);
}

function lengthOf(page: ProcessedHistoryPage): number {
  return page.times.length;
}

/** What the client asks for, or what the server advertises; undefined when it contradicts itself. */
function configurationOf(asked: AggregateConfiguration): Configuration | undefined {
  if (asked.useServerCapabilitiesDefaults) return defaultAggregateConfiguration;
  const { treatUncertainAsBad, percentDataBad, percentDataGood, useSlopedExtrapolation } = asked;
  const configuration = { treatUncertainAsBad, percentDataBad, percentDataGood, useSlopedExtrapolation };
  return isConsistent(configuration) ? configuration : undefined;
}
