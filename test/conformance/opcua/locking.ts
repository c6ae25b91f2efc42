import { DataType, type VariantLike } from "node-opcua-client";
import type { ScadaClient } from "../../support/opcua-client.ts";
import { diUri, indexOf } from "./namespaces.ts";

/** Methods of LockingServicesType (OPC 10000-100, 7.2) by their NodeIds in the DI NodeSet. */
const methodIds = { InitLock: 6393, RenewLock: 6396, ExitLock: 6398, BreakLock: 6400 } as const;

/** Calls a lock method of a device; answers the service's status and the lock's own. */
export async function lock(
  client: ScadaClient,
  device: string,
  method: keyof typeof methodIds,
): Promise<readonly [service: string, status: number | undefined]> {
  const inputArguments: VariantLike[] = method === "InitLock" ? [{ dataType: DataType.String, value: "setting" }] : [];
  const { statusCode, outputArguments } = await client.session.call({
    objectId: `ns=1;s=${device}/Lock`,
    methodId: `ns=${await indexOf(client, diUri)};i=${methodIds[method]}`,
    inputArguments,
  });
  const status: unknown = outputArguments?.[0]?.value;
  return [statusCode.name, typeof status === "number" ? status : undefined];
}
