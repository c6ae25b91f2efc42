import type { Random } from "#simulator/random.ts";

/** How badly the messages of a device travel; probabilities from 0 to 1. */
export interface Impairment {
  readonly drop: number;
  readonly duplicate: number;
  /** Share of messages that arrive after the next one. */
  readonly reorder: number;
  readonly malformed: number;
  /** Every message is this late. */
  readonly delayMs: number;
}

export const noImpairment: Impairment = { drop: 0, duplicate: 0, reorder: 0, malformed: 0, delayMs: 0 };

/** Bytes that no decoder should accept, or worse, almost: cut off, overwritten, emptied, or of another language. */
export function malformed(payload: Buffer, random: Random): Buffer {
  const kind = Math.floor(random.between(0, 4));
  if (kind === 0) return payload.subarray(0, Math.floor(payload.length * random.next()));
  if (kind === 1) return overwritten(payload, random);
  if (kind === 2) return Buffer.from('{"device_id": "CB-0000", "measurements": {"voltage":');
  return Buffer.from(Array.from({ length: 64 }, () => Math.floor(random.between(0, 256))));
}

function overwritten(payload: Buffer, random: Random): Buffer {
  const copy = Buffer.from(payload);
  for (let i = 0; i < Math.max(1, copy.length / 20); i += 1) {
    copy[Math.floor(random.between(0, copy.length))] = Math.floor(random.between(0, 256));
  }
  return copy;
}
