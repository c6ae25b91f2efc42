import type {
  Annotation,
  AnnotationEdit,
  AnnotationQuery,
  EditOutcome,
  HistoryEdit,
  ModificationCode,
  ModifiedHistoryPage,
  ModifiedHistoryQuery,
  ValueEdit,
} from "#fleet/history/ports.ts";
import { Modification } from "#fleet/history/ports.ts";
import {
  decodeFloat8Array,
  decodeInt4Array,
  decodeTextArray,
  decodeTimeArray,
  encodeFloat8Array,
  encodeInt4Array,
  encodeTextArray,
  encodeTimeArray,
} from "#historian/codec/pg-array.ts";
import { earliestTime, latestTime, nextInstant } from "#historian/codec/pg-time.ts";
import type { EpochMs } from "#model/ids.ts";
import {
  annotatedSql,
  annotateSql,
  annotationsForwardSql,
  annotationsReverseSql,
  deleteAtSql,
  deleteModifiedSql,
  deleteRangeSql,
  editSql,
  modifiedForwardSql,
  modifiedReverseSql,
  OutcomeCode,
  removeAnnotationsSql,
} from "./edit-sql.ts";
import type { EditStore, TimeSpan } from "./edit-store.ts";
import type { SqlParameter, SqlRow } from "./sql-driver.ts";

type Query = (sql: string, parameters: readonly SqlParameter[]) => Promise<readonly SqlRow[]>;

/** Edits as statements, the same for every engine. */
export class SqlEditStore implements EditStore {
  readonly #query: Query;

  /** `query` throws `history-unavailable`. */
  constructor(query: Query) {
    this.#query = query;
  }

  async edit(key: string, edit: ValueEdit): Promise<readonly EditOutcome[]> {
    const { mode, times, values, qualities, texts, at, user } = edit;
    const mayInsert = mode !== "replace";
    const mayReplace = mode !== "insert";
    const [row] = await this.#query(editSql, [
      key,
      encodeTimeArray(times),
      encodeFloat8Array(values),
      encodeInt4Array(new Int32Array(qualities.buffer, qualities.byteOffset, qualities.length)),
      encodeTextArray(texts ?? []),
      String(mayInsert),
      String(mayReplace),
      String(mode === "update" ? Modification.update : Modification.replace),
      isoOf(at),
      user,
    ]);
    return outcomesOf(row, times.length, mayInsert ? "exists" : "missing");
  }

  async deleteRange(key: string, { from, to }: TimeSpan, { at, user }: HistoryEdit): Promise<number> {
    const [row] = await this.#query(deleteRangeSql, [key, timesOf(from, to), isoOf(at), user]);
    return Number(textOf(row?.[0]));
  }

  async deleteModified(key: string, { from, to }: TimeSpan): Promise<number> {
    const [row] = await this.#query(deleteModifiedSql, [key, timesOf(from, to)]);
    return Number(textOf(row?.[0]));
  }

  async deleteAt(
    key: string,
    times: Float64Array<ArrayBuffer>,
    { at, user }: HistoryEdit,
  ): Promise<readonly EditOutcome[]> {
    const [row] = await this.#query(deleteAtSql, [key, encodeTimeArray(times), isoOf(at), user]);
    return outcomesOf(row, times.length, "missing");
  }

  async modified(key: string, query: ModifiedHistoryQuery): Promise<ModifiedHistoryPage> {
    const { from, to } = spanOf(query);
    const { reverse, limit, after } = query;
    const [row] = await this.#query(reverse ? modifiedReverseSql : modifiedForwardSql, [
      key,
      timesOf(from, to, after?.time ?? (reverse ? latestTime + 1 : earliestTime - 1)),
      String(after?.number ?? 0),
      // One more than wanted tells whether there is more.
      String(limit + 1),
    ]);
    return modifiedPageOf(row ?? [], limit);
  }

  async annotations(key: string, query: Omit<AnnotationQuery, "device" | "parameter">): Promise<readonly Annotation[]> {
    const { from, to } = spanOf(query);
    const sql = query.reverse ? annotationsReverseSql : annotationsForwardSql;
    const [row = []] = await this.#query(sql, [key, timesOf(from, to), String(query.skip), String(query.limit)]);
    const [times, written, users, messages] = row;
    if (!times || !written || !users || !messages) return [];
    const writtenAt = decodeTimeArray(written);
    const authors = decodeTextArray(users);
    const texts = decodeTextArray(messages);
    return Array.from(decodeTimeArray(times), (time, i) => ({
      time,
      writtenAt: writtenAt[i] ?? 0,
      user: authors[i] ?? "",
      message: texts[i] ?? "",
    }));
  }

  async annotated(): Promise<readonly { readonly device: string; readonly parameter: string }[]> {
    const rows = await this.#query(annotatedSql, []);
    return rows.map(([device, parameter]) => ({ device: textOf(device), parameter: textOf(parameter) }));
  }

  async annotate(key: string, { mode, annotations }: AnnotationEdit): Promise<readonly EditOutcome[]> {
    const given = [
      key,
      encodeTimeArray(Float64Array.from(annotations, ({ time }) => time)),
      encodeTimeArray(Float64Array.from(annotations, ({ writtenAt }) => writtenAt)),
      encodeTextArray(annotations.map(({ user }) => user)),
      encodeTextArray(annotations.map(({ message }) => message)),
    ];
    const [row] =
      mode === "remove"
        ? await this.#query(removeAnnotationsSql, given)
        : await this.#query(annotateSql, [...given, String(mode !== "replace"), String(mode !== "insert")]);
    return outcomesOf(row, annotations.length, mode === "insert" ? "exists" : "missing");
  }
}

