import { randomBytes } from "node:crypto";
import { DataType, type NodeId, Variant } from "node-opcua";
import type { EventFields } from "./event-fields.ts";
import { unknown } from "./operand-value.ts";
import { localizedVariant, nodeIdVariant, severityVariant, standardId, textVariant, timeVariant } from "./variants.ts";

/** Event types of OPC 10000-5 and 10000-9 that tell of the events themselves. */
export const serverEventTypes = {
  refreshStart: standardId(2787),
  refreshEnd: standardId(2788),
  queueOverflow: standardId(3035),
} as const;

const severity = 100;
const server = standardId(2253);

/** An event of the Server object with nothing but the fields that every event has. */
export function serverEvent(eventType: NodeId, message: string): EventFields {
  const now = timeVariant(Date.now());
  const fields = new Map<string, Variant>([
    ["EventId", new Variant({ dataType: DataType.ByteString, value: randomBytes(16) })],
    ["EventType", nodeIdVariant(eventType)],
    ["SourceNode", nodeIdVariant(server)],
    ["SourceName", textVariant("Server")],
    ["Time", now],
    ["ReceiveTime", now],
    ["Message", localizedVariant(message)],
    ["Severity", severityVariant(severity)],
  ]);
  return { eventType, conditionId: undefined, valueOf: (path) => fields.get(path) ?? unknown };
}
