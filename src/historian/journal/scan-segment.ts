import { decodeRecord, findRecord, type JournalRecord } from "./record.ts";

export type SegmentPart =
  | { readonly kind: "record"; readonly record: JournalRecord }
  /** Bytes between intact records that are none, or an unreadable record at the end. */
  | { readonly kind: "damage"; readonly start: number; readonly end: number }
  /** A record that was being written when the host died: never acknowledged. */
  | { readonly kind: "torn"; readonly start: number };

/** The parts of a segment in order. A damaged record costs itself, not the ones behind it. */
export function* scanSegment(bytes: Uint8Array<ArrayBuffer>): Generator<SegmentPart> {
  for (let offset = 0; offset < bytes.length; ) {
    const found = decodeRecord(bytes, offset);
    if (typeof found === "object") {
      yield { kind: "record", record: found.record };
      offset = found.end;
      continue;
    }
    const next = findRecord(bytes, offset + 1);
    if (next === undefined && found === "torn") yield { kind: "torn", start: offset };
    else yield { kind: "damage", start: offset, end: next ?? bytes.length };
    offset = next ?? bytes.length;
  }
}
