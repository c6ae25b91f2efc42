import { appendFile, mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { AlarmStore, KeptAlarm } from "#fleet/alarms/ports.ts";
import { writeFileAtomically } from "#lib/atomic-file.ts";
import { type AlarmState, isAlarmState } from "#model/alarm-state.ts";
import { HostError, messageOf } from "#model/errors.ts";

/** The file is written anew when it holds this many lines more than there are alarms to keep. */
const slackLines = 20_000;

/**
 * Keeps the states of alarms in `alarms/states.jsonl`: one line for each change, the last one of an alarm counts. 10,000
 * alarms at once are one write.
 */
export class AlarmFile implements AlarmStore {
  readonly #path: string;
  #lines = 0;
  #whole = 0;

  constructor(folder: string) {
    this.#path = join(folder, "alarms", "states.jsonl");
  }

  async load(): Promise<readonly KeptAlarm[]> {
    let text: string;
    try {
      text = await readFile(this.#path, "utf8");
    } catch {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
      return [];
    }
    const lines = text.split("\n").slice(0, -1);
    const kept = new Map<string, AlarmState>();
    for (const [index, line] of lines.entries()) {
      const { id, state } = this.#parse(line, index + 1);
      if (state === undefined) kept.delete(id);
      else kept.set(id, state);
    }
    const all = [...kept].map(([id, state]): KeptAlarm => ({ id, state }));
    // Also cuts off a last line that a power failure left unfinished.
    await this.#rewrite(all);
    return all;
  }

  async save(changes: readonly KeptAlarm[], all: () => readonly KeptAlarm[]): Promise<void> {
    this.#lines += changes.length;
    if (this.#lines > this.#whole + slackLines) {
      await this.#rewrite(all());
      return;
    }
    await appendFile(this.#path, textOf(changes), { mode: 0o600 });
  }

  async #rewrite(all: readonly KeptAlarm[]): Promise<void> {
    await writeFileAtomically(this.#path, textOf(all));
    this.#whole = all.length;
    this.#lines = all.length;
  }

  #parse(line: string, number: number): KeptAlarm {
    try {
      const value: unknown = JSON.parse(line);
      if (typeof value !== "object" || value === null || !("id" in value) || typeof value.id !== "string") {
        throw new Error("expected an id");
      }
      const state: unknown = "state" in value ? value.state : undefined;
      if (state !== undefined && !isAlarmState(state)) throw new Error(`${value.id} has no proper state`);
      return { id: value.id, state };
    } catch (error) {
      const hint = "remove it: alarms that stand are raised anew, acknowledgements, comments and shelving are lost";
      throw new HostError("config-invalid", `${this.#path}:${number} is damaged (${messageOf(error)}); ${hint}`, {
        cause: error,
      });
    }
  }
}

function textOf(alarms: readonly KeptAlarm[]): string {
  return alarms.map((alarm) => `${JSON.stringify(alarm)}\n`).join("");
}
