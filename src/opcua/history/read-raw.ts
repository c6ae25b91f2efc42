import { type HistoryReadResult, type ReadRawModifiedDetails, StatusCodes } from "node-opcua";
import type { HistoryPage, RawHistoryQuery } from "#fleet/ports.ts";
import { EncodedHistoryData } from "#opcua/engine/encoded-history.ts";
import { encodeHistoryData } from "./history-data.ts";
import { firstPlace, questionsOf, type RawPlace, type RawWindow, rawPageOf, rawWindowOf } from "./raw-window.ts";
import { readAnnotations } from "./read-annotations.ts";
import { type NodeQuestion, pageLimitOf, pageResult, type Reading, refusal } from "./reading.ts";
import { timeOf } from "./time-argument.ts";

/** ReadRaw (OPC 10000-11, 6.5.3): one question to the store for all nodes, bounds included. */
export async function readRaw(
  reading: Reading,
  details: ReadRawModifiedDetails,
  nodes: readonly NodeQuestion[],
): Promise<readonly HistoryReadResult[]> {
  const { numValuesPerNode: wanted, returnBounds } = details;
  const window = rawWindowOf(timeOf(details.startTime), timeOf(details.endTime), wanted, returnBounds);
  if (window === undefined) return nodes.map(() => refusal(StatusCodes.BadInvalidArgument));
  const most = pageLimitOf(reading.nodeCount);
  const limit = wanted > 0 ? Math.min(wanted, most) : most;
  const batch = new QueryBatch();
  const asked = nodes.map((node) => (node.isAnnotations ? undefined : ask(batch, window, node, limit)));
  const pages = await reading.access.pages(batch.queries);
  return Promise.all(
    nodes.map(async (node, i) => {
      const answer = asked[i];
      if (answer === undefined) return readAnnotations(reading, window, limit, node);
      const { segments, next } = answer(pages);
      const data = new EncodedHistoryData(encodeHistoryData(segments, node.spec.dataType, reading.stamps));
      const body = { data, isEmpty: segments.length === 0 };
      return pageResult(reading, node, body, next === undefined ? undefined : textOf(next));
    }),
  );
}

/** Queries of many nodes on their way to the store together. */
class QueryBatch {
  readonly queries: RawHistoryQuery[] = [];

  /** Adds a query; gives its answer once the pages are there. */
  add(query: RawHistoryQuery | undefined): (pages: readonly HistoryPage[]) => HistoryPage | undefined {
    if (query === undefined) return () => undefined;
    const place = this.queries.push(query) - 1;
    return (pages) => pages[place];
  }
}

function ask(batch: QueryBatch, window: RawWindow, node: NodeQuestion, limit: number) {
  const about = { device: node.device.id, parameter: node.spec.name };
  const place = node.place === undefined ? firstPlace : placeOf(node.place);
  const { nearBound, values, farBound } = questionsOf(window, place, limit);
  const near = batch.add(nearBound && { ...about, ...nearBound });
  const within = batch.add(values && { ...about, ...values });
  const far = batch.add(farBound && { ...about, ...farBound });
  return (pages: readonly HistoryPage[]) =>
    rawPageOf(window, place, limit, { nearBound: near(pages), values: within(pages), farBound: far(pages) });
}

const letters = { n: "near bound", v: "values", f: "far bound" } as const;

/** `v1767261600000.5`: what the next page begins with, and the last time of this one. */
function textOf({ part, after }: RawPlace): string {
  return `${part[0]}${after ?? ""}`;
}

function placeOf(text: string): RawPlace {
  const letter = text[0] === "n" || text[0] === "f" ? text[0] : "v";
  return { part: letters[letter], after: text.length > 1 ? Number(text.slice(1)) : undefined };
}
