import { fork } from "node:child_process";
import { existsSync, readdirSync, renameSync, rmSync, statfsSync } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";
import {
  decodeResponse,
  encodeCopyIn,
  encodeScript,
  encodeStatement,
  type WireResponse,
} from "#historian/codec/pg-wire.ts";
import { plannerSettings, type SqlParameter } from "./sql-driver.ts";
import { SyncedNodeFs } from "./synced-node-fs.ts";

// PGlite's own defaults without -F, which switches fsync off.
const startParams = [
  "--single",
  "-O",
  "-j",
  ...["search_path=public", "exit_on_error=false", "log_checkpoints=false", "io_method=sync"].flatMap(setting),
  ...["max_worker_processes=0", "max_parallel_workers=0"].flatMap(setting),
  ...["max_parallel_workers_per_gather=0", "max_parallel_maintenance_workers=0"].flatMap(setting),
];

function setting(text: string): readonly string[] {
  return ["-c", text];
}

// Emscripten passes fsync on to our hook but answers fdatasync, the engine's first choice, by itself.
const configuration = [
  "fsync=on",
  "wal_sync_method=fsync",
  "synchronous_commit=on",
  "shared_buffers=32MB",
  "max_wal_size=128MB",
  "min_wal_size=32MB",
  "bytea_output=hex",
  "timezone=UTC",
  ...plannerSettings,
];

// Nothing in single-user mode checkpoints by itself: without this the log would grow for ever. A row is about 50 bytes of
// parameters and 225 bytes of log.
const checkpointAfterBytes = 16 * 1024 * 1024;

/** Below this much free disk a failing start says nothing about the data. */
const neededDiskBytes = 64 * 1024 * 1024;

/** The embedded engine on one folder. Every call blocks its thread until it is done: run it in a worker. */
export class PgliteDatabase {
  readonly #engine: PGlite;
  readonly #files: SyncedNodeFs;
  #unsavedBytes = 0;

  private constructor(engine: PGlite, files: SyncedNodeFs) {
    this.#engine = engine;
    this.#files = files;
  }

  /** Starts the engine on `folder`, which must be a finished database or empty. */
  static async start(folder: string): Promise<PgliteDatabase> {
    const files = new SyncedNodeFs(folder);
    const engine = await PGlite.create({ fs: files, startParams, postgresqlconf: configuration });
    return new PgliteDatabase(engine, files);
  }

  async query(sql: string, parameters: readonly SqlParameter[]): Promise<WireResponse> {
    return this.#change(encodeStatement(sql, parameters));
  }

  /** Runs a COPY ... FROM STDIN of these bytes. */
  async copyIn(sql: string, bytes: Uint8Array): Promise<WireResponse> {
    return this.#change(encodeCopyIn(sql, bytes));
  }

  async execute(script: string): Promise<WireResponse> {
    this.#unsavedBytes += script.length;
    return this.#exchange(encodeScript(script));
  }

  /** Writes everything back to the tables' files, if there was any work, so that the log can be reused. */
  async checkpoint(): Promise<void> {
    if (this.#unsavedBytes === 0) return;
    this.#unsavedBytes = 0;
    await this.#exchange(encodeScript("CHECKPOINT"));
  }

  /** True when a commit is followed by an fsync of its log. */
  async isPowerSafe(): Promise<boolean> {
    const before = this.#files.syncs;
    await this.#exchange(encodeScript("SELECT pg_logical_emit_message(true, 'fdi-host', 'sync test')"));
    return this.#files.syncs > before;
  }

  async close(): Promise<void> {
    await this.#engine.close();
  }

  async #change(message: Uint8Array): Promise<WireResponse> {
    const response = await this.#exchange(message);
    this.#unsavedBytes += message.length;
    if (this.#unsavedBytes >= checkpointAfterBytes) await this.checkpoint();
    return response;
  }

  async #exchange(message: Uint8Array): Promise<WireResponse> {
    const chunks: Uint8Array[] = [];
    await this.#engine.execProtocolRawStream(message, {
      syncToFs: false,
      onRawData: (bytes) => chunks.push(bytes.slice()),
    });
    return decodeResponse(joined(chunks));
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

export interface OpenedDatabase {
  readonly database: PgliteDatabase;
  readonly isNew: boolean;
  /** Where an unreadable database was moved to, if that happened. */
  readonly movedAside: string | undefined;
}

/**
 * Opens the database `pgdata` in `folder`, creates it if missing, and moves it aside for an empty one if it cannot be
 * started twice in a row: a host that cannot read its old history still has to keep the new one.
 */
export async function openDatabase(folder: string): Promise<OpenedDatabase> {
  const data = join(folder, "pgdata");
  const isNew = !existsSync(data);
  if (isNew) await createDatabase(data);
  const first = await attempt(() => PgliteDatabase.start(data));
  if (!(first instanceof Error)) return { database: first, isNew, movedAside: undefined };
  const second = await attempt(() => PgliteDatabase.start(data));
  if (!(second instanceof Error)) return { database: second, isNew, movedAside: undefined };
  const disk = statfsSync(folder);
  if (disk.bavail * disk.bsize < neededDiskBytes) throw second;
  const movedAside = join(folder, `pgdata.unreadable-${new Date().toISOString().replaceAll(":", "")}`);
  renameSync(data, movedAside);
  await createDatabase(data);
  return { database: await PgliteDatabase.start(data), isNew: true, movedAside };
}

async function attempt(start: () => Promise<PgliteDatabase>): Promise<PgliteDatabase | Error> {
  try {
    return await start();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/**
 * Builds the database under another name, so that a half-made one is never taken for a finished one; in a process of its
 * own, because creating takes 230 MiB more than running and only the end of a process gives them back.
 */
async function createDatabase(data: string): Promise<void> {
  // A creator whose host was killed may still be writing: it gets no chance to write into another one's work.
  const unfinished = `${data}.new-${process.pid}`;
  for (const name of readdirSync(dirname(data))) {
    if (name.startsWith(`${basename(data)}.new-`)) rmSync(join(dirname(data), name), { recursive: true, force: true });
  }
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  const creator = fork(fileURLToPath(new URL("./pglite-create.ts", import.meta.url)), [unfinished], { stdio: "pipe" });
  const complaints: string[] = [];
  creator.stderr?.on("data", (chunk: Buffer) => complaints.push(chunk.toString("utf8")));
  creator.once("error", reject).once("exit", resolve);
  const code = await promise;
  if (code !== 0) throw new Error(`the database in ${data} could not be created: ${complaints.join("").trim()}`);
  renameSync(unfinished, data);
}

/**
 * Brings every file below `folder` to the disk: the engine made a thousand without asking for it. Takes seconds and may
 * run beside the engine's own work.
 */
export async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await syncTree(path);
    else await syncFile(path);
  }
  await syncFile(folder);
}

async function syncFile(path: string): Promise<void> {
  await using file = await open(path, "r");
  await file.sync();
}
