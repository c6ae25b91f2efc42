import type { Clock } from "#lib/clock.ts";
import { HostError } from "#model/errors.ts";
import type { EpochMs } from "#model/ids.ts";

/** Something to do towards a client once it can hear it; settles when the client's part is over. */
interface Job {
  readonly run: () => Promise<void>;
  readonly reject: (error: HostError) => void;
  readonly signal: AbortSignal;
}

export interface DownlinkOptions {
  readonly clock: Clock;
  readonly endpoint: string;
  /** How long a client in queue mode listens after it spoke. Default 93 s (MAX_TRANSMIT_WAIT, RFC 7252). */
  readonly awakeMs?: number;
}

const maxWaiting = 64;

/**
 * The way down to one client. In queue mode the client sleeps (OMA Core 1.2, 6.5): what is to be sent waits until it
 * speaks, then goes out one by one. What is called off meanwhile, because its deadline passed, is never sent.
 */
export class Downlink {
  readonly #options: DownlinkOptions;
  readonly #waiting: Job[] = [];
  #awakeUntil: EpochMs = 0;
  #isBusy = false;
  /** False: the client always listens. */
  isQueued = false;

  constructor(options: DownlinkOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get isAwake(): boolean {
    return !this.isQueued || this.#options.clock.now() < this.#awakeUntil;
  }

  /** The client spoke: it listens now. */
  heard(): void {
    const { clock, awakeMs = 93_000 } = this.#options;
    this.#awakeUntil = clock.now() + awakeMs;
    void this.#drain().catch(() => undefined);
  }

  /**
   * Runs `job` at once, or when the client wakes up. Rejects with what the job throws, with `overloaded` when too much
   * waits, or with `cancelled` when `signal` aborts before it was started.
   */
  async run(job: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const { endpoint } = this.#options;
    if (signal.aborted) throw new HostError("cancelled", `${endpoint}: called off before it was sent`);
    if (!this.isQueued) {
      await job();
      return;
    }
    if (this.#waiting.length >= maxWaiting) {
      throw new HostError("overloaded", `${endpoint} sleeps and ${maxWaiting} messages wait for it already`);
    }
    const done = Promise.withResolvers<void>();
    const entry: Job = { run: () => job().then(done.resolve, done.reject), reject: done.reject, signal };
    this.#waiting.push(entry);
    signal.addEventListener("abort", () => this.#callOff(entry), { once: true });
    void this.#drain().catch(() => undefined);
    await done.promise;
  }

  /** The client is gone: nothing that waits will be sent. */
  close(reason: string): void {
    const error = new HostError("command-not-sent", `${this.#options.endpoint}: ${reason}`);
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  #callOff(entry: Job): void {
    const at = this.#waiting.indexOf(entry);
    if (at < 0) return;
    this.#waiting.splice(at, 1);
    entry.reject(new HostError("cancelled", `${this.#options.endpoint} slept until the message was called off`));
  }

  async #drain(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      while (this.isAwake) {
        const job = this.#waiting.shift();
        if (job === undefined) return;
        await job.run();
      }
    } finally {
      this.#isBusy = false;
    }
  }
}
