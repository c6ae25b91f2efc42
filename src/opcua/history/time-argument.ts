import type { EpochMs } from "#model/ids.ts";

/** node-opcua keeps what a Date cannot hold of a DateTime beside it (2.186.4). */
const picosecondsPerMicrosecond = 1_000_000;

/** The smallest time on the wire stands for none (OPC 10000-6, 5.2.2.5), and node-opcua rounds it. */
const noTimeBefore = Date.UTC(1601, 0, 1, 0, 0, 1);

/** A time of a request in epoch ms to the microsecond; undefined where none is given. */
export function timeOf(date: Date | null | undefined): EpochMs | undefined {
  if (date === null || date === undefined) return undefined;
  const time = date.getTime();
  if (Number.isNaN(time) || time <= noTimeBefore) return undefined;
  const picoseconds = "picoseconds" in date && typeof date.picoseconds === "number" ? date.picoseconds : 0;
  return withPicoseconds(time, picoseconds);
}

/** Epoch ms with the microseconds that picoseconds make. */
export function withPicoseconds(time: EpochMs, picoseconds: number): EpochMs {
  return time + Math.floor(picoseconds / picosecondsPerMicrosecond) / 1000;
}
