import {
  type AddressSpace,
  type CallMethodRequest,
  type CallMethodResultOptions,
  type ISessionContext,
  type OPCUAServer,
  PermissionType,
  RequestHeader,
  SessionContext,
  type StatusCode,
  StatusCodes,
  type UAMethod,
  type UAVariable,
  type WriteValue,
} from "node-opcua";
import { InternalError } from "#model/errors.ts";
import { isLive } from "./live-variable.ts";
import { isMethodNode } from "./node-guards.ts";

/** One write to a variable that the fleet feeds. */
export interface LiveWrite {
  readonly variable: UAVariable;
  readonly value: WriteValue;
}

export interface AccessHandlers {
  /** Answers calls on objects that are no nodes; undefined for all others. Synchronous, must not throw. */
  readonly call: (context: ISessionContext, request: CallMethodRequest) => CallMethodResultOptions | undefined;
  /** Answers writes to variables that the fleet feeds: one status per write, in order; must not reject. */
  readonly write: (context: ISessionContext, writes: readonly LiveWrite[]) => Promise<StatusCode[]>;
  /** Told of a call that the roles of the session do not allow, which is not carried out. */
  readonly callDenied: (context: ISessionContext, request: CallMethodRequest, method: UAMethod) => void;
}

/** The parts of node-opcua's AddressSpaceAccessor that are not in its public types (2.186.4). */
interface Accessor {
  addressSpace: Pick<AddressSpace, "findNode">;
  writeNode(context: ISessionContext, write: WriteValue): Promise<StatusCode>;
  callMethod(context: ISessionContext, request: CallMethodRequest): Promise<CallMethodResultOptions>;
  write(context: ISessionContext, writes: WriteValue[]): Promise<StatusCode[]>;
  call(context: ISessionContext, requests: CallMethodRequest[]): Promise<CallMethodResultOptions[]>;
}

/**
 * Takes over how a server writes and calls. node-opcua works a request off one node after the other (50
 * calls to devices that need 20 ms each: 1.06 s) and sets a written value itself; here calls on different objects run side
 * by side, and a write to a fed variable goes to the device. Call after the server was initialized.
 */
export function installAccessor(server: OPCUAServer, handlers: AccessHandlers): void {
  const accessor = server.engine.addressSpaceAccessor as unknown as Accessor | null;
  if (accessor === null) throw new InternalError("the server is not initialized");
  const prepare = accessor.write.bind(accessor);
  accessor.call = (context, requests) => callInParallel(accessor, handlers, context, requests);
  accessor.write = async (context, writes) => {
    // The stock way with nothing to write prepares the data types of values in structures.
    await prepare(context, []);
    return writeAll(accessor, handlers, context, writes);
  };
}

/** Calls on the same object keep their order; different objects do not wait for each other. */
async function callInParallel(
  accessor: Accessor,
  handlers: AccessHandlers,
  context: ISessionContext,
  requests: readonly CallMethodRequest[],
): Promise<CallMethodResultOptions[]> {
  const lastOn = new Map<string, Promise<unknown>>();
  return Promise.all(
    requests.map((request) => {
      const object = request.objectId.toString();
      const before = lastOn.get(object) ?? Promise.resolve();
      const call = () => handlers.call(context, request) ?? callOne(accessor, handlers, ownContext(context), request);
      const result = before.then(call).catch(() => failed);
      lastOn.set(object, result);
      return result;
    }),
  );
}

async function callOne(
  accessor: Accessor,
  handlers: AccessHandlers,
  context: ISessionContext,
  request: CallMethodRequest,
): Promise<CallMethodResultOptions> {
  const method = accessor.addressSpace.findNode(request.methodId);
  if (!isMethodNode(method) || context.checkPermission(method, PermissionType.Call)) {
    return accessor.callMethod(context, request);
  }
  if (guardedMethods.has(method)) return accessor.callMethod(letThrough(context, method), request);
  handlers.callDenied(context, request, method);
  return { statusCode: StatusCodes.BadUserAccessDenied };
}

const guardedMethods = new WeakSet<UAMethod>();

/** Marks a method that refuses, records and answers by itself who may not call it; its RolePermissions only say so. */
export function guardsItself(method: UAMethod): void {
  guardedMethods.add(method);
}

/** `context` must serve this call alone. */
function letThrough(context: ISessionContext, method: UAMethod): ISessionContext {
  const check = context.checkPermission.bind(context);
  context.checkPermission = (node, permission) => node === method || check(node, permission);
  return context;
}

const failed: CallMethodResultOptions = { statusCode: StatusCodes.BadInternalError };

/** The callee is told its object through the context: calls side by side need one each. */
function ownContext(context: ISessionContext): ISessionContext {
  if (!(context instanceof SessionContext)) return context;
  return context.withRequestHeader(context.requestHeader ?? new RequestHeader()) as ISessionContext;
}

async function writeAll(
  accessor: Accessor,
  handlers: AccessHandlers,
  context: ISessionContext,
  writes: readonly WriteValue[],
): Promise<StatusCode[]> {
  const results = writes.map((): StatusCode => StatusCodes.BadInternalError);
  const places: number[] = [];
  const live: LiveWrite[] = [];
  for (const [place, value] of writes.entries()) {
    const node = accessor.addressSpace.findNode(value.nodeId);
    if (isLive(node)) {
      places.push(place);
      live.push({ variable: node as UAVariable, value });
    } else {
      results[place] = await accessor.writeNode(context, value);
    }
  }
  const answers = live.length === 0 ? [] : await handlers.write(context, live);
  for (const [i, place] of places.entries()) results[place] = answers[i] ?? StatusCodes.BadInternalError;
  return results;
}
