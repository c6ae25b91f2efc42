import { crc32 } from "node:zlib";
import type { EpochMs } from "#model/ids.ts";

/** What a record holds: samples or events, the names of series, or the closing summary of a segment. */
export const RecordKind = { samples: 1, series: 2, summary: 3, events: 4 } as const;

export interface RecordHead {
  /** Number of the record in the journal, growing by one from content to content. */
  readonly seq: number;
  readonly kind: number;
  /** Items in it (in the whole segment for a summary). */
  readonly count: number;
  /** Oldest and newest source time in it; NaN where it has none. */
  readonly from: EpochMs;
  readonly to: EpochMs;
}

export interface JournalRecord extends RecordHead {
  readonly payload: Uint8Array<ArrayBuffer>;
}

// Frame: magic, length of the rest, CRC-32 of the rest; then seq, kind, count, from, to; then the payload.
// Numbers in the order of the machine: the magic tells a journal from a machine of the other kind.
const magic = 0x464a4452;
const prefixBytes = 12;
const headBytes = 32;
export const frameBytes = prefixBytes + headBytes;
/** Longer than any record that is written; a length beyond it is damage. */
const maxRecordBytes = 64 * 1024 * 1024;

/** One record as bytes; the payload is the parts one behind the other. */
export function encodeRecord(head: RecordHead, parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const payloadBytes = parts.reduce((sum, part) => sum + part.byteLength, 0);
  const bytes = new Uint8Array(frameBytes + payloadBytes);
  const view = new DataView(bytes.buffer);
  view.setFloat64(12, head.seq, isLittleEndian);
  view.setUint32(20, head.kind, isLittleEndian);
  view.setUint32(24, head.count, isLittleEndian);
  view.setFloat64(28, head.from, isLittleEndian);
  view.setFloat64(36, head.to, isLittleEndian);
  let offset = frameBytes;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  view.setUint32(0, magic, isLittleEndian);
  view.setUint32(4, bytes.length - prefixBytes, isLittleEndian);
  view.setUint32(8, crc32(bytes.subarray(prefixBytes)), isLittleEndian);
  return bytes;
}

/**
 * The record at `offset` and where the next one starts. `torn`: the bytes end before it does, as after a crash in the
 * middle of writing. `damaged`: it is all there and not what was written.
 */
export function decodeRecord(
  bytes: Uint8Array<ArrayBuffer>,
  offset: number,
): { readonly record: JournalRecord; readonly end: number } | "torn" | "damaged" {
  if (bytes.length - offset < frameBytes) return "torn";
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, frameBytes);
  const length = view.getUint32(4, isLittleEndian);
  if (view.getUint32(0, isLittleEndian) !== magic || length < headBytes || length > maxRecordBytes) return "damaged";
  const end = offset + prefixBytes + length;
  if (end > bytes.length) return "torn";
  if (crc32(bytes.subarray(offset + prefixBytes, end)) !== view.getUint32(8, isLittleEndian)) return "damaged";
  const record = {
    seq: view.getFloat64(12, isLittleEndian),
    kind: view.getUint32(20, isLittleEndian),
    count: view.getUint32(24, isLittleEndian),
    from: view.getFloat64(28, isLittleEndian),
    to: view.getFloat64(36, isLittleEndian),
    payload: bytes.subarray(offset + frameBytes, end),
  };
  return { record, end };
}

/** Where the next intact record behind `offset` starts, or undefined when there is none. */
export function findRecord(bytes: Uint8Array<ArrayBuffer>, offset: number): number | undefined {
  const search = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = search.indexOf(magicBytes, offset); at >= 0; at = search.indexOf(magicBytes, at + 1)) {
    if (typeof decodeRecord(bytes, at) === "object") return at;
  }
  return undefined;
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
const magicBytes = new Uint8Array(Uint32Array.of(magic).buffer);