/** Reading backwards includes the newest instant instead of the oldest. */
function spanOf(query: {
  readonly from: EpochMs | undefined;
  readonly to: EpochMs | undefined;
  readonly reverse: boolean;
}) {
  const { from, to, reverse } = query;
  return {
    from: from === undefined ? earliestTime : reverse ? nextInstant(from) : from,
    to: to === undefined || reverse ? nextInstant(to ?? latestTime) : to,
  };
}

function modifiedPageOf(row: SqlRow, limit: number): ModifiedHistoryPage {
  const [times, values, statuses, texts, kinds, modified, users, numbers] = row;
  if (!times || !values || !statuses || !kinds || !modified || !users || !numbers) return nothing;
  const allTimes = decodeTimeArray(times);
  const shown = allTimes.subarray(0, limit);
  const last = shown.length - 1;
  return {
    times: shown,
    values: decodeFloat8Array(values).subarray(0, limit),
    qualities: new Uint32Array(decodeInt4Array(statuses).buffer).subarray(0, limit),
    texts: texts ? decodeTextArray(texts).slice(0, limit) : undefined,
    more: allTimes.length > limit,
    kinds: Array.from(decodeInt4Array(kinds).subarray(0, limit), kindOf),
    modified: decodeTimeArray(modified).subarray(0, limit),
    users: decodeTextArray(users)
      .slice(0, limit)
      .map((user) => user ?? ""),
    last: { time: shown[last] ?? 0, number: decodeFloat8Array(numbers)[last] ?? 0 },
  };
}

const nothing: ModifiedHistoryPage = {
  times: new Float64Array(0),
  values: new Float64Array(0),
  qualities: new Uint32Array(0),
  texts: undefined,
  more: false,
  kinds: [],
  modified: new Float64Array(0),
  users: [],
  last: undefined,
};

const kindsByCode = new Map<number, ModificationCode>(Object.values(Modification).map((code) => [code, code]));

function kindOf(code: number): ModificationCode {
  return kindsByCode.get(code) ?? Modification.update;
}

const outcomesByCode = new Map<number, EditOutcome>([
  [OutcomeCode.inserted, "inserted"],
  [OutcomeCode.replaced, "replaced"],
  [OutcomeCode.deleted, "deleted"],
]);

function outcomesOf(row: SqlRow | undefined, count: number, otherwise: EditOutcome): readonly EditOutcome[] {
  const codes = row?.[0] ? decodeInt4Array(row[0]) : new Int32Array(count);
  return Array.from(codes, (code) => outcomesByCode.get(code) ?? otherwise);
}

function timesOf(...times: readonly number[]): Uint8Array<ArrayBuffer> {
  return encodeTimeArray(Float64Array.from(times));
}

function isoOf(time: EpochMs): string {
  return new Date(time).toISOString();
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return bytes ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8") : "";
}
