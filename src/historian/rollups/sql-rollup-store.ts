import { decodeFloat8Array, decodeInt4Array, decodeTimeArray, encodeTimeArray } from "#historian/codec/pg-array.ts";
import type { SqlParameter, SqlRow } from "#historian/store/sql-driver.ts";
import type { EpochMs } from "#model/ids.ts";
import type { RollupColumns, RollupLength, RollupStore } from "./rollup-store.ts";

const tables: Readonly<Record<RollupLength, string>> = {
  86400000: "rollup_1d",
  3600000: "rollup_1h",
  60000: "rollup_1m",
};

const columns = [
  "bucket",
  "n",
  "n_good",
  "n_bad",
  "sum",
  "min",
  "max",
  "first_ts",
  "first_v",
  "first_q",
  "last_ts",
  "last_v",
  "last_q",
] as const;

// A day's summary is out of date with any of its hours.
const readSql = (table: string): string => `
SELECT ${columns.map((name) => `array_send(array_agg(${name}))`).join(", ")},
  (SELECT array_send(array_agg(hour)) FROM rollup_due d
   WHERE d.series_id = (SELECT series_id FROM series WHERE node_key = $1)
     AND d.hour > ($2::timestamptz[])[1] - INTERVAL '1 hour' AND d.hour < ($2::timestamptz[])[2])
FROM (
  SELECT * FROM ${table}
  WHERE series_id = (SELECT series_id FROM series WHERE node_key = $1)
    AND bucket >= ($2::timestamptz[])[1] AND bucket < ($2::timestamptz[])[2]
  ORDER BY bucket
) buckets`;

/** Reads the tables rollup_1m, rollup_1h and rollup_1d. */
export class SqlRollupStore implements RollupStore {
  readonly #query: (sql: string, parameters: readonly SqlParameter[]) => Promise<readonly SqlRow[]>;

  constructor(query: (sql: string, parameters: readonly SqlParameter[]) => Promise<readonly SqlRow[]>) {
    this.#query = query;
  }

  async read(key: string, length: RollupLength, from: EpochMs, to: EpochMs): Promise<RollupColumns> {
    const [row = []] = await this.#query(readSql(tables[length]), [key, encodeTimeArray(Float64Array.of(from, to))]);
    const times = (i: number) => (row[i] ? decodeTimeArray(row[i]) : new Float64Array(0));
    const integers = (i: number) => (row[i] ? decodeInt4Array(row[i]) : new Int32Array(0));
    const numbers = (i: number) => (row[i] ? decodeFloat8Array(row[i]) : new Float64Array(0));
    return {
      buckets: times(0),
      all: integers(1),
      good: integers(2),
      bad: integers(3),
      sum: numbers(4),
      min: numbers(5),
      max: numbers(6),
      firstTimes: times(7),
      firstValues: numbers(8),
      firstStatuses: integers(9),
      lastTimes: times(10),
      lastValues: numbers(11),
      lastStatuses: integers(12),
      dueHours: times(13),
    };
  }
}
