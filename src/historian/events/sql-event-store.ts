import type { EventPage, EventQuery, EventRecord } from "#fleet/alarms/ports.ts";
import { encodeInt4Array, encodeTextArray, encodeTimeArray } from "#historian/codec/pg-array.ts";
import { earliestTime, latestTime, nextInstant, roundToMicrosecond } from "#historian/codec/pg-time.ts";
import type { SqlParameter, SqlRow } from "#historian/store/sql-driver.ts";
import { HostError } from "#model/errors.ts";
import type { EpochMs } from "#model/ids.ts";
import type { EventStore } from "./event-store.ts";
import { readEvent, storableText, writeEvent } from "./event-text.ts";

const appendSql = `
INSERT INTO event (event_id, ts, received_ts, kind, device_id, name, severity, message, user_name, record)
SELECT decode(e.id, 'hex'), e.ts, e.received, e.kind, e.device, e.name, e.severity, e.message, e.usr, e.record::jsonb
FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::int4[], $8::text[],
  $9::text[], $10::text[]) AS e(id, ts, received, kind, device, name, severity, message, usr, record)
ON CONFLICT (event_id) DO NOTHING`;

const removeSql = "DELETE FROM event WHERE ts < ($1::timestamptz[])[1]";

/** $1: from, to, after; $2: number of the event to continue behind; $3: limit; $4: device. */
function readSql(isReverse: boolean, ofDevice: boolean): string {
  const [low, high, beyond, direction] = isReverse ? [">", "<=", "<", "DESC"] : [">=", "<", ">", "ASC"];
  return `
SELECT seq::text, record::text FROM event
WHERE ts ${low} ($1::timestamptz[])[1] AND ts ${high} ($1::timestamptz[])[2]
  AND (ts, seq) ${beyond} (($1::timestamptz[])[3], $2::int8) ${ofDevice ? "AND device_id = $4" : ""}
ORDER BY ts ${direction}, seq ${direction} LIMIT $3::int4`;
}

const mostEvents = 10_000;
const lastNumber = "9223372036854775807";

/** Events in the table `event`; `query` runs a statement on a schema that is up to date. */
export class SqlEventStore implements EventStore {
  readonly #query: (sql: string, parameters: readonly SqlParameter[]) => Promise<readonly SqlRow[]>;

  constructor(query: (sql: string, parameters: readonly SqlParameter[]) => Promise<readonly SqlRow[]>) {
    this.#query = query;
  }

  async append(events: readonly EventRecord[]): Promise<void> {
    const texts = (of: (event: EventRecord) => string | undefined): Uint8Array<ArrayBuffer> =>
      encodeTextArray(events.map(of));
    const times = (of: (event: EventRecord) => number): Uint8Array<ArrayBuffer> =>
      encodeTimeArray(Float64Array.from(events, (event) => roundToMicrosecond(of(event))));
    await this.#query(appendSql, [
      texts((event) => event.eventId),
      times((event) => event.at),
      times((event) => event.receivedAt),
      texts((event) => event.kind),
      texts((event) => event.device),
      texts((event) => storableText(event.name)),
      encodeInt4Array(Int32Array.from(events, (event) => event.severity)),
      texts((event) => storableText(event.message)),
      texts((event) => event.user && storableText(event.user)),
      texts(writeEvent),
    ]);
  }

  async read(query: EventQuery): Promise<EventPage> {
    const { device, reverse, from = earliestTime } = query;
    const to = query.to ?? latestTime;
    const limit = Math.max(1, Math.min(query.limit, mostEvents));
    const after = placeOf(query);
    const times = Float64Array.of(
      reverse && query.from === undefined ? from - 1 : from,
      reverse || query.to !== undefined ? to : nextInstant(to),
      after.time,
    );
    const rows = await this.#query(readSql(reverse, device !== undefined), [
      encodeTimeArray(times),
      after.number,
      String(limit + 1),
      ...(device === undefined ? [] : [device]),
    ]);
    return pageOf(rows, limit);
  }

  async removeBefore(cutoff: EpochMs): Promise<void> {
    await this.#query(removeSql, [encodeTimeArray(Float64Array.of(cutoff))]);
  }
}

function pageOf(rows: readonly SqlRow[], limit: number): EventPage {
  const events: EventRecord[] = [];
  let next: string | undefined;
  for (const [number, record] of rows.slice(0, limit)) {
    const event = readEvent(textOf(record));
    if (event === undefined) continue;
    events.push(event);
    next = `${roundToMicrosecond(event.at)}/${textOf(number)}`;
  }
  return { events, next: rows.length > limit ? next : undefined };
}

/** Where to continue; without a place, before the first event in the direction of reading. */
function placeOf({ after, reverse }: EventQuery): { readonly time: EpochMs; readonly number: string } {
  if (after === undefined) {
    return reverse ? { time: nextInstant(latestTime), number: lastNumber } : { time: earliestTime - 1, number: "0" };
  }
  const [time = "", number = "", ...rest] = after.split("/");
  if (/^-?\d+(?:\.\d+)?$/.test(time) && /^\d{1,18}$/.test(number) && rest.length === 0) {
    return { time: Number(time), number };
  }
  throw new HostError("argument-invalid", "The place to continue reading events from is not one that a page gave");
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return bytes ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8") : "";
}
