import { mkdirSync } from "node:fs";
import { Worker } from "node:worker_threads";
import type { Clock } from "#lib/clock.ts";
import { HostError, messageOf } from "#model/errors.ts";
import type { StoreHealth } from "./history-store.ts";
import type { PgliteReply, PgliteRequest, PgliteWorkerData } from "./pglite-messages.ts";
import { isEngineTrouble, type SqlDriver, SqlError, type SqlParameter, type SqlRow } from "./sql-driver.ts";

export interface PgliteDriverOptions {
  /** Folder of the store, created with mode 0700: the engine's own files are readable by all. */
  readonly folder: string;
  readonly clock: Clock;
}

interface Call {
  readonly resolve: (rows: readonly SqlRow[]) => void;
  readonly reject: (error: Error) => void;
}

/**
 * An engine that answers nothing for so long while it is asked is taken for dead: after some failures of the disk its
 * loop never ends.
 */
const silenceMs = 60_000;
/** Cutting the engine off is safe, as safe as a crash; it only costs a recovery at the next start. */
const closeMs = 2000;

/**
 * The embedded engine, behind a thread of its own. When the thread dies, the calls that wait fail with
 * `history-unavailable` and the next call starts a new one.
 */
export class PgliteDriver implements SqlDriver {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #calls = new Map<number, Call>();
  #nextId = 1;
  #generation = 0;
  readonly cleansItself = false;
  #worker: Worker | undefined;
  #ready: Promise<void> | undefined;
  #watchdog: Disposable | undefined;
  #closing = false;
  #health: StoreHealth;
  readonly #remarks = new Set<string>();

  constructor(options: PgliteDriverOptions) {
    this.#folder = options.folder;
    this.#clock = options.clock;
    this.#health = { available: false, detail: `embedded store in ${options.folder}: starting` };
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  }

  get generation(): number {
    return this.#generation;
  }

  async query(sql: string, parameters: readonly SqlParameter[]): Promise<readonly SqlRow[]> {
    const transfer = parameters.flatMap((value) => (typeof value === "string" ? [] : [value.buffer]));
    return this.#call((id) => ({ kind: "query", id, sql, parameters }), transfer);
  }

  async copyIn(sql: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#call((id) => ({ kind: "copy-in", id, sql, bytes }), [bytes.buffer]);
  }

  async copyOut(sql: string, take: (messages: Uint8Array) => void): Promise<void> {
    const [parts = []] = await this.#call((id) => ({ kind: "copy-out", id, sql }), []);
    for (const part of parts) if (part !== null) take(part);
  }

  async execute(script: string): Promise<void> {
    await this.#call((id) => ({ kind: "execute", id, script }), []);
  }

  health(): StoreHealth {
    return this.#health;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    const worker = this.#worker;
    if (worker === undefined) return;
    const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
    using _deadline = this.#clock.after(closeMs, () => void worker.terminate().catch(() => undefined));
    worker.ref();
    worker.postMessage({ kind: "close" } satisfies PgliteRequest, []);
    await ended;
  }

  async #call(request: (id: number) => PgliteRequest, transfer: readonly ArrayBuffer[]): Promise<readonly SqlRow[]> {
    if (this.#closing) throw this.#unavailable("closed");
    this.#ready ??= this.#start();
    const ready = this.#ready;
    await ready;
    const worker = this.#worker;
    if (worker === undefined || this.#ready !== ready) throw this.#unavailable(this.#health.detail);
    const id = this.#nextId;
    this.#nextId += 1;
    const { promise, resolve, reject } = Promise.withResolvers<readonly SqlRow[]>();
    this.#calls.set(id, { resolve, reject });
    // An open store keeps no process alive, an unanswered question does.
    worker.ref();
    if (this.#watchdog === undefined) this.#watch(worker);
    worker.postMessage(request(id), transfer);
    try {
      return await promise;
    } finally {
      this.#calls.delete(id);
      if (this.#calls.size === 0 && !this.#closing) this.#rest(worker);
    }
  }

  #watch(worker: Worker): void {
    this.#watchdog?.[Symbol.dispose]();
    this.#watchdog = this.#clock.after(silenceMs, () => this.#lost(worker, `no answer for ${silenceMs / 1000} s`));
  }

  #rest(worker: Worker): void {
    this.#watchdog?.[Symbol.dispose]();
    this.#watchdog = undefined;
    worker.unref();
  }

  async #start(): Promise<void> {
    const workerData: PgliteWorkerData = { folder: this.#folder };
    const worker = new Worker(new URL("./pglite-worker.ts", import.meta.url), { workerData, name: "history-store" });
    this.#worker = worker;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const lose = (reason: string): void => {
      this.#lost(worker, reason);
      reject(this.#unavailable(reason));
    };
    worker.on("message", (reply: PgliteReply) => {
      if (reply.kind === "ready") this.#opened(reply, resolve);
      else if (reply.kind === "failed") lose(reply.message);
      else this.#settle(worker, reply);
    });
    worker.on("error", (error: unknown) => lose(messageOf(error)));
    worker.on("exit", () => lose("its thread ended"));
    await promise;
  }

  #opened(reply: Extract<PgliteReply, { kind: "ready" }>, resolve: () => void): void {
    if (!reply.powerSafe) this.#remarks.add("not power-safe: commits do not wait for the disk");
    if (reply.movedAside !== undefined) {
      this.#remarks.add(`an unreadable database was moved to ${reply.movedAside}`);
    }
    const remark = [...this.#remarks].join("; ");
    const detail = `embedded store in ${this.#folder}`;
    this.#health =
      remark === "" ? { available: true, detail } : { available: true, detail: `${detail}; ${remark}`, remark };
    resolve();
  }

  #settle(worker: Worker, reply: Extract<PgliteReply, { kind: "rows" | "refused" }>): void {
    this.#watch(worker);
    const call = this.#calls.get(reply.id);
    if (reply.kind === "rows") call?.resolve(reply.rows);
    else if (!isEngineTrouble(reply.sqlState)) call?.reject(new SqlError(reply.sqlState, reply.message));
    else this.#troubled(worker, reply, call);
  }

  /** A full disk (class 53) may have room again and reading goes on meanwhile; anything else needs a fresh engine. */
  #troubled(worker: Worker, reply: Extract<PgliteReply, { kind: "refused" }>, call: Call | undefined): void {
    if (reply.sqlState.startsWith("53")) call?.reject(this.#unavailable(reply.message));
    else this.#lost(worker, reply.message);
  }

  /** Gives up on `worker`; the next call starts another one. */
  #lost(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#ready = undefined;
    this.#generation += 1;
    this.#rest(worker);
    this.#health = { available: false, detail: `embedded store in ${this.#folder}: ${reason}` };
    for (const call of this.#calls.values()) call.reject(this.#unavailable(reason));
    void worker.terminate().catch(() => undefined);
  }

  #unavailable(reason: string): HostError {
    return new HostError(
      "history-unavailable",
      `The embedded history store in ${this.#folder} is not available: ${reason}`,
    );
  }
}
