import { encodeFloat8Array, encodeInt4Array, encodeTextArray, encodeTimeArray } from "#historian/codec/pg-array.ts";
import { encodeCopy } from "#historian/codec/pg-copy.ts";
import { type HistoryColumns, timeRangeOf } from "#historian/columns.ts";
import type { EpochMs } from "#model/ids.ts";
import { copySql, insertNewSql, upsertSql } from "./history-sql.ts";
import { type SqlDriver, SqlError, type SqlParameter } from "./sql-driver.ts";

const uniqueViolation = "23505";
/** Below this the quick ways gain nothing over the upsert. */
const leastQuickRows = 100;
/** After a row that was there already, more of them are likely: what a crash left is stored again. */
const carefulAfterConflict = 20;

/**
 * Brings sorted rows into `history`, each once, in the quickest way that the engine has: COPY, which knows of new rows
 * only; an insert that looks first whether they are new; or the upsert, which takes any.
 */
export class RowLane {
  readonly #driver: SqlDriver;
  /** Batches that are not to be copied any more. */
  #carefulLeft = 0;

  constructor(driver: SqlDriver) {
    this.#driver = driver;
  }

  /** Stores the rows in one transaction; throws what the driver throws. */
  async store(rows: HistoryColumns): Promise<void> {
    if (rows.size >= leastQuickRows && ((await this.#copy(rows)) || (await this.#insertNew(rows)))) return;
    await this.#driver.query(upsertSql(shapeOf(rows)), arraysOf(rows));
  }

  /** False when some row is there already, or the engine has no COPY. */
  async #copy(rows: HistoryColumns): Promise<boolean> {
    if (this.#driver.copyIn === undefined) return false;
    if (this.#carefulLeft > 0) {
      this.#carefulLeft -= 1;
      return false;
    }
    const isNew = await withoutConflict(this.#driver.copyIn(copySql, encodeCopy(rows)));
    if (!isNew) this.#carefulLeft = carefulAfterConflict;
    return isNew;
  }

  /** False when there are rows among them in time. */
  async #insertNew(rows: HistoryColumns): Promise<boolean> {
    const { from, to } = timeRangeOf(rows.times);
    const parameters = [
      ...arraysOf(rows),
      ...spansOf(rows),
      millisecondOf(Math.floor(from)),
      millisecondOf(Math.ceil(to)),
    ];
    let isMet = false;
    const insert = async (): Promise<void> => {
      const [row] = await this.#driver.query(insertNewSql(shapeOf(rows)), parameters);
      isMet = Buffer.from(row?.[0] ?? []).toString("utf8") !== "false";
    };
    // Another connection may have stored the same meanwhile.
    return (await withoutConflict(insert())) && !isMet;
  }
}

function millisecondOf(time: EpochMs): string {
  return new Date(time).toISOString();
}

/** False when a row was there already. */
async function withoutConflict(storing: Promise<void>): Promise<boolean> {
  try {
    await storing;
    return true;
  } catch (error) {
    if (error instanceof SqlError && error.sqlState === uniqueViolation) return false;
    throw error;
  }
}

function shapeOf({ serverTimes, texts }: HistoryColumns) {
  return { hasServerTimes: serverTimes !== undefined, hasTexts: texts !== undefined };
}

function arraysOf({ series, times, values, statuses, serverTimes, texts, size }: HistoryColumns): SqlParameter[] {
  const arrays = [
    encodeInt4Array(series),
    encodeTimeArray(times),
    encodeFloat8Array(values),
    encodeInt4Array(statuses),
  ];
  if (serverTimes !== undefined) arrays.push(encodeTimeArray(serverTimes));
  if (texts !== undefined) arrays.push(encodeTextArray(texts, size));
  return arrays;
}

/** Series, first and last time of each series in rows that are sorted by both. */
function spansOf({ series, times, size }: HistoryColumns): SqlParameter[] {
  const ids: number[] = [];
  const from: number[] = [];
  const to: number[] = [];
  for (let i = 0; i < size; i += 1) {
    const time = times[i] ?? Number.NaN;
    if (i === 0 || series[i] !== series[i - 1]) {
      ids.push(series[i] ?? 0);
      from.push(time);
      to.push(time);
    } else to[to.length - 1] = time;
  }
  return [
    encodeInt4Array(Int32Array.from(ids)),
    encodeTimeArray(Float64Array.from(from)),
    encodeTimeArray(Float64Array.from(to)),
  ];
}
