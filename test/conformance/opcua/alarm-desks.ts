import { AlarmDesk, type DeskOptions } from "../../support/alarm-desk.ts";
import type { UnitContext } from "./conformance.ts";
import { subscribe } from "./subscribe.ts";

/** An alarm list with a subscription of its own; on the Server object unless told otherwise. */
export async function openDesk({ client }: UnitContext, options?: DeskOptions): Promise<AlarmDesk> {
  return AlarmDesk.open(client, await subscribe(client), options);
}
