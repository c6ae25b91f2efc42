import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import type { AuditEntry } from "#model/audit-entry.ts";
import { messageOf } from "#model/errors.ts";
import type { AuditLog } from "./ports.ts";
import type { WarningBoard } from "./warning-board.ts";

export interface AuditParts {
  readonly log: AuditLog;
  readonly warnings: WarningBoard;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** An intent that is not written by then counts as not written. */
const patienceMs = 2_000;
/** A trip does not wait longer for the disk. */
const tripPatienceMs = 200;
/** Entries kept for the time when the audit can be written again. */
const maxOwed = 1_000;

/** What the fleet tells the audit, and what it does when the audit cannot be written. */
export class Audit {
  readonly #parts: AuditParts;
  #owed: AuditEntry[] = [];
  readonly #listeners: ((entry: AuditEntry) => void)[] = [];

  constructor(parts: AuditParts) {
    this.#parts = parts;
  }

  /**
   * Writes an intent before its command is sent. Gives the problem when it could not be written in time; the warning
   * `audit-unavailable` stands from then on until something can be written again.
   */
  async intent(entry: AuditEntry, isTrip: boolean): Promise<string | undefined> {
    this.#tell(entry);
    const late = Promise.withResolvers<string>();
    const waitMs = isTrip ? tripPatienceMs : patienceMs;
    using _timer = this.#parts.clock.after(waitMs, () => late.resolve(`it was not written within ${waitMs} ms`));
    const problem = await Promise.race([this.#write(entry), late.promise]);
    if (problem !== undefined) this.#warn(problem);
    return problem;
  }

  /** Writes an entry that nobody waits for. */
  note(entry: AuditEntry): void {
    this.#tell(entry);
    // Never rejects: a failure is a warning and the entry is owed.
    void this.#write(entry);
  }

  /** Calls `listener` with each entry as it is told, whether or not it can be written. */
  onEntry(listener: (entry: AuditEntry) => void): void {
    this.#listeners.push(listener);
  }

  #tell(entry: AuditEntry): void {
    for (const listener of this.#listeners) listener(entry);
  }

  async #write(entry: AuditEntry): Promise<string | undefined> {
    try {
      await this.#parts.log.record(entry);
    } catch (error) {
      this.#owed = [...this.#owed, entry].slice(-maxOwed);
      const problem = messageOf(error);
      this.#warn(problem);
      return problem;
    }
    this.#parts.warnings.clear("audit-unavailable", undefined);
    this.#payBack();
    return undefined;
  }

  /** What could not be written before goes in now, behind what was; its own time tells when it happened. */
  #payBack(): void {
    const owed = this.#owed;
    this.#owed = [];
    // Never rejects, as above.
    for (const entry of owed) void this.#write(entry);
  }

  #warn(problem: string): void {
    const { warnings, clock, logger } = this.#parts;
    const text = `the audit cannot be written: ${problem}`;
    if (warnings.find("audit-unavailable", undefined) === undefined) logger.error(text);
    warnings.raise({ name: "audit-unavailable", device: undefined, since: clock.now(), text });
  }
}
