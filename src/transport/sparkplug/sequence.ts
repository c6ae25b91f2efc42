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

/** How far ahead of the expected message one may be and still be waited for. */
const window = 64;
/** How far back a message counts as a repetition (QoS 1 duplicates, late deliveries). */
const memory = 16;

/** The sequence numbers of one edge node, modulo 256 over all its messages but NDEATH (Sparkplug 3.0, section 6.4.5). */
export class Sequence<Kind> {
  readonly #held = new Map<number, HeldMessage<Kind>>();
  #expected = 0;
  #lastTimestamp = Number.NaN;

  get isGapOpen(): boolean {
    return this.#held.size > 0;
  }

  /** An NBIRTH defines where the sequence stands, whatever its own number. */
  restart(seq: number, timestamp: number): void {
    this.#expected = (seq + 1) & 255;
    this.#lastTimestamp = timestamp;
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

  hold(seq: number, message: HeldMessage<Kind>): void {
    this.#held.set(seq, message);
  }

  /** Takes the held message that is next in turn, if it is there. */
  takeNext(): HeldMessage<Kind> | undefined {
    const message = this.#held.get(this.#expected);
    if (message !== undefined) this.#held.delete(this.#expected);
    return message;
  }

  /** Takes all held messages in the order of their numbers. */
  takeAll(): HeldMessage<Kind>[] {
    const inOrder = [...this.#held].sort(([a], [b]) => ((a - this.#expected) & 255) - ((b - this.#expected) & 255));
    this.#held.clear();
    return inOrder.map(([, message]) => message);
  }
}
