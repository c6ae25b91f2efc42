import type { AuditEntry } from "#model/audit-entry.ts";
import { commandResults } from "#model/command.ts";
import type { EpochMs } from "#model/ids.ts";
import type { Audit } from "./audit.ts";

/** Where a command or a write is: under way, refused by the host, or how it ended; `unknown` after a restart only. */
export const commandStates = ["under-way", "refused", ...commandResults, "unknown"] as const;
export type CommandState = (typeof commandStates)[number];

/** One step of a command, as the audit has it. */
export interface CommandStep {
  readonly at: EpochMs;
  readonly state: CommandState | "late";
  readonly detail: string;
}

/** A command, a write or a template on its way, or as it ended. */
export interface CommandRecord {
  readonly id: string;
  readonly device: string;
  readonly action: string;
  readonly user: string;
  readonly origin: string;
  readonly arguments: AuditEntry["arguments"];
  readonly changes: AuditEntry["changes"];
  readonly state: CommandState;
  readonly steps: readonly CommandStep[];
}

/** Commands that are remembered; beyond it the oldest is forgotten (the audit keeps it). */
const maxRecords = 5_000;

/** The last commands of all devices, whichever way they came in, each with the states it went through. */
export class CommandBook {
  readonly #records = new Map<string, CommandRecord>();
  readonly #counts = new Map<CommandState, number>();
  readonly #listeners: ((record: CommandRecord) => void)[] = [];
  #underWay = 0;

  /** Follows what is told to the audit. */
  constructor(audit: Pick<Audit, "onEntry">) {
    audit.onEntry((entry) => this.#note(entry));
  }

  find(id: string): CommandRecord | undefined {
    return this.#records.get(id);
  }

  /** The last commands, newest first; of one device where it is given. */
  latest(limit: number, device?: string): CommandRecord[] {
    const found: CommandRecord[] = [];
    for (const record of [...this.#records.values()].toReversed()) {
      if (found.length >= limit) break;
      if (device === undefined || record.device === device) found.push(record);
    }
    return found;
  }

  /** How many ended in each state since the host started. */
  counts(): ReadonlyMap<CommandState, number> {
    return this.#counts;
  }

  get underWay(): number {
    return this.#underWay;
  }

  /** Calls `listener` with each command at each of its states. */
  onChange(listener: (record: CommandRecord) => void): void {
    this.#listeners.push(listener);
  }

  #note(entry: AuditEntry): void {
    const state = stateOf(entry);
    if (state === undefined || entry.commandId === "") return;
    const step: CommandStep = { at: entry.at, state, detail: entry.detail ?? "" };
    const known = this.#records.get(entry.commandId);
    if (known === undefined) {
      if (state !== "late") this.#open(entry, state, step);
      return;
    }
    const now = state === "late" ? known.state : state;
    this.#keep({ ...known, state: now, steps: [...known.steps, step] });
    if (known.state !== "under-way" || now === "under-way") return;
    this.#underWay -= 1;
    this.#count(now);
  }

  #open(entry: AuditEntry, state: CommandState, step: CommandStep): void {
    const { commandId: id, device, action, user, origin, changes } = entry;
    this.#keep({
      id,
      device,
      action,
      user,
      origin,
      arguments: entry.arguments,
      changes,
      state,
      steps: [step],
    });
    if (state === "under-way") this.#underWay += 1;
    else this.#count(state);
    for (const oldest of this.#records.values()) {
      if (this.#records.size <= maxRecords) break;
      this.#records.delete(oldest.id);
      if (oldest.state === "under-way") this.#underWay -= 1;
    }
  }

  #keep(record: CommandRecord): void {
    this.#records.set(record.id, record);
    for (const listener of this.#listeners) listener(record);
  }

  #count(state: CommandState): void {
    this.#counts.set(state, (this.#counts.get(state) ?? 0) + 1);
  }
}

function stateOf({ kind, result }: AuditEntry): CommandState | "late" | undefined {
  if (kind === "intent") return "under-way";
  if (kind === "refused") return "refused";
  if (kind === "late") return "late";
  return kind === "outcome" ? result : undefined;
}
