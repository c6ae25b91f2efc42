import type { Random } from "#simulator/random.ts";
import { type Impairment, malformed, noImpairment } from "./impairment.ts";

export interface Message {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1;
  readonly retain?: boolean;
}

/** A message kept back for reordering goes out after this time even if nothing follows it. */
const longestHoldMs = 1_000;

/** What happened to messages on purpose; the ground truth of a test with impairments. */
export interface ImpairmentCounts {
  dropped: number;
  duplicated: number;
  reordered: number;
  malformed: number;
}

/** The way from a speaker to its broker connection, with the faults that a test wants on it. */
export class Outbox {
  readonly counts: ImpairmentCounts = { dropped: 0, duplicated: 0, reordered: 0, malformed: 0 };
  readonly #deliver: (message: Message) => void;
  readonly #later: (delayMs: number, action: () => void) => void;
  readonly #random: Random;
  #held: Message | undefined;

  constructor(
    deliver: (message: Message) => void,
    random: Random,
    later: (delayMs: number, action: () => void) => void,
  ) {
    this.#deliver = deliver;
    this.#random = random;
    this.#later = later;
  }

  /** Sends a message as the impairment (of the device it belongs to) lets it. */
  send(message: Message, impairment: Impairment = noImpairment): void {
    if (impairment === noImpairment && this.#held === undefined) return this.#deliver(message);
    const random = this.#random;
    if (random.chance(impairment.drop)) {
      this.counts.dropped += 1;
      return;
    }
    const sent = random.chance(impairment.malformed) ? this.#corrupted(message) : message;
    if (this.#held === undefined && random.chance(impairment.reorder)) return this.#hold(sent);
    this.#pass(sent, impairment);
    if (random.chance(impairment.duplicate)) {
      this.counts.duplicated += 1;
      this.#pass(sent, impairment);
    }
    this.#release();
  }

  #pass(message: Message, { delayMs }: Impairment): void {
    if (delayMs > 0) this.#later(delayMs, () => this.#deliver(message));
    else this.#deliver(message);
  }

  #hold(message: Message): void {
    this.counts.reordered += 1;
    this.#held = message;
    this.#later(longestHoldMs, () => {
      if (this.#held === message) this.#release();
    });
  }

  #release(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#deliver(held);
  }

  #corrupted(message: Message): Message {
    this.counts.malformed += 1;
    return { ...message, payload: malformed(message.payload, this.#random) };
  }
}
