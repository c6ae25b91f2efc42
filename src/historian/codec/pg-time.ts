import type { EpochMs } from "#model/ids.ts";

/** 2000-01-01T00:00:00Z, the zero of PostgreSQL's timestamps. */
const pgEpochMs = 946_684_800_000;
const two32 = 0x1_0000_0000;

/** The range of OPC UA's DateTime (OPC 10000-6, 5.2.2.5): 1601-01-01 to 9999-12-31. */
export const earliestTime: EpochMs = -11_644_473_600_000;
export const latestTime: EpochMs = 253_402_300_799_000;

/**
 * Writes an epoch time as PostgreSQL's timestamptz: signed 64-bit microseconds since 2000. In two halves, because the
 * microseconds of years after 2255 are beyond what a double holds exactly.
 */
export function writeTime(view: DataView, offset: number, time: EpochMs): void {
  const wholeMs = Math.floor(time);
  const high = Math.floor((wholeMs - pgEpochMs) / two32);
  const low = (wholeMs - pgEpochMs - high * two32) * 1000 + Math.round((time - wholeMs) * 1000);
  const carry = Math.floor(low / two32);
  view.setInt32(offset, high * 1000 + carry);
  view.setUint32(offset + 4, low - carry * two32);
}

/** Reads what writeTime wrote. */
export function readTime(view: DataView, offset: number): EpochMs {
  const high = view.getInt32(offset);
  // 2^32 = 4,294,967 * 1000 + 296
  const rest = high * 296 + view.getUint32(offset + 4);
  const restMs = Math.floor(rest / 1000);
  return high * 4_294_967 + restMs + pgEpochMs + (rest - restMs * 1000) / 1000;
}

/** The time as the store can keep it: rounded to the microsecond. */
export function roundToMicrosecond(time: EpochMs): EpochMs {
  if (Number.isInteger(time)) return time;
  const wholeMs = Math.floor(time);
  return wholeMs + Math.round((time - wholeMs) * 1000) / 1000;
}

/** The first instant after `time` that both the store and a double can tell from it. */
export function nextInstant(time: EpochMs): EpochMs {
  let step = 0.001;
  while (roundToMicrosecond(time + step) <= time) step *= 2;
  return roundToMicrosecond(time + step);
}
