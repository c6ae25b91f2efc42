/** Upper ends of the load classes of the thermal histogram, percent of the rated current; the last class is open. */
const loadClasses = [50, 80, 100] as const;

/** What a breaker counts over its life. */
export class Counters {
  trips = 0;
  /** Openings by cause since new. */
  readonly tripsByCause = new Map<string, number>();
  /** Openings, each the end of one operating cycle. */
  operations = 0;
  /** Time closed. */
  closedMs = 0;
  energyKwh = 0;
  /** Time closed per load class, ms. */
  readonly loadMs = new Float64Array(loadClasses.length + 1);

  get operatingHours(): number {
    return this.closedMs / 3_600_000;
  }

  /** Books time closed at a load. */
  run(stepMs: number, activeKw: number, loadPercent: number): void {
    this.closedMs += stepMs;
    this.energyKwh += (Math.max(0, activeKw) * stepMs) / 3_600_000;
    const found = loadClasses.findIndex((limit) => loadPercent < limit);
    const index = found === -1 ? loadClasses.length : found;
    this.loadMs[index] = (this.loadMs[index] ?? 0) + stepMs;
  }

  tripped(reason: string): void {
    this.trips += 1;
    this.tripsByCause.set(reason, (this.tripsByCause.get(reason) ?? 0) + 1);
  }
}
