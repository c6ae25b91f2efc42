import type { EventRecord } from "#fleet/alarms/ports.ts";
import { timeRangeOf } from "#historian/columns.ts";
import type { JournalContent } from "#historian/journal/journal-content.ts";
import { RecordKind } from "#historian/journal/record.ts";
import { readEvent, writeEvent } from "./event-text.ts";

/** Events as the content of a journal: a line of JSON each. */
export const eventContent: JournalContent<readonly EventRecord[]> = {
  kind: RecordKind.events,
  size: (batch) => batch.length,
  rangeOf: (batch) => timeRangeOf(Float64Array.from(batch, (event) => event.at)),
  concat: (batches) => batches.flat(),
  slice: (batch, start, end) => batch.slice(start, end),
  encode: (batch) => [new TextEncoder().encode(batch.map(writeEvent).join("\n"))],
  bytesOf: (batch) => 100 + 2000 * batch.length,
  numbersIn: () => [],
  encodeNames: () => [],
  decoder: () => ({
    learn: () => undefined,
    decode: ({ payload }) =>
      new TextDecoder()
        .decode(payload)
        .split("\n")
        .flatMap((line) => readEvent(line) ?? []),
  }),
};
