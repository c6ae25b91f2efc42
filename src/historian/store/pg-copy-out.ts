import type { Connection, Submittable } from "pg";
import { InternalError } from "#model/errors.ts";

type Listener = (bytes: Buffer) => void;

const copyData = 0x64;
const copyDone = 0x63;
const errorResponse = 0x45;
const headerBytes = 5;
const noBytes = Buffer.alloc(0);

/**
 * A COPY ... TO STDOUT that hands over its CopyData messages as they come: pg makes an object and an event of each row.
 * While rows come, pg's own reader is off the socket; every other message goes on to it.
 */
export class CopyOut implements Submittable {
  /** Resolves behind the last row; rejects with what the server or the connection says. */
  readonly done: Promise<void>;
  /** pg's own: called, it ends the timeout. */
  callback: (() => void) | undefined;
  readonly #sql: string;
  readonly #take: (messages: Uint8Array) => void;
  readonly #outcome = Promise.withResolvers<void>();
  /** The beginning of a message whose end is still to come. */
  #rest: Buffer = noBytes;
  #isReading = true;
  #passOn: Listener = () => undefined;
  #restore: () => void = () => undefined;

  /** `take`: gets whole CopyData messages, many at once; they are not kept. */
  constructor(sql: string, take: (messages: Uint8Array) => void) {
    this.#sql = sql;
    this.#take = take;
    this.done = this.#outcome.promise;
  }

  submit(connection: Connection): void {
    const { stream } = connection;
    const listeners = stream.listeners("data").filter(isListener);
    const [passOn] = listeners;
    if (passOn === undefined || listeners.length > 1) throw new InternalError("pg reads its socket in another way");
    const read: Listener = (bytes) => this.#read(bytes);
    stream.removeListener("data", passOn);
    stream.on("data", read);
    this.#passOn = passOn;
    this.#restore = () => {
      stream.removeListener("data", read);
      stream.on("data", passOn);
    };
    connection.query(this.#sql);
  }

  handleError(error: Error): void {
    this.callback?.();
    this.#outcome.reject(error);
  }

  handleCommandComplete(): void {
    this.callback?.();
    this.#outcome.resolve();
  }

  handleReadyForQuery(): void {
    // Told by CommandComplete.
  }

  #read(received: Buffer): void {
    if (!this.#isReading) return this.#passOn(received);
    if (this.#rest.length === 0) return this.#readMessages(received);
    // Only the message that was begun is put together: with all that came it would be twice the memory.
    const head = Buffer.concat([this.#rest, received.subarray(0, headerBytes)]);
    if (head.length < headerBytes) {
      this.#rest = head;
      return;
    }
    const missing = 1 + head.readInt32BE(1) - this.#rest.length;
    const begun = Buffer.concat([this.#rest, received.subarray(0, missing)]);
    this.#rest = noBytes;
    this.#readMessages(begun);
    if (missing < received.length) this.#read(received.subarray(missing));
  }

  #readMessages(bytes: Buffer): void {
    let offset = 0;
    let rows = 0;
    const takeRows = (): void => {
      if (rows < offset) this.#take(bytes.subarray(rows, offset));
    };
    while (offset + headerBytes <= bytes.length) {
      const type = bytes[offset];
      if (type === copyDone || type === errorResponse) {
        takeRows();
        this.#isReading = false;
        this.#restore();
        this.#passOn(bytes.subarray(offset));
        return;
      }
      const end = offset + 1 + bytes.readInt32BE(offset + 1);
      if (end > bytes.length) break;
      if (type !== copyData) {
        takeRows();
        this.#passOn(bytes.subarray(offset, end));
        rows = end;
      }
      offset = end;
    }
    takeRows();
    // Copied: a view would keep what is done with.
    this.#rest = Buffer.from(bytes.subarray(offset));
  }
}

function isListener(candidate: unknown): candidate is Listener {
  return typeof candidate === "function";
}
