import type { StoreHealth } from "./history-store.ts";

/** A parameter of a statement: bytes travel in binary format, texts as text. */
export type SqlParameter = Uint8Array<ArrayBuffer> | string;

/** A row of results, as bytes per column. */
export type SqlRow = readonly (Uint8Array | null)[];

/**
 * A connection to a PostgreSQL engine, whichever it is. Throws `history-unavailable` when it cannot be reached and
 * SqlError when the engine refused the statement.
 */
export interface SqlDriver extends AsyncDisposable {
  /** Changes when the engine was away: whatever was learned from it before may no longer hold. */
  readonly generation: number;
  /** False when nobody removes dead rows unless told to. */
  readonly cleansItself: boolean;
  /**
   * Runs one statement in a transaction of its own. Result columns must be of type bytea or text: the rows hold the
   * bytes of the one and the UTF-8 of the other. The parameters' memory belongs to the driver afterwards.
   */
  query(sql: string, parameters: readonly SqlParameter[]): Promise<readonly SqlRow[]>;
  /**
   * Runs a COPY ... FROM STDIN in a transaction of its own; without it rows go in by statements. The bytes' memory belongs
   * to the driver afterwards.
   */
  copyIn?(sql: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Runs a COPY ... TO STDOUT; `take` gets its CopyData messages (PostgreSQL manual, 55.7), whole ones, as they come. */
  copyOut(sql: string, take: (messages: Uint8Array) => void): Promise<void>;
  /** Runs several statements without parameters in one transaction. */
  execute(script: string): Promise<void>;
  health(): StoreHealth;
}

/**
 * True when the SQLSTATE tells of the engine's own trouble (connection, resources, operator, system, internal) and not of
 * the statement: the same statement may pass later.
 */
export function isEngineTrouble(sqlState: string): boolean {
  return /^(?:08|53|57|58|XX)/.test(sqlState);
}

/**
 * Settings for the planner: a page is always read along the primary key. Without statistics, as on a new day, it would
 * rather fetch and sort the whole range (60 times slower).
 */
export const plannerSettings = ["enable_sort=off", "enable_bitmapscan=off"] as const;

/** The engine understood and refused. */
export class SqlError extends Error {
  override readonly name = "SqlError";
  readonly sqlState: string;

  constructor(sqlState: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.sqlState = sqlState;
  }
}
