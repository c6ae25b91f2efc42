/** What a process held at one moment, right after a search of its heap for garbage. */
export interface Footprint {
  readonly minute: number;
  readonly heapMiB: number;
  /** Sockets, servers, timers and workers that keep a process alive. */
  readonly handles: number;
  readonly openFiles: number;
}

export interface MemoryGrowth {
  readonly heapSlopeMiBPerMin: number;
  /** Between the least of the first and of the last third: what comes and goes does not count. */
  readonly handleDelta: number;
  readonly openFileDelta: number;
}

/**
 * How a footprint grows. The slope is the median of the slopes between all pairs (Theil and Sen), which a few odd moments do
 * not change. Throws with fewer than six footprints.
 */
export function growthOfMemory(prints: readonly Footprint[]): MemoryGrowth {
  if (prints.length < 6) throw new Error(`${prints.length} footprints: a growth needs six or more`);
  const third = Math.floor(prints.length / 3);
  const slopes = prints.flatMap((to, i) =>
    prints.slice(0, i).map((from) => (to.heapMiB - from.heapMiB) / (to.minute - from.minute)),
  );
  const least = (of: "handles" | "openFiles", list: readonly Footprint[]): number =>
    Math.min(...list.map((print) => print[of]));
  const delta = (of: "handles" | "openFiles"): number =>
    least(of, prints.slice(-third)) - least(of, prints.slice(0, third));
  return {
    heapSlopeMiBPerMin: slopes.toSorted((a, b) => a - b)[slopes.length >> 1] ?? Number.NaN,
    handleDelta: delta("handles"),
    openFileDelta: delta("openFiles"),
  };
}

/** What a host may still take after its warm-up, and what no measurement tells from nothing. */
const allowed = { settlingMiB: 1, heapMiBPerMin: 0.25, handles: 3, openFiles: 8 };

/** What is wrong with a soak of so many minutes, each with the figure and its limit; nothing when all is well. */
export function complaintsOf(soak: MemoryGrowth & { readonly lost: number }, minutes: number): string[] {
  const limits = {
    heapSlopeMiBPerMin: allowed.heapMiBPerMin + allowed.settlingMiB / minutes,
    handleDelta: allowed.handles,
    openFileDelta: allowed.openFiles,
    lost: 0,
  };
  return Object.entries(limits).flatMap(([name, limit]) => {
    const figure = soak[name as keyof typeof limits];
    return figure <= limit ? [] : [`${name} is ${figure.toFixed(2)}, at most ${limit.toFixed(2)} is allowed`];
  });
}
