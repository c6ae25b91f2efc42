import type { HistoryReadRequest, HistoryReadResult, ISessionContext, OPCUAServer } from "node-opcua";
import { InternalError } from "#model/errors.ts";

/** Answers a whole HistoryRead request: one result per node to read, in order; must not reject. */
export type HistoryReadHandler = (
  context: ISessionContext,
  request: HistoryReadRequest,
) => Promise<HistoryReadResult[]>;

/**
 * Routes every HistoryRead of a server to `handler` instead of node-opcua's in-memory history (2.186.4 answers node by
 * node from arrays). Call after the server was initialized.
 */
export function installHistoryRead(server: OPCUAServer, handler: HistoryReadHandler): void {
  const accessor = server.engine.addressSpaceAccessor;
  if (accessor === null || accessor === undefined) throw new InternalError("the server is not initialized");
  accessor.historyRead = handler;
}
