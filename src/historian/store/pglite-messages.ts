import type { SqlParameter } from "./sql-driver.ts";

/** What the main thread asks of the thread that runs the embedded engine. */
export type PgliteRequest =
  | { readonly kind: "query"; readonly id: number; readonly sql: string; readonly parameters: readonly SqlParameter[] }
  | { readonly kind: "copy-in"; readonly id: number; readonly sql: string; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "copy-out"; readonly id: number; readonly sql: string }
  | { readonly kind: "execute"; readonly id: number; readonly script: string }
  | { readonly kind: "close" };

/** What that thread answers. */
export type PgliteReply =
  | {
      readonly kind: "ready";
      /** False when commits do not reach the disk before they are acknowledged. */
      readonly powerSafe: boolean;
      /** Where an unreadable database was moved to, if that happened. */
      readonly movedAside: string | undefined;
    }
  | { readonly kind: "rows"; readonly id: number; readonly rows: readonly (readonly (Uint8Array | null)[])[] }
  | { readonly kind: "refused"; readonly id: number; readonly sqlState: string; readonly message: string }
  | { readonly kind: "failed"; readonly message: string };

export interface PgliteWorkerData {
  /** Folder of the store; the database is the folder `pgdata` in it. */
  readonly folder: string;
}
