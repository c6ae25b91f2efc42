import { NodeId, NodeIdType } from "node-opcua";

const infix = "/Alarms/";

/** The ConditionId of an alarm: `CB-0001/Overtemperature` -> `ns=1;s=CB-0001/Alarms/Overtemperature`. */
export function conditionIdOf(alarmId: string): NodeId {
  const cut = alarmId.indexOf("/");
  return new NodeId(NodeIdType.STRING, alarmId.slice(0, cut) + infix + alarmId.slice(cut + 1), 1);
}

/** The alarm behind a ConditionId; undefined for every other NodeId. */
export function alarmIdOf(nodeId: NodeId): string | undefined {
  const { value, namespace } = nodeId;
  if (namespace !== 1 || typeof value !== "string") return undefined;
  const cut = value.indexOf("/");
  if (cut <= 0 || !value.startsWith(infix, cut)) return undefined;
  return `${value.slice(0, cut)}/${value.slice(cut + infix.length)}`;
}
