import { arrayLiteral, textLiteral, timeLiteral } from "#historian/codec/sql-literal.ts";
import type { RawRead } from "./history-store.ts";

/** A read and its place in the request. */
interface PlacedRead extends RawRead {
  readonly place: number;
}

/** Ends further out than this are open: no store has values there. */
const openBefore = Date.UTC(1990, 0, 1);
const openAfter = Date.UTC(2100, 0, 1);

/**
 * COPY of the rows of all reads, one read after the other: its place, ts, value, status, vtext, server_ts; one row more
 * than wanted tells that there is more. Reads that reach equally far share a branch whose bounds are constants: with them
 * the planner leaves out the days that do not matter (1 ms instead of 100 ms on a year of days).
 */
export function rawCopySql(reads: readonly RawRead[]): string {
  const groups = Map.groupBy(
    reads.map((read, place): PlacedRead => ({ ...read, place })),
    ({ reverse, from, to }) => `${reverse} ${from < openBefore} ${to > openAfter}`,
  );
  const branches = [...groups.values()].map(branchOf);
  return `COPY (${branches.join(" UNION ALL ")}) TO STDOUT (FORMAT binary)`;
}

function branchOf(reads: readonly PlacedRead[]): string {
  const column = (type: string, literal: (read: PlacedRead) => string): string =>
    arrayLiteral(reads.map(literal), type);
  const from = reads.reduce((least, read) => Math.min(least, read.from), Number.POSITIVE_INFINITY);
  const to = reads.reduce((most, read) => Math.max(most, read.to), Number.NEGATIVE_INFINITY);
  return `(
SELECT q.place, p.* FROM unnest(
  ${column("int4", ({ place }) => String(place))},
  ${column("text", ({ key }) => textLiteral(key))},
  ${column("timestamptz", (read) => timeLiteral(read.from))},
  ${column("timestamptz", (read) => timeLiteral(read.to))},
  ${column("int4", ({ limit }) => String(limit + 1))}
) AS q(place, node_key, from_ts, to_ts, most)
JOIN series s USING (node_key)
CROSS JOIN LATERAL (
  SELECT ts, value, status, vtext, server_ts FROM history h
  WHERE h.series_id = s.series_id AND h.ts >= q.from_ts AND h.ts < q.to_ts
    AND h.ts >= ${timeLiteral(from)} AND h.ts < ${timeLiteral(to)}
  ORDER BY h.ts ${reads[0]?.reverse === true ? "DESC" : "ASC"} LIMIT q.most
) p)`;
}
