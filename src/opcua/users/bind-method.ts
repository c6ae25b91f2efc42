import {
  type AddressSpace,
  type CallMethodResultOptions,
  type ISessionContext,
  type StatusCode,
  StatusCodes,
  type Variant,
} from "node-opcua";
import type { UserDirectory } from "#fleet/access/user-directory.ts";
import type { Principal } from "#model/command.ts";
import { messageOf } from "#model/errors.ts";
import type { AuditEvents } from "#opcua/audit-events.ts";
import { isMethodNode } from "#opcua/engine/node-guards.ts";
import { statusCodeOf } from "#opcua/status.ts";

export interface UserNodesParts {
  readonly users: UserDirectory;
  readonly principalOf: (context: ISessionContext) => Principal;
  readonly events: AuditEvents;
}

/** What a method does with its arguments; gives a StatusCode, or throws an error of the host. */
export type UserMethod = (inputs: readonly unknown[], by: Principal) => Promise<StatusCode>;

/** Binds a method of namespace 0 that manages users; its arguments are told to nobody, because passwords may be among them. */
export function bindUserMethod(
  addressSpace: AddressSpace,
  { principalOf, events }: UserNodesParts,
  nodeId: string,
  run: UserMethod,
): void {
  const method = addressSpace.findNode(nodeId);
  if (!isMethodNode(method)) return;
  const name = method.browseName.name ?? "";
  method.bindMethod(async (inputs: Variant[], context: ISessionContext): Promise<CallMethodResultOptions> => {
    const values = inputs.map(({ value }: { readonly value: unknown }) => value);
    const { statusCode, message } = await run(values, principalOf(context)).then(
      (done) => ({ statusCode: done, message: done.isGood() ? "done" : done.description }),
      (error: unknown) => ({ statusCode: statusOf(error), message: messageOf(error) }),
    );
    events.methodCalled({
      context,
      objectId: method.parent?.nodeId ?? method.nodeId,
      methodId: method.nodeId,
      inputs: [],
      outputs: [],
      statusCode,
      message: `${name}: ${message}`,
    });
    return { statusCode };
  });
}

/** Users of the configuration file and the last administrator stay as they are. */
function statusOf(error: unknown): StatusCode {
  const statusCode = statusCodeOf(error);
  const isFixed = statusCode.equals(StatusCodes.BadNotWritable) || statusCode.equals(StatusCodes.BadOutOfRange);
  return isFixed ? StatusCodes.BadRequestNotAllowed : statusCode;
}
