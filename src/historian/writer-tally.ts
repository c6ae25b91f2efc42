export const dropReasons = [
  "queue-full",
  "time-out-of-range",
  "text-not-storable",
  "refused-by-store",
  "journal-overflow",
  "journal-damaged",
  "not-stored-before-close",
] as const;

/** Why a sample that was to be historized is not in the store. */
export type DropReason = (typeof dropReasons)[number];

/** accepted + recovered = stored + merged + queued + every dropped, at any moment. */
export interface WriterCounters {
  /** Samples of historized parameters that were worth a row. */
  readonly accepted: number;
  /** Samples that an earlier run left in the journal. */
  readonly recovered: number;
  /** Rows that the store confirmed. */
  readonly stored: number;
  /** Samples replaced by a later one of the same series and time on their way to the store. */
  readonly merged: number;
  /** Samples on their way, in memory or in the journal. */
  readonly queued: number;
  /** Samples within the deadband of the last stored one; not part of accepted. */
  readonly unchanged: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
}

/** Counts what becomes of samples; every method is one of the ways. */
export class WriterTally {
  #accepted = 0;
  #recovered = 0;
  #stored = 0;
  #merged = 0;
  #queued = 0;
  #unchanged = 0;
  readonly #dropped: Record<DropReason, number> = {
    "queue-full": 0,
    "time-out-of-range": 0,
    "text-not-storable": 0,
    "refused-by-store": 0,
    "journal-overflow": 0,
    "journal-damaged": 0,
    "not-stored-before-close": 0,
  };

  /** A sample was not worth a row. */
  unchanged(): void {
    this.#unchanged += 1;
  }

  /** A sample was taken. */
  taken(): void {
    this.#accepted += 1;
    this.#queued += 1;
  }

  /** A sample was worth a row but could not even be taken. */
  refused(reason: DropReason): void {
    this.#accepted += 1;
    this.#dropped[reason] += 1;
  }

  /** Samples were found in the journal. */
  recovered(rows: number): void {
    this.#recovered += rows;
    this.#queued += rows;
  }

  /** `taken` samples left the queue as `stored` rows; `refused` of them the store did not take. */
  stored(taken: number, stored: number, refused: number): void {
    this.#queued -= taken;
    this.#stored += stored;
    this.#dropped["refused-by-store"] += refused;
    this.#merged += taken - stored - refused;
  }

  /** Samples left the queue for good. */
  lost(rows: number, reason: DropReason): void {
    this.#queued -= rows;
    this.#dropped[reason] += rows;
  }

  counters(): WriterCounters {
    return {
      accepted: this.#accepted,
      recovered: this.#recovered,
      stored: this.#stored,
      merged: this.#merged,
      queued: this.#queued,
      unchanged: this.#unchanged,
      dropped: { ...this.#dropped },
    };
  }
}
