import { finished } from "node:stream/promises";
import { type ClientBase, Pool, type PoolClient } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { unpackAllSql } from "#historian/schema/features.ts";
import { HostError, messageOf } from "#model/errors.ts";
import type { HistoryStore, StoreHealth } from "./history-store.ts";
import { CopyOut } from "./pg-copy-out.ts";
import {
  isEngineTrouble,
  plannerSettings,
  type SqlDriver,
  SqlError,
  type SqlParameter,
  type SqlRow,
} from "./sql-driver.ts";
import { openSqlHistoryStore } from "./sql-history-store.ts";

export interface PgStoreOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
}

/** The store in a PostgreSQL database; a server that does not answer yet shows in its health. */
export async function openPgStore(options: PgStoreOptions): Promise<HistoryStore> {
  return openSqlHistoryStore(new PgDriver(options.url));
}

const byteaOid = 17;
/** A server that needs longer for one statement is taken for gone. */
const answerMs = 60_000;
/** The same for a page of values: somebody waits for it. */
const pageMs = 10_000;

/** A pool of connections to a PostgreSQL server. */
export class PgDriver implements SqlDriver {
  readonly #pool: Pool;
  /** Where the server is, without password. */
  readonly #where: string;
  #trouble: string | undefined;
  #generation = 1;
  readonly cleansItself = true;

  constructor(url: string) {
    this.#where = placeOf(url);
    this.#pool = new Pool({
      connectionString: url,
      max: 4,
      application_name: "fdi-host",
      connectionTimeoutMillis: 5000,
      query_timeout: answerMs,
      keepAlive: true,
      types: { getTypeParser: parserOf },
      onConnect: prepareConnection,
    });
    // The pool listens to its idle connections only; one that breaks in use must not end the process.
    this.#pool.on("connect", (client) => client.on("error", (error) => this.#away(error)));
    this.#pool.on("error", (error) => this.#away(error));
  }

  get generation(): number {
    return this.#generation;
  }

  async query(sql: string, parameters: readonly SqlParameter[]): Promise<readonly SqlRow[]> {
    // pg sends a Buffer as it is, as a binary parameter.
    const values = parameters.map((value) => (typeof value === "string" ? value : Buffer.from(value.buffer)));
    const result = await this.#run(() =>
      this.#pool.query<(Uint8Array | null)[]>({ text: sql, values, rowMode: "array" }),
    );
    return result.rows;
  }

  async copyIn(sql: string, bytes: Uint8Array): Promise<void> {
    await this.#withClient(async (client) => {
      const stream = client.query(copyFrom(sql));
      stream.end(bytes);
      await finished(stream, { signal: AbortSignal.timeout(answerMs) });
    });
  }

  async copyOut(sql: string, take: (messages: Uint8Array) => void): Promise<void> {
    await this.#withClient(async (client) => {
      const { promise: late, reject } = Promise.withResolvers<never>();
      const deadline = setTimeout(() => reject(new Error(`no answer for ${pageMs / 1000} s`)), pageMs);
      try {
        await Promise.race([client.query(new CopyOut(sql, take)).done, late]);
      } finally {
        clearTimeout(deadline);
      }
    });
  }

  async execute(script: string): Promise<void> {
    await this.#run(() => this.#pool.query(script));
  }

  health(): StoreHealth {
    const detail = `PostgreSQL at ${this.#where}`;
    return this.#trouble === undefined
      ? { available: true, detail }
      : { available: false, detail: `${detail}: ${this.#trouble}` };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end();
  }

  async #withClient<T>(action: (client: PoolClient) => Promise<T>): Promise<T> {
    return this.#run(async () => {
      const client = await this.#pool.connect();
      let failure: Error | undefined;
      try {
        return await action(client);
      } catch (error) {
        failure = error instanceof Error ? error : new Error(messageOf(error));
        throw error;
      } finally {
        // A connection that failed in the middle of a copy is not used again.
        client.release(failure);
      }
    });
  }

  #away(error: unknown): void {
    this.#trouble = messageOf(error);
    this.#generation += 1;
  }

  async #run<T>(action: () => Promise<T>): Promise<T> {
    try {
      const result = await action();
      this.#trouble = undefined;
      return result;
    } catch (error) {
      const sqlState = refusalOf(error);
      if (sqlState !== undefined) throw new SqlError(sqlState, messageOf(error), { cause: error });
      this.#away(error);
      throw new HostError("history-unavailable", `PostgreSQL at ${this.#where} is not available: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }
}

/** The pool waits for what this returns, though its types do not say so. */
const prepareConnection = (client: ClientBase): unknown =>
  client.query([...plannerSettings.map((setting) => `SET ${setting}`), unpackAllSql].join(";"));

// bytea_output=hex is the default since PostgreSQL 9.0.
function parserOf(oid: number): (text: string) => Buffer {
  return oid === byteaOid ? (text) => Buffer.from(text.slice(2), "hex") : (text) => Buffer.from(text, "utf8");
}

/** The SQLSTATE when the server refused the statement itself. */
function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return undefined;
  return /^[0-9A-Z]{5}$/.test(error.code) && !isEngineTrouble(error.code) ? error.code : undefined;
}

function placeOf(url: string): string {
  try {
    const { hostname, port, pathname } = new URL(url);
    return `${hostname}:${port === "" ? "5432" : port}${pathname}`;
  } catch {
    return "the configured address";
  }
}
