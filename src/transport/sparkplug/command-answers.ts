import { AddCause, type AddCauseCode } from "#model/add-cause.ts";
import type { CommandAck } from "#model/command.ts";

const causes = new Map<AddCauseCode, string>(
  Object.entries(AddCause).map(([name, code]) => [
    code,
    name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
  ]),
);

/** Commands remembered per device: more than can be waited for at once. */
const remembered = 16;

/** What a device says of the last command it took. */
export interface CommandAnswer {
  /** 0: accepted; else an AddCause number. */
  readonly result: number;
  /** In the device's own words; may be empty. */
  readonly reason: string;
  /** Epoch ms. */
  readonly at: number;
}

/** Matches the ids that devices echo (`Command/LastId`) with the commands they were sent with. */
export class CommandAnswers {
  readonly #waiting = new Map<string, Map<number, string>>();
  #lastId: number;

  /** `seed` keeps ids of one run apart from those of the run before, e.g. the start time. */
  constructor(seed: number) {
    this.#lastId = seed;
  }

  /** The id to send along with command `correlationId`; the same one when it is sent again. */
  expect(address: string, correlationId: string): number {
    const waiting = this.#waiting.get(address) ?? new Map<number, string>();
    for (const [id, waitingFor] of waiting) if (waitingFor === correlationId) return id;
    this.#lastId += 1;
    this.#waiting.set(address, waiting);
    waiting.set(this.#lastId, correlationId);
    for (const id of waiting.keys()) if (waiting.size > remembered) waiting.delete(id);
    return this.#lastId;
  }

  /** The answer to the command sent with `id`; undefined when it was answered before or is not ours. */
  answer(address: string, id: number, answer: CommandAnswer): CommandAck | undefined {
    const waiting = this.#waiting.get(address);
    const correlationId = waiting?.get(id);
    if (correlationId === undefined) return undefined;
    waiting?.delete(id);
    if (waiting?.size === 0) this.#waiting.delete(address);
    const { result, reason, at } = answer;
    if (result === 0) return { correlationId, accepted: true, reason: undefined, at };
    const cause = reason || (causes.get(result) ?? `cause ${result}`);
    return { correlationId, accepted: false, reason: cause, at, addCause: result };
  }
}
