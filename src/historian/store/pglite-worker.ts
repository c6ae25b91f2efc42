import { setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import type { WireResponse } from "#historian/codec/pg-wire.ts";
import { InternalError, messageOf } from "#model/errors.ts";
import { type OpenedDatabase, openDatabase, type PgliteDatabase, syncTree } from "./pglite-database.ts";
import type { PgliteReply, PgliteRequest } from "./pglite-messages.ts";

/** The thread of the embedded engine: one request after the other, because the engine is one. */

const idleCheckpointMs = 30_000;
/** What devices send now goes before what they sent: the journal keeps the rest safe meanwhile. */
const niceness = 10;
const port = parentPort;
if (port === null) throw new InternalError("pglite-worker.ts runs as a worker only");
const folder = folderOf(workerData);
yieldToOthers();

const opening = openDatabase(folder);
let last: Promise<unknown> = opening.then(announce, fail);
let idle: NodeJS.Timeout | undefined;

port.on("message", (request: PgliteRequest) => {
  last = last.then(() => serve(request)).catch(fail);
});

/** On Linux a priority is that of one thread; elsewhere it would be that of the whole host. */
function yieldToOthers(): void {
  if (process.platform === "linux") setPriority(0, niceness);
}

async function announce({ database, isNew, movedAside }: OpenedDatabase): Promise<void> {
  reply({ kind: "ready", powerSafe: await database.isPowerSafe(), movedAside });
  // Beside the first requests: a file that the engine removes meanwhile needs no sync.
  if (isNew) syncTree(folder).catch(() => undefined);
}

async function serve(request: PgliteRequest): Promise<void> {
  clearTimeout(idle);
  const { database } = await opening;
  switch (request.kind) {
    case "query":
      answer(request.id, await database.query(request.sql, request.parameters));
      break;
    case "copy-in":
      answer(request.id, await database.copyIn(request.sql, request.bytes));
      break;
    case "copy-out": {
      const { copied, ...response } = await database.execute(request.sql);
      answer(request.id, { ...response, copied, rows: [copied] });
      break;
    }
    case "execute":
      answer(request.id, await database.execute(request.script));
      break;
    case "close":
      await database.close();
      port?.close();
      return;
  }
  idle = setTimeout(() => checkpointLater(database), idleCheckpointMs);
}

function checkpointLater(database: PgliteDatabase): void {
  last = last.then(() => database.checkpoint()).catch(fail);
}

function answer(id: number, response: WireResponse): void {
  if (response.error !== undefined) reply({ kind: "refused", id, ...response.error });
  else reply({ kind: "rows", id, rows: response.rows }, buffersOf(response.rows));
}

/** The memory to hand over instead of copying: all rows of an answer share one buffer. */
function buffersOf(rows: WireResponse["rows"]): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const row of rows) for (const column of row) if (column !== null) buffers.add(column.buffer);
  return [...buffers];
}

function fail(error: unknown): void {
  reply({ kind: "failed", message: messageOf(error) });
  port?.close();
}

function reply(message: PgliteReply, transfer: readonly ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}

function folderOf(data: unknown): string {
  if (typeof data === "object" && data !== null && "folder" in data && typeof data.folder === "string")
    return data.folder;
  throw new InternalError("The store's thread was started without a folder");
}
