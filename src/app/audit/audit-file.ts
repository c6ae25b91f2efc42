import type { KeyObject } from "node:crypto";
import { existsSync } from "node:fs";
import { constants, type FileHandle, mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import type { AuditLog } from "#fleet/ports.ts";
import type { Clock } from "#lib/clock.ts";
import type { AuditEntry } from "#model/audit-entry.ts";
import { HostError, messageOf } from "#model/errors.ts";
import { type AuditHead, HeadFile } from "./audit-head.ts";
import { auditKeyPath, createAuditKey, readAuditKey } from "./audit-key.ts";
import { breakAction, formatLine } from "./audit-line.ts";
import { listSegments, segmentName } from "./audit-segments.ts";
import type { UnresolvedIntent } from "./open-intents.ts";
import { recoverAudit } from "./recover-audit.ts";

export interface AuditFileOptions {
  readonly folder: string;
  readonly clock: Clock;
  /** Default: `../secrets/audit.key` of the folder; made with the first entry. */
  readonly keyPath?: string;
}

/** What a new start found of the run before. */
export interface AuditStart {
  /** Commands whose outcome nobody knows, because the host ended meanwhile. */
  readonly unresolved: readonly UnresolvedIntent[];
  readonly damage: string | undefined;
}

interface Waiting {
  readonly entry: AuditEntry;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

interface Writer {
  readonly file: FileHandle;
  readonly head: HeadFile;
  readonly key: KeyObject;
  readonly segment: string;
  readonly last: AuditHead;
}

const { O_APPEND, O_CREAT, O_DSYNC, O_WRONLY } = constants;
/** Writing is finished when it would survive a power cut: one call to the system instead of two. */
const appendDurably = O_APPEND | O_CREAT | O_WRONLY | O_DSYNC;

/** Entries that may wait for the disk; further ones are refused. */
const maxWaiting = 20_000;

/**
 * The audit as files: one segment per day, append-only, each entry chained to the one before by an HMAC. Entries that
 * arrive together share one write to the disk.
 */
export class AuditFile implements AuditLog, AsyncDisposable {
  readonly #options: AuditFileOptions;
  #waiting: Waiting[] = [];
  #writer: Writer | undefined;
  #running: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: AuditFileOptions) {
    this.#options = options;
  }

  /**
   * Takes up the audit of the run before: gives every intent without outcome the outcome `unknown`, and records the start.
   * Throws `config-invalid` when the key of an existing audit is missing or damaged.
   */
  async start(): Promise<AuditStart> {
    const { folder, keyPath = auditKeyPath(folder) } = this.#options;
    const isNew = !existsSync(keyPath);
    const key = await this.#key();
    const { unresolved, damage: found, segment } = await recoverAudit(folder, key);
    // The key comes with the first entry: without any, somebody took them away.
    const damage = segment === undefined && !isNew ? "all entries are missing" : found;
    const at = this.#options.clock.now();
    const host = { at, commandId: "", user: "", origin: "", device: "" };
    const entries: AuditEntry[] = unresolved.map(({ commandId, user, origin, device, action }) => ({
      at,
      kind: "outcome",
      commandId,
      user,
      origin,
      device,
      action,
      result: "unknown",
      detail: "the host ended before the outcome was known",
    }));
    if (damage !== undefined) entries.push({ ...host, kind: "start", action: breakAction, detail: damage });
    entries.push({ ...host, kind: "start", action: "start" });
    await Promise.all(entries.map((entry) => this.record(entry)));
    return { unresolved, damage };
  }

  record(entry: AuditEntry): Promise<void> {
    if (this.#isClosed) return Promise.reject(new HostError("audit-unavailable", "the audit is closed"));
    if (this.#waiting.length >= maxWaiting) {
      return Promise.reject(new HostError("overloaded", `${maxWaiting} audit entries wait for the disk`));
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ entry, done: resolve, failed: reject });
    this.#running ??= this.#run();
    return promise;
  }

  /** Writes out what waits and closes the files. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#running;
    await this.#close();
  }

  async #run(): Promise<void> {
    // One turn of the event loop, so that entries of the same moment go together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        const { head, last } = await this.#write(batch.map(({ entry }) => entry));
        for (const { done } of batch) done();
        // The entries are on the disk; a head that lags behind them is no fault.
        await head.write(last);
      } catch (error) {
        // The next batch finds out from the files where they end.
        await this.#close().catch(() => {});
        const problem = new HostError("audit-unavailable", `${this.#options.folder}: ${messageOf(error)}`, {
          cause: error,
        });
        for (const { failed } of batch) failed(problem);
      }
    }
    this.#running = undefined;
  }

  async #write(entries: readonly AuditEntry[]): Promise<Writer> {
    const writer = await this.#writerNow();
    let { seq, mac } = writer.last;
    let text = "";
    for (const entry of entries) {
      const line = formatLine(writer.key, mac, seq + 1, entry);
      text += line.text;
      seq += 1;
      mac = line.mac;
    }
    await writer.file.appendFile(text, "utf8");
    this.#writer = { ...writer, last: { seq, mac } };
    return this.#writer;
  }

  /** The open segment of today; never one before the last, whatever the clock says. */
  async #writerNow(): Promise<Writer> {
    const today = segmentName(this.#options.clock.now());
    const current = this.#writer;
    if (current !== undefined && current.segment >= today) return current;
    const { folder } = this.#options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const key = current?.key ?? (await this.#key());
    const { last, segment: newest } = current ?? (await recoverAudit(folder, key));
    await this.#close();
    const segment = newest !== undefined && newest > today ? newest : today;
    const file = await open(join(folder, segment), appendDurably, 0o600);
    await syncFolder(folder);
    const head = await HeadFile.open(folder, key);
    this.#writer = { file, head, key, segment, last };
    return this.#writer;
  }

  async #key(): Promise<KeyObject> {
    const { folder, keyPath = auditKeyPath(folder) } = this.#options;
    if ((await listSegments(folder)).length > 0) return readAuditKey(keyPath);
    return readAuditKey(keyPath).catch(() => createAuditKey(keyPath));
  }

  async #close(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    if (writer === undefined) return;
    try {
      await writer.file.close();
    } finally {
      await writer.head[Symbol.asyncDispose]();
    }
  }
}

/** Makes a new file's name survive a power cut. */
async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, "r");
  await handle.sync();
}
