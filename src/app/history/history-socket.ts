import { createHash } from "node:crypto";
import { chmodSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Historian } from "#historian/historian.ts";
import type { Logger } from "#lib/logger.ts";
import { messageOf } from "#model/errors.ts";
import { type HistoryTask, historyTaskOf, runHistoryTask } from "./history-task.ts";

/**
 * The running host does tasks for the commands of the same user: only one process can have the embedded store open. A
 * request is one line of JSON; the answer is frames of a type byte, a length (uint32, little-endian) and bytes.
 */

const frameType = { data: 0, end: 1, error: 2 } as const;
const headBytes = 5;
/** sockaddr_un holds 108 bytes, with a NUL. */
const longestPath = 100;

/** Where the host with the history in `folder` listens. */
export function historySocketPath(folder: string): string {
  const path = join(resolve(folder), "control.sock");
  const short = `fdi-host-${createHash("sha256").update(path).digest("hex").slice(0, 16)}`;
  if (process.platform === "win32") return `\\\\.\\pipe\\${short}`;
  return Buffer.byteLength(path) <= longestPath ? path : join(tmpdir(), `${short}.sock`);
}

/** Serves tasks to other processes of the same user. */
export class HistorySocket implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Begins to listen; whoever calls this has the folder for itself, so that a socket that is there is a dead one's. */
  static async listen(folder: string, historian: Historian, log: Logger): Promise<HistorySocket> {
    const path = historySocketPath(folder);
    const server = createServer();
    const listening = new HistorySocket(server);
    server.on("connection", (socket) => listening.#serve(socket, historian, log));
    if (process.platform !== "win32") rmSync(path, { force: true });
    await new Promise<void>((done, failed) => {
      server.once("error", failed).listen(path, done);
    });
    if (process.platform !== "win32") chmodSync(path, 0o600);
    server.unref();
    return listening;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((done) => this.#server.close(() => done()));
  }

  #serve(socket: Socket, historian: Historian, log: Logger): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    // Whoever asked went away: nobody is left to tell.
    socket.on("error", () => undefined);
    createInterface({ input: socket }).once("line", (line) => {
      answer(socket, historian, line).catch((error: unknown) => {
        log.warn({ err: error }, "A command on the history failed");
        socket.end(frame(frameType.error, new TextEncoder().encode(messageOf(error))));
      });
    });
  }
}

async function answer(socket: Socket, historian: Historian, line: string): Promise<void> {
  const request: unknown = JSON.parse(line);
  for await (const piece of runHistoryTask(historian, historyTaskOf(request))) {
    if (socket.destroyed) return;
    if (!socket.write(frame(frameType.data, piece))) await drained(socket);
  }
  socket.end(frame(frameType.end, new Uint8Array(0)));
}

async function drained(socket: Socket): Promise<void> {
  await new Promise<void>((done) => {
    socket.once("drain", done).once("close", done);
  });
}

function frame(type: number, bytes: Uint8Array): Uint8Array {
  const head = Buffer.alloc(headBytes);
  head.writeUInt8(type);
  head.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** Has the running host do a task; gives the pieces of its answer. Throws what the host says when it fails. */
export async function* askHost(folder: string, task: HistoryTask): AsyncGenerator<Uint8Array> {
  const socket = connect(historySocketPath(folder));
  try {
    socket.write(`${JSON.stringify(task)}\n`);
    let rest = Buffer.alloc(0);
    for await (const chunk of socket) {
      rest = Buffer.concat([rest, bytesOf(chunk)]);
      while (rest.length >= headBytes && rest.length >= headBytes + rest.readUInt32LE(1)) {
        const end = headBytes + rest.readUInt32LE(1);
        const type = rest.readUInt8();
        const bytes = rest.subarray(headBytes, end);
        rest = rest.subarray(end);
        if (type === frameType.end) return;
        if (type === frameType.error) throw new Error(bytes.toString("utf8"));
        yield bytes;
      }
    }
    throw new Error("the host stopped before it was done");
  } finally {
    socket.destroy();
  }
}

function bytesOf(chunk: unknown): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.alloc(0);
}
