import type { Clock } from "#lib/clock.ts";
import { HostError } from "#model/errors.ts";

interface Waiting<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: HostError) => void;
  readonly deadline: Disposable;
}

/** Requests that wait for their answer, by token. */
export class PendingRequests<Answer> {
  readonly #clock: Clock;
  readonly #waiting = new Map<number, Waiting<Answer>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Waits for the answer to `token`; throws `command-unconfirmed` when none comes within `timeoutMs`. */
  expect(token: number, timeoutMs: number, what: string): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const deadline = this.#clock.after(timeoutMs, () => {
      this.#waiting.delete(token);
      reject(new HostError("command-unconfirmed", `no answer to ${what} within ${timeoutMs} ms`));
    });
    this.#waiting.set(token, { resolve, reject, deadline });
    return promise;
  }

  /** True when somebody waited for this answer: each is given once. */
  settle(token: number, answer: Answer): boolean {
    const waiting = this.#take(token);
    waiting?.resolve(answer);
    return waiting !== undefined;
  }

  /** Nobody will answer any more. */
  fail(reason: string): void {
    for (const token of this.#waiting.keys()) {
      this.#take(token)?.reject(new HostError("command-unconfirmed", reason));
    }
  }

  #take(token: number): Waiting<Answer> | undefined {
    const waiting = this.#waiting.get(token);
    waiting?.deadline[Symbol.dispose]();
    this.#waiting.delete(token);
    return waiting;
  }
}
