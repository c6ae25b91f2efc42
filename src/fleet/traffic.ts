import type { Protocol } from "#model/protocol.ts";
import { type RejectionReason, rejectionReasons } from "./ports.ts";

export type ReasonCounts = Record<RejectionReason, number>;

/** What came from one source: a device, or a topic of something that is none. */
export interface SourceTraffic {
  readonly accepted: number;
  readonly rejected: Readonly<ReasonCounts>;
  /** Parts of accepted messages that could not be used. */
  readonly flawed: Readonly<ReasonCounts>;
  /** The last trouble with it; undefined when there was none. */
  readonly lastProblem: string | undefined;
}

interface Counts {
  accepted: number;
  readonly rejected: ReasonCounts;
  readonly flawed: ReasonCounts;
  lastProblem: string | undefined;
  isStranger: boolean;
}

/** Sources beyond the limits are counted together under this name. */
export const otherSources = "(others)";

/** Bounds of the table per source, so that invented names cannot fill the memory. */
export interface TrafficLimits {
  /** Sources of which a message was accepted: devices. */
  readonly devices: number;
  /** Sources that only ever brought trouble. */
  readonly strangers: number;
}

/** Where an ingest counts what comes to it. */
export interface TrafficCounter {
  /** One message came in. */
  receive(): void;
  /** One message was taken in, at least in part. */
  accept(source: string): void;
  /** One message was not used. */
  reject(source: string, reason: RejectionReason, detail: string): void;
  /** A part of an accepted message was not used, or was corrected. */
  flaw(source: string, reason: RejectionReason, detail: string): void;
  /** So many samples reached the live values or history. */
  take(samples: number): void;
}

/**
 * Totals of what came in and what became of it. Messages in are those accepted plus those rejected plus the few that a
 * transport still holds back (`pending`).
 */
export class TrafficTotals {
  /** Messages from transports, accepted or not. */
  messages = 0;
  /** Messages taken in, at least in part. */
  accepted = 0;
  /** Samples that reached the live values or history. */
  samples = 0;
  /** Whole messages that were not used. */
  readonly rejected: ReasonCounts = noCounts();
  /** Parts of accepted messages that could not be used, or were corrected. */
  readonly flawed: ReasonCounts = noCounts();

  get rejectedTotal(): number {
    return totalOf(this.rejected);
  }

  /** Messages that arrived and are neither accepted nor rejected yet. */
  get pending(): number {
    return this.messages - this.accepted - this.rejectedTotal;
  }
}

/** Counts of all traffic, and of each source; every number the host shows about traffic comes from here. */
export class Traffic extends TrafficTotals implements TrafficCounter {
  readonly #limits: TrafficLimits;
  readonly #lanes = new Map<Protocol, TrafficLane>();
  readonly #sources = new Map<string, Counts>();
  #devices = 0;
  #strangers = 0;

  constructor(limits: TrafficLimits = { devices: 100_000, strangers: 1_000 }) {
    super();
    this.#limits = limits;
  }

  /** Counts for one protocol, and so for all. */
  lane(protocol: Protocol): TrafficCounter {
    const known = this.#lanes.get(protocol);
    if (known !== undefined) return known;
    const lane = new TrafficLane(this);
    this.#lanes.set(protocol, lane);
    return lane;
  }

  /** What came over one protocol; undefined when nothing counts for it. */
  over(protocol: Protocol): TrafficTotals | undefined {
    return this.#lanes.get(protocol);
  }

  receive(): void {
    this.messages += 1;
  }

  accept(source: string): void {
    this.accepted += 1;
    const counts = this.#ofDevice(source);
    counts.accepted += 1;
  }

  reject(source: string, reason: RejectionReason, detail: string): void {
    this.rejected[reason] += 1;
    const counts = this.#ofAny(source);
    counts.rejected[reason] += 1;
    counts.lastProblem = `${reason}: ${detail}`;
  }

  flaw(source: string, reason: RejectionReason, detail: string): void {
    this.flawed[reason] += 1;
    const counts = this.#ofAny(source);
    counts.flawed[reason] += 1;
    counts.lastProblem = `${reason}: ${detail}`;
  }

  take(samples: number): void {
    this.samples += samples;
  }

  /** What came from one source; undefined when nothing did, or when it is among the others. */
  of(source: string): SourceTraffic | undefined {
    return this.#sources.get(source);
  }

  /** Every source with its counts, in the order in which they first came. */
  sources(): IterableIterator<[string, SourceTraffic]> {
    return this.#sources.entries();
  }

  #ofDevice(source: string): Counts {
    const known = this.#sources.get(source);
    if (known?.isStranger === false) return known;
    if (this.#devices >= this.#limits.devices) return known ?? this.#others();
    if (known !== undefined) this.#strangers -= 1;
    this.#devices += 1;
    const counts = known ?? this.#create(source);
    counts.isStranger = false;
    return counts;
  }

  #ofAny(source: string): Counts {
    const known = this.#sources.get(source);
    if (known !== undefined) return known;
    if (this.#strangers >= this.#limits.strangers) return this.#others();
    this.#strangers += 1;
    return this.#create(source);
  }

  #others(): Counts {
    return this.#sources.get(otherSources) ?? this.#create(otherSources);
  }

  #create(source: string): Counts {
    const counts: Counts = {
      accepted: 0,
      rejected: noCounts(),
      flawed: noCounts(),
      lastProblem: undefined,
      isStranger: true,
    };
    this.#sources.set(source, counts);
    return counts;
  }
}

/** The part of the traffic that came over one protocol. */
class TrafficLane extends TrafficTotals implements TrafficCounter {
  readonly #all: Traffic;

  constructor(all: Traffic) {
    super();
    this.#all = all;
  }

  receive(): void {
    this.messages += 1;
    this.#all.receive();
  }

  accept(source: string): void {
    this.accepted += 1;
    this.#all.accept(source);
  }

  reject(source: string, reason: RejectionReason, detail: string): void {
    this.rejected[reason] += 1;
    this.#all.reject(source, reason, detail);
  }

  flaw(source: string, reason: RejectionReason, detail: string): void {
    this.flawed[reason] += 1;
    this.#all.flaw(source, reason, detail);
  }

  take(samples: number): void {
    this.samples += samples;
    this.#all.take(samples);
  }
}

function noCounts(): ReasonCounts {
  return {
    malformed: 0,
    oversized: 0,
    "unknown-device": 0,
    "unknown-point": 0,
    "not-announced": 0,
    "out-of-sequence": 0,
    "foreign-device": 0,
    "invalid-topic": 0,
    "wrong-type": 0,
    "wrong-clock": 0,
    "too-many": 0,
  };
}

/** The sum over all reasons. */
export function totalOf(counts: Readonly<ReasonCounts>): number {
  let total = 0;
  for (const reason of rejectionReasons) total += counts[reason];
  return total;
}
