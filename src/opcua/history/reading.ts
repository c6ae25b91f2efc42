import { type HistoryData, HistoryReadResult, type StatusCode, StatusCodes } from "node-opcua";
import type { HistoryAccess } from "#fleet/history/ports.ts";
import type { Logger } from "#lib/logger.ts";
import type { Binding, ContinuationPoints } from "./continuation-points.ts";
import type { Stamps } from "./history-data.ts";
import type { HistoryTarget, TargetParts } from "./history-target.ts";

export interface HistoryParts extends TargetParts {
  /** There once the historian is open. */
  readonly access: Promise<HistoryAccess>;
  readonly points: ContinuationPoints;
  readonly log: Logger;
}

/** One HistoryRead that is being answered. */
export interface Reading {
  readonly parts: HistoryParts;
  readonly access: HistoryAccess;
  readonly stamps: Stamps;
  /** Nodes of the request. */
  readonly nodeCount: number;
}

/** One node of a request that can be answered. */
export interface NodeQuestion extends HistoryTarget {
  /** Its place in the request. */
  readonly index: number;
  readonly binding: Binding;
  /** Where its continuation point goes on; undefined at the first page. */
  readonly place: string | undefined;
}

/** At most this many values per node and answer (MaxReturnDataValues); the client pages on with the continuation point. */
export const maxValuesPerNode = 10_000;
/** With many nodes each page is smaller, so that an answer of all of them stays in the size that clients take. */
const maxValuesPerAnswer = 100_000;
const minValuesPerNode = 100;

/** The most values for each of so many nodes. */
export function pageLimitOf(nodeCount: number): number {
  const share = Math.floor(maxValuesPerAnswer / Math.max(1, nodeCount));
  return Math.max(minValuesPerNode, Math.min(maxValuesPerNode, share));
}

/** The result of a page; `place`: where the next one begins. */
export function pageResult(
  reading: Reading,
  node: NodeQuestion,
  body: { readonly data: HistoryData; readonly isEmpty: boolean },
  place: string | undefined,
): HistoryReadResult {
  return new HistoryReadResult({
    statusCode: body.isEmpty && place === undefined ? StatusCodes.GoodNoData : StatusCodes.Good,
    historyData: body.data,
    ...(place === undefined ? {} : { continuationPoint: reading.parts.points.at(place, node.binding) }),
  });
}

export function refusal(statusCode: StatusCode): HistoryReadResult {
  return new HistoryReadResult({ statusCode });
}
