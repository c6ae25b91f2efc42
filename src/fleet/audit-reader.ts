import type { AuditKind } from "#model/audit-entry.ts";
import type { EpochMs } from "#model/ids.ts";

/** A question for the audit, answered newest first. */
export interface AuditQuery {
  readonly from?: EpochMs | undefined;
  /** Exclusive. */
  readonly to?: EpochMs | undefined;
  readonly user?: string | undefined;
  readonly device?: string | undefined;
  readonly kind?: AuditKind | undefined;
  readonly commandId?: string | undefined;
  /** Only entries with a lower number. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** An entry as it was written, with its number. */
export interface KeptAuditEntry {
  readonly seq: number;
  /** ISO 8601. */
  readonly at: string;
  readonly kind: string;
  /** Everything else that the entry says. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface AuditPage {
  readonly entries: readonly KeptAuditEntry[];
  /** For `before`; undefined: there is no more. */
  readonly next: number | undefined;
}

/** Whether the audit is as it was written. */
export interface AuditState {
  readonly intact: boolean;
  readonly entries: number;
  /** The first place where it is not; undefined when it is intact. */
  readonly fault: string | undefined;
  /** The last good entry with its number, to be kept elsewhere and compared later; undefined when there is none. */
  readonly anchor: string | undefined;
}

/** Reads the audit back. */
export interface AuditReader {
  query(query: AuditQuery): Promise<AuditPage>;
  /** Checks every entry from the first one on; takes time in proportion to the audit. */
  verify(): Promise<AuditState>;
}
