import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import {
  AttributeIds,
  type ClientSession,
  ClientSubscription,
  constructEventFilter,
  DataType,
  ofType,
  TimestampsToReturn,
  type Variant,
} from "node-opcua-client";
import { connectBenchClient } from "./bench-client.ts";
import { freePort } from "./free-port.ts";

export interface AlarmStorm {
  /** From the first trip to the last event at the client. */
  readonly stormS: number;
  readonly stormEvents: number;
  readonly stormServerCpuS: number;
  /** From the call of ConditionRefresh to its end event at the client. */
  readonly refreshS: number;
  readonly refreshEvents: number;
  readonly refreshServerCpuS: number;
}

/** What an operator's alarm list asks for. */
const fields = [
  "EventType",
  "EventId",
  "SourceNode",
  "SourceName",
  "Time",
  "ReceiveTime",
  "Message",
  "Severity",
  "ConditionName",
  "ConditionClassName",
  "Retain",
  "EnabledState.Id",
  "ActiveState",
  "ActiveState.Id",
  "AckedState.Id",
  "ConfirmedState.Id",
  "ShelvingState.CurrentState",
  "Quality",
  "Comment",
  "ClientUserId",
];
const eventTypes = { refreshEnd: "ns=0;i=2788", trip: "ns=0;i=10751" } as const;
const withinMs = 60_000;

/** All breakers of a fleet trip at once in front of one subscriber, who then asks for a refresh. */
export async function measureAlarmStorm(devices: number): Promise<AlarmStorm> {
  const port = await freePort();
  const child = fork(new URL("./alarm-storm-child.ts", import.meta.url), [String(port), String(devices)]);
  await once(child, "message");
  const { client, session } = await connectBenchClient(port);
  const { subscription, counts } = await subscribe(session);
  const ask = async (order: "storm" | "cpu"): Promise<number> => {
    child.send(order);
    const [cpuS] = (await once(child, "message")) as [number];
    return cpuS;
  };

  const idleCpu = await ask("cpu");
  const stormStart = performance.now();
  const cost = ask("storm");
  await counted(() => counts.trips >= devices);
  const stormS = (performance.now() - stormStart) / 1000;
  const stormEvents = counts.trips;
  await cost;
  const stormCpu = await ask("cpu");
  counts.trips = 0;
  const refreshStart = performance.now();
  await session.call({
    objectId: "i=2782",
    methodId: "i=3875",
    inputArguments: [{ dataType: DataType.UInt32, value: subscription.subscriptionId }],
  });
  await counted(() => counts.ends > 0);
  const refreshS = (performance.now() - refreshStart) / 1000;
  const refreshCpu = await ask("cpu");

  await session.close(true);
  await client.disconnect();
  child.kill("SIGINT");
  await once(child, "exit");
  return {
    stormS,
    stormEvents,
    stormServerCpuS: stormCpu - idleCpu,
    refreshS,
    refreshEvents: counts.trips,
    refreshServerCpuS: refreshCpu - stormCpu,
  };
}

interface Counts {
  trips: number;
  ends: number;
}

async function subscribe(session: ClientSession): Promise<{ subscription: ClientSubscription; counts: Counts }> {
  const counts: Counts = { trips: 0, ends: 0 };
  const subscription = ClientSubscription.create(session, {
    requestedPublishingInterval: 100,
    requestedLifetimeCount: 6_000,
    requestedMaxKeepAliveCount: 100,
    maxNotificationsPerPublish: 0,
    publishingEnabled: true,
  });
  const filter = constructEventFilter([...fields], ofType("ConditionType"));
  const item = await subscription.monitor(
    { nodeId: "i=2253", attributeId: AttributeIds.EventNotifier },
    { samplingInterval: 0, queueSize: 0, discardOldest: true, filter },
    TimestampsToReturn.Both,
  );
  item.on("changed", (values: unknown) => {
    const type = String((values as Variant[])[0]?.value);
    if (type === eventTypes.trip) counts.trips += 1;
    else if (type === eventTypes.refreshEnd) counts.ends += 1;
  });
  await sleep(500);
  return { subscription, counts };
}

async function counted(isDone: () => boolean): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!isDone() && performance.now() < deadline) await sleep(5);
}
