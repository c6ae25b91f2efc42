import type { AuditPage, AuditQuery, AuditReader, AuditState, KeptAuditEntry } from "#fleet/audit-reader.ts";
import { linesOf, listSegments } from "./audit-segments.ts";
import { verifyAudit } from "./verify-audit.ts";

/** Reads the audit back from its files, the newest segment first. */
export class AuditFolderReader implements AuditReader {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async query(query: AuditQuery): Promise<AuditPage> {
    const entries: KeptAuditEntry[] = [];
    for (const segment of (await listSegments(this.#folder)).toReversed()) {
      if (query.from !== undefined && endOf(segment) <= query.from) break;
      const found: KeptAuditEntry[] = [];
      for await (const { line } of linesOf(this.#folder, segment)) {
        const entry = line === undefined ? undefined : entryOf(line.seq, line.fields);
        if (entry !== undefined && matches(entry, query)) found.push(entry);
        // Only the last ones of a segment are wanted: it may be large.
        if (found.length > 2 * query.limit) found.splice(0, found.length - query.limit - 1);
      }
      entries.push(...found.toReversed());
      if (entries.length > query.limit) break;
    }
    const page = entries.slice(0, query.limit);
    return { entries: page, next: entries.length > query.limit ? page.at(-1)?.seq : undefined };
  }

  async verify(): Promise<AuditState> {
    const { intact, entries, fault, anchor } = await verifyAudit(this.#folder);
    const text = fault === undefined ? undefined : `${fault.segment}:${fault.line}: ${fault.problem}`;
    return { intact, entries, fault: text, anchor };
  }
}

function entryOf(seq: number, fields: ReadonlyMap<string, unknown>): KeptAuditEntry | undefined {
  const { at, kind, mac: _mac, seq: _seq, ...rest } = Object.fromEntries(fields);
  return typeof at === "string" && typeof kind === "string" ? { seq, at, kind, fields: rest } : undefined;
}

function matches(entry: KeptAuditEntry, query: AuditQuery): boolean {
  const { from, to, user, device, kind, commandId, before } = query;
  const at = Date.parse(entry.at);
  return (
    (from === undefined || at >= from) &&
    (to === undefined || at < to) &&
    (before === undefined || entry.seq < before) &&
    (kind === undefined || entry.kind === kind) &&
    (user === undefined || entry.fields["user"] === user) &&
    (device === undefined || entry.fields["device"] === device) &&
    (commandId === undefined || entry.fields["commandId"] === commandId)
  );
}

/** A segment holds what was written from its day on, until the next one begins: a day, or more when the clock was set back. */
function endOf(segment: string): number {
  const day = Date.parse(`${segment.slice("audit-".length, "audit-".length + 10)}T00:00:00Z`);
  return day + 2 * 86_400_000;
}
