import type { CommandAck } from "#model/command.ts";

/** IEC 61850-7-2 AddCause: why a device refuses a command. */
const addCauses: readonly string[] = [
  "unknown",
  "not supported",
  "blocked by switching hierarchy",
  "select failed",
  "invalid position",
  "position reached",
  "parameter change in execution",
  "step limit",
  "blocked by mode",
  "blocked by process",
  "blocked by interlocking",
  "blocked by synchrocheck",
  "command already in execution",
  "blocked by health",
  "1-of-n control",
  "abortion by cancel",
  "time limit over",
  "abortion by trip",
  "object not selected",
  "object already selected",
  "no access authority",
  "ended with overshoot",
  "abortion due to deviation",
  "abortion by communication loss",
  "abortion by command",
  "none",
  "inconsistent parameters",
  "locked by other client",
];

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

  /** A new id to send along with the command `correlationId`. */
  expect(address: string, correlationId: string): number {
    this.#lastId += 1;
    const waiting = this.#waiting.get(address) ?? new Map<number, string>();
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
    const { result, reason, at } = answer;
    if (result === 0) return { correlationId, accepted: true, reason: undefined, at };
    return { correlationId, accepted: false, reason: reason || (addCauses[result] ?? `cause ${result}`), at };
  }
}
