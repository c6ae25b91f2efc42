import type { KeyObject } from "node:crypto";
import { type AuditHead, anchorOf, type FoundHead, readHead } from "./audit-head.ts";
import { auditKeyPath, readAuditKey } from "./audit-key.ts";
import { type AuditLine, breakAction, genesisMac, macOf } from "./audit-line.ts";
import { type FoundLine, linesOf, listSegments } from "./audit-segments.ts";
import { OpenIntents, type UnresolvedIntent } from "./open-intents.ts";

/** The first place where the audit is not as it was written. */
export interface AuditFault {
  readonly segment: string;
  /** Line in the segment, from 1. */
  readonly line: number;
  /** The entry that belongs there. */
  readonly entry: number;
  readonly problem: string;
}

export interface AuditVerdict {
  readonly intact: boolean;
  readonly segments: number;
  /** Entries found good, from the first one on. */
  readonly entries: number;
  readonly fault: AuditFault | undefined;
  /** The last good entry, to be kept elsewhere and given to a later check; undefined when there is none. */
  readonly anchor: string | undefined;
  /** Commands that were about to be sent and have no outcome. */
  readonly unresolved: readonly UnresolvedIntent[];
}

export interface VerifyOptions {
  /** Default: `../secrets/audit.key` of the folder. */
  readonly keyPath?: string;
  /** An entry as an earlier check found it: tells a rewriting by somebody who has the key. */
  readonly anchor?: AuditHead;
}

/**
 * Checks an audit folder from its first entry on: every mac, every number, and that the end is there. Throws
 * `config-invalid` when the key cannot be read. May run while the host writes.
 */
export async function verifyAudit(folder: string, options: VerifyOptions = {}): Promise<AuditVerdict> {
  const key = await readAuditKey(options.keyPath ?? auditKeyPath(folder));
  // Before the segments: what is written meanwhile is beyond the head, which is no fault.
  const head = await readHead(folder, key);
  const segments = await listSegments(folder);
  const walk = new Walk(key, options.anchor);
  for (const segment of segments) {
    for await (const found of linesOf(folder, segment)) {
      if (walk.fault === undefined) walk.step(found);
    }
  }
  walk.end(head, segments.at(-1) ?? "");
  const { fault, entries, intents, anchor } = walk;
  const intact = fault === undefined;
  return { intact, segments: segments.length, entries, fault, anchor, unresolved: intents.all() };
}

class Walk {
  readonly #key: KeyObject;
  readonly #anchor: AuditHead | undefined;
  readonly intents = new OpenIntents();
  fault: AuditFault | undefined;
  entries = 0;
  #mac = genesisMac;
  #lastNumber = 0;
  readonly #macs = new Map<number, string>();

  constructor(key: KeyObject, anchor: AuditHead | undefined) {
    this.#key = key;
    this.#anchor = anchor;
  }

  get anchor(): string | undefined {
    return this.entries === 0 ? undefined : anchorOf({ seq: this.entries, mac: this.#mac });
  }

  step(found: FoundLine): void {
    const { line, number, segment, isWhole } = found;
    const entry = this.entries + 1;
    const problem = this.#problemOf(line, entry, isWhole);
    if (problem !== undefined || line === undefined) {
      this.fault = { segment, line: number, entry, problem: problem ?? "not an entry" };
      return;
    }
    this.entries = entry;
    this.#lastNumber = number;
    this.#mac = line.mac;
    this.#macs.set(entry, line.mac);
    this.#macs.delete(entry - remembered);
    this.intents.note(line.fields);
  }

  end(head: FoundHead, segment: string): void {
    if (this.fault !== undefined) return;
    const problem = this.#headProblemOf(head);
    if (problem === undefined) return;
    this.fault = { segment, line: this.#lastNumber + 1, entry: this.entries + 1, problem };
  }

  #problemOf(line: AuditLine | undefined, entry: number, isWhole: boolean): string | undefined {
    if (!isWhole) return `entry ${entry} breaks off: the end is cut, or the host was stopped while it wrote`;
    if (line === undefined) return `entry ${entry} is damaged: not an entry`;
    const isGenuine = line.mac === macOf(this.#key, this.#mac, line.body);
    if (line.seq !== entry) {
      return line.seq > entry
        ? `entry ${entry} is missing: found entry ${line.seq} in its place`
        : `entry ${line.seq} is out of place: expected entry ${entry}`;
    }
    if (this.#anchor?.seq === entry && this.#anchor.mac !== line.mac) {
      return `entry ${entry} is not the one of the anchor: it, or one before it, was rewritten`;
    }
    if (!isGenuine) return `entry ${entry} was altered, or one before it was replaced`;
    return line.fields.get("action") === breakAction
      ? `the host found here: ${String(line.fields.get("detail"))}`
      : undefined;
  }

  #headProblemOf(head: FoundHead): string | undefined {
    const anchored = this.#anchor?.seq ?? 0;
    if (anchored > this.entries) return `the end is cut: entries ${this.entries + 1} to ${anchored} are missing`;
    if (head === "missing") return this.entries === 0 ? undefined : "the head is missing: the end may be cut";
    if (head === "damaged") return "the head is damaged: the end may be cut";
    if (head.seq > this.entries) {
      return `the end is cut: entries ${this.entries + 1} to ${head.seq} are missing`;
    }
    const mac = this.#macs.get(head.seq);
    return mac === undefined || mac === head.mac ? undefined : `entry ${head.seq} is not the one that was written`;
  }
}

/** Macs kept to compare the head with: the writer is never this far ahead of it. */
const remembered = 50_000;
