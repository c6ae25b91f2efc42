/** A message that came before the one that should precede it; `payload` is a copy. */
export interface HeldMessage<Kind> {
  readonly kind: Kind;
  readonly payload: Uint8Array;
  readonly receivedAt: number;
  /** Epoch ms; NaN when the payload had none. */
  readonly timestamp: number;
}

/**
 * `next`: it is the one expected. `held`: earlier ones are missing, keep it. `repeated`: it was processed or kept before.
 * `lost`: it cannot belong to the sequence; messages are missing for good.
 */
export type SequenceVerdict = "next" | "held" | "repeated" | "lost";

/** Room for held messages, shared by all sequences. */
export interface HoldingBudget {
  bytesLeft: number;
}

/** How far ahead of the expected message one may be and still be waited for. */
const window = 64;
/** How far back a message counts as a repetition (QoS 1 duplicates, late deliveries). */
const memory = 16;

/** The sequence numbers of one edge node, modulo 256 over all its messages but NDEATH (Sparkplug 3.0, section 6.4.5). */
export class Sequence<Kind> {
  readonly #held = new Map<number, HeldMessage<Kind>>();
  readonly #budget: HoldingBudget;
  #expected = 0;
  #lastTimestamp = Number.NaN;

  constructor(budget: HoldingBudget) {
    this.#budget = budget;
  }

  get isGapOpen(): boolean {
    return this.#held.size > 0;
  }

  /** An NBIRTH defines where the sequence stands, whatever its own number. */
  restart(seq: number, timestamp: number): void {
    this.#expected = (seq + 1) & 255;
    this.#lastTimestamp = timestamp;
  }

  isNext(seq: number): boolean {
    return seq === this.#expected;
  }

  judge(seq: number, timestamp: number): SequenceVerdict {
    const ahead = (seq - this.#expected) & 255;
    if (seq > 255) return "lost";
    if (ahead === 0) return "next";
    if (this.#held.has(seq)) return "repeated";
    if (ahead < window) return "held";
    return ahead >= 256 - memory && !(timestamp > this.#lastTimestamp) ? "repeated" : "lost";
  }

  /** Counts the expected message as processed. */
  advance(timestamp: number): void {
    this.#expected = (this.#expected + 1) & 255;
    if (!Number.isNaN(timestamp)) this.#lastTimestamp = timestamp;
  }

  /** Keeps a message; false when there is no room for it. */
  hold(seq: number, message: HeldMessage<Kind>): boolean {
    if (message.payload.byteLength > this.#budget.bytesLeft) return false;
    this.#budget.bytesLeft -= message.payload.byteLength;
    this.#held.set(seq, message);
    return true;
  }

  /** Takes the held message that is next in turn, if it is there. */
  takeNext(): HeldMessage<Kind> | undefined {
    return this.#take(this.#expected);
  }

  /** Takes all held messages in the order of their numbers. */
  takeAll(): HeldMessage<Kind>[] {
    const ahead = (seq: number): number => (seq - this.#expected) & 255;
    const inOrder = [...this.#held.keys()].sort((a, b) => ahead(a) - ahead(b));
    return inOrder.flatMap((seq) => this.#take(seq) ?? []);
  }

  #take(seq: number): HeldMessage<Kind> | undefined {
    const message = this.#held.get(seq);
    if (message === undefined) return undefined;
    this.#held.delete(seq);
    this.#budget.bytesLeft += message.payload.byteLength;
    return message;
  }
}
