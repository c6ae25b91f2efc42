import type { AuditLog } from "#fleet/ports.ts";
import type { AuditEntry } from "#model/audit-entry.ts";

/** An audit in memory that can be told to fail, or to take its time. */
export class MemoryAudit implements AuditLog {
  readonly entries: AuditEntry[] = [];
  /** Why nothing can be written; undefined when it can. */
  failure: string | undefined;
  /** While set, nothing is written: entries wait for it. */
  stalled: Promise<void> | undefined;

  async record(entry: AuditEntry): Promise<void> {
    if (this.stalled !== undefined) await this.stalled;
    if (this.failure !== undefined) throw new Error(this.failure);
    this.entries.push(entry);
  }

  /** `intent Trip`, `outcome Trip confirmed`: what was recorded, in order. */
  get lines(): string[] {
    return this.entries.map(({ kind, action, result }) => [kind, action, result].filter(Boolean).join(" "));
  }
}
