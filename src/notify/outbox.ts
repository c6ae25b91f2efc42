import { appendFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "#lib/atomic-file.ts";
import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import { messageOf } from "#model/errors.ts";

/** Something to be delivered; the receiver tells by `id` what it has already. */
export interface OutboxMessage {
  readonly id: string;
  /** Where to, as the delivery understands it; empty where there is one place only. */
  readonly topic: string;
  readonly body: string;
}

/** The receiver will never take this message: trying again cannot help. */
export class Undeliverable extends Error {
  override readonly name = "Undeliverable";
}

export interface OutboxParts {
  readonly folder: string;
  /** Name of its files. */
  readonly name: string;
  /** Rejects when the receiver did not take all of them; with Undeliverable when it never will take the first. */
  readonly deliver: (messages: readonly OutboxMessage[], signal: AbortSignal) => Promise<void>;
  /** Messages that are delivered together. */
  readonly batch: number;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  /** Told when messages wait because the receiver does not take them; undefined when it does again. */
  readonly onTrouble: (text: string | undefined) => void;
  /** Delay before the second attempt; doubles up to 60 s. Default 1 s. */
  readonly minDelayMs?: number;
}

interface Entry extends OutboxMessage {
  readonly seq: number;
}

/** More than this wait for days: the oldest go, counted and logged. */
const maxEntries = 20_000;
const flushMs = 50;
const maxDelayMs = 60_000;
const troubleAfter = 3;
const compactLines = 5_000;

/**
 * Delivers messages at least once and in order, over restarts and outages of their receiver: they are on disk within a
 * moment, and leave it when they were taken.
 */
export class Outbox implements AsyncDisposable {
  readonly #parts: OutboxParts;
  readonly #path: string;
  readonly #stop = new AbortController();
  #queue: Entry[] = [];
  #unwritten: Entry[] = [];
  #lines = 0;
  #seq = 0;
  #failures = 0;
  #writing: Promise<void> = Promise.resolve();
  #flushTimer: Disposable | undefined;
  #retryTimer: Disposable | undefined;
  #delivering: Promise<void> | undefined;
  /** Messages that were given up. */
  dropped = 0;

  private constructor(parts: OutboxParts) {
    this.#parts = parts;
    this.#path = join(parts.folder, `${parts.name}.jsonl`);
  }

  /** Takes up what an earlier run left. Damaged lines are passed over and counted. */
  static async open(parts: OutboxParts): Promise<Outbox> {
    const outbox = new Outbox(parts);
    await mkdir(parts.folder, { recursive: true, mode: 0o700 });
    await outbox.#load();
    outbox.#run();
    return outbox;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  add(message: OutboxMessage): void {
    if (this.#stop.signal.aborted) return;
    const entry = { ...message, seq: (this.#seq += 1) };
    this.#queue.push(entry);
    this.#unwritten.push(entry);
    if (this.#queue.length > maxEntries) this.#dropOldest();
    this.#flushTimer ??= this.#parts.clock.after(flushMs, () => this.#flush());
    this.#run();
  }

  /** Stops delivering; what waits is on disk. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#retryTimer?.[Symbol.dispose]();
    await this.#delivering;
    this.#compact();
    await this.#writing;
  }

  async #load(): Promise<void> {
    let text: string;
    try {
      text = await readFile(this.#path, "utf8");
    } catch {
      return;
    }
    const entries = text.split("\n").flatMap((line) => entryOf(line) ?? []);
    const done = entries.findLast(({ body, id }) => id === "" && body === "")?.seq ?? 0;
    this.#queue = entries.filter(({ id, seq }) => id !== "" && seq > done).slice(-maxEntries);
    this.#seq = entries.reduce((highest, { seq }) => Math.max(highest, seq), 0);
    this.#compact();
    await this.#writing;
  }

  #run(): void {
    if (this.#delivering !== undefined || this.#retryTimer !== undefined || this.#queue.length === 0) return;
    // Never rejects.
    this.#delivering = this.#deliver().finally(() => {
      this.#delivering = undefined;
      if (this.#failures === 0 && !this.#stop.signal.aborted) this.#run();
    });
  }

  async #deliver(): Promise<void> {
    const { deliver, batch, log, name } = this.#parts;
    const messages = this.#queue.slice(0, batch);
    try {
      await deliver(messages, this.#stop.signal);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      if (!(error instanceof Undeliverable)) {
        this.#failed(messageOf(error));
        return;
      }
      this.dropped += 1;
      log.error({ err: error, id: messages[0]?.id }, `a notification to ${name} was refused for good`);
      this.#taken(messages.slice(0, 1));
      this.#answered();
      return;
    }
    this.#taken(messages);
    this.#answered();
  }

  /** The receiver is there. */
  #answered(): void {
    if (this.#failures >= troubleAfter) this.#parts.onTrouble(undefined);
    this.#failures = 0;
  }

  #taken(messages: readonly Entry[]): void {
    const last = messages.at(-1);
    if (last === undefined) return;
    // Some may have been dropped meanwhile.
    const kept = this.#queue.findIndex(({ seq }) => seq > last.seq);
    this.#queue.splice(0, kept === -1 ? this.#queue.length : kept);
    this.#unwritten.push({ seq: last.seq, id: "", topic: "", body: "" });
    this.#flushTimer ??= this.#parts.clock.after(flushMs, () => this.#flush());
  }

  #failed(cause: string): void {
    const { clock, random, minDelayMs = 1_000, onTrouble, log, name } = this.#parts;
    this.#failures += 1;
    if (this.#failures === troubleAfter) log.warn(`${this.#queue.length} notifications wait for ${name}: ${cause}`);
    if (this.#failures >= troubleAfter) onTrouble(`${this.#queue.length} notifications wait for ${name}: ${cause}`);
    const delayMs = Math.min(maxDelayMs, minDelayMs * 2 ** Math.min(16, this.#failures - 1)) * (0.5 + random() / 2);
    this.#retryTimer = clock.after(delayMs, () => {
      this.#retryTimer = undefined;
      this.#run();
    });
  }

  #dropOldest(): void {
    this.#queue.shift();
    this.dropped += 1;
    if (this.dropped % 1_000 === 1)
      this.#parts.log.error(`${this.dropped} notifications to ${this.#parts.name} were given up: too many wait`);
  }

  #flush(): void {
    this.#flushTimer = undefined;
    if (this.#lines > this.#queue.length + compactLines) {
      this.#compact();
      return;
    }
    const entries = this.#unwritten;
    this.#unwritten = [];
    this.#lines += entries.length;
    this.#write(() => appendFile(this.#path, textOf(entries), { mode: 0o600 }));
  }

  /** Writes the file anew with what waits. */
  #compact(): void {
    this.#flushTimer?.[Symbol.dispose]();
    this.#flushTimer = undefined;
    this.#unwritten = [];
    this.#lines = this.#queue.length;
    const text = textOf(this.#queue);
    this.#write(() => writeFileAtomically(this.#path, text));
  }

  #write(work: () => Promise<void>): void {
    this.#writing = this.#writing.then(work).catch((error: unknown) => {
      this.#parts.log.error({ err: error }, `the outbox ${this.#path} cannot be written`);
    });
  }
}

function textOf(entries: readonly Entry[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
}

/** A line of the file; one without id says that everything up to its number was taken. */
function entryOf(line: string): Entry | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null) return undefined;
    const { seq, id, topic, body } = Object.fromEntries<unknown>(Object.entries(value));
    const isEntry =
      typeof seq === "number" && typeof id === "string" && typeof topic === "string" && typeof body === "string";
    return isEntry ? { seq, id, topic, body } : undefined;
  } catch {
    return undefined;
  }
}
