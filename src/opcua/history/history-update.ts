import type { DataValue, ISessionContext, NodeId } from "node-opcua";
import type { Principal } from "#model/command.ts";
import type { HistoryTarget } from "./history-target.ts";

/** What the details of HistoryUpdate hold (OPC 10000-11, 6.8); node-opcua exports none of their classes. */
export interface UpdateDetails {
  readonly nodeId: NodeId;
  readonly performInsertReplace?: number;
  readonly updateValues?: readonly DataValue[] | null;
  readonly isDeleteModified?: boolean;
  readonly startTime?: Date;
  readonly endTime?: Date;
  readonly reqTimes?: readonly Date[] | null;
}

/** One HistoryUpdate operation on its way. */
export interface Update {
  readonly context: ISessionContext;
  readonly by: Principal;
  readonly target: HistoryTarget;
  readonly details: UpdateDetails;
}
