import {
  HistoryReadRequest,
  HistoryReadResponse,
  type HistoryReadResult,
  HistoryUpdateRequest,
  HistoryUpdateResponse,
  type HistoryUpdateResult,
  type ISessionContext,
  type OPCUAServer,
  StatusCode,
  StatusCodes,
} from "node-opcua";

export interface HistoryServices {
  /** Answers a whole HistoryRead: one result per node, in order, or why the service as a whole fails; must not reject. */
  readonly read: (
    context: ISessionContext,
    request: HistoryReadRequest,
  ) => Promise<readonly HistoryReadResult[] | StatusCode>;
  /** The same for HistoryUpdate: one result per details. */
  readonly update: (
    context: ISessionContext,
    request: HistoryUpdateRequest,
  ) => Promise<readonly HistoryUpdateResult[] | StatusCode>;
  /** Most nodes, or details, in one request. */
  readonly maxOperations: number;
}

type Respond = (response: object) => void;
type Refuse = (statusCode: StatusCode) => void;
type OnSession = (session: { readonly sessionContext: ISessionContext }, respond: Respond, refuse: Refuse) => void;
type Handler = (message: { readonly request: unknown }, channel: unknown) => void;

/** The parts of OPCUAServer that are not in its public types (2.186.4): a handler per service, found by its name. */
interface ServerInternals {
  _apply_on_SessionObject(responseClass: unknown, message: unknown, channel: unknown, action: OnSession): void;
  _on_HistoryReadRequest: Handler;
  _on_HistoryUpdateRequest: Handler;
}

/**
 * Takes over the services HistoryRead and HistoryUpdate. node-opcua answers the one node by node from memory, and the other
 * not at all. Call before the server is started.
 */
export function installHistoryServices(server: OPCUAServer, services: HistoryServices): void {
  const internals = server as unknown as ServerInternals;
  internals._on_HistoryReadRequest = (message, channel) => {
    internals._apply_on_SessionObject(HistoryReadResponse, message, channel, (session, respond, refuse) => {
      const { request } = message;
      if (!(request instanceof HistoryReadRequest)) return refuse(StatusCodes.BadInternalError);
      const operations = request.nodesToRead?.length ?? 0;
      const answer = {
        refuse,
        respond: (results: HistoryReadResult[]) => respond(new HistoryReadResponse({ results })),
      };
      void serve(operations, services.maxOperations, () => services.read(session.sessionContext, request), answer);
    });
  };
  internals._on_HistoryUpdateRequest = (message, channel) => {
    internals._apply_on_SessionObject(HistoryUpdateResponse, message, channel, (session, respond, refuse) => {
      const { request } = message;
      if (!(request instanceof HistoryUpdateRequest)) return refuse(StatusCodes.BadInternalError);
      const operations = request.historyUpdateDetails?.length ?? 0;
      const answer = {
        refuse,
        respond: (results: HistoryUpdateResult[]) => respond(new HistoryUpdateResponse({ results })),
      };
      void serve(operations, services.maxOperations, () => services.update(session.sessionContext, request), answer);
    });
  };
}

interface Answer<Result> {
  readonly respond: (results: Result[]) => void;
  readonly refuse: Refuse;
}

async function serve<Result>(
  operations: number,
  maxOperations: number,
  action: () => Promise<readonly Result[] | StatusCode>,
  answer: Answer<Result>,
): Promise<void> {
  if (operations === 0) return answer.refuse(StatusCodes.BadNothingToDo);
  if (operations > maxOperations) return answer.refuse(StatusCodes.BadTooManyOperations);
  const outcome = await action().catch(() => StatusCodes.BadInternalError);
  if (outcome instanceof StatusCode) answer.refuse(outcome);
  else answer.respond([...outcome]);
}
