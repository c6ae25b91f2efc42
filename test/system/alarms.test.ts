import { connectAsync } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { subscribe } from "../conformance/opcua/subscribe.ts";
import { AlarmDesk, type AlarmEvent, conditionIdOf, duration } from "../support/alarm-desk.ts";
import {
  freePorts,
  type Ports,
  type ProjectProcess,
  startHostProcess,
  temporaryFolder,
} from "../support/host-process.ts";
import { ScadaClient } from "../support/opcua-client.ts";
import { until } from "../support/until.ts";

/** Alarms of the real host over its demo fleet, through a restart. */

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let ports: Ports;
let host: ProjectProcess;

async function start(): Promise<void> {
  host = startHostProcess(ports, folder.path);
  await host.printed(/is ready/, 30_000);
  await until("all breakers online", 30_000, async () => {
    const answer = await fetch(`http://127.0.0.1:${ports.http}/health/ready`);
    return answer.status === 200 || undefined;
  });
}

async function operator(): Promise<ScadaClient> {
  const password = (await host.printed(/password (\S+)/, 1_000))[1] ?? "";
  return ScadaClient.connect(ports.opcua, folder.path, { userName: "admin", password });
}

async function shortCircuit(device: string): Promise<void> {
  const broker = await connectAsync(`mqtt://127.0.0.1:${ports.mqtt}`);
  await broker.publishAsync(`fdi-sim/control/${device}`, JSON.stringify({ fault: "bolted" }), { qos: 1 });
  await broker.endAsync();
}

beforeAll(async () => {
  folder = await temporaryFolder();
  ports = await freePorts();
  await start();
}, 90_000);

afterAll(async () => {
  await host?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

describe("an alarm", () => {
  it("is as it was left when the host comes back: latched, acknowledged, with its comment; shelved, disabled", async () => {
    const left = await workOnAlarms();

    await host.stop();
    await start();
    await using client = await operator();
    const desk = await AlarmDesk.open(client, await subscribe(client));
    const found = (await desk.refresh()).find(({ ConditionId }) => ConditionId === left.ConditionId);

    expect(found).toMatchObject({
      "ActiveState/Id": true,
      "AckedState/Id": true,
      Comment: "line was checked",
      ClientUserId: "admin",
      Severity: left.Severity,
      Message: left.Message,
    });
    expect(await desk.do("TimedShelve", "CB-0002/TemperatureHigh", [duration(1_000)])).toBe(
      "BadConditionAlreadyShelved",
    );
    expect(await desk.do("Disable", "CB-0004/TemperatureHigh")).toBe("BadConditionAlreadyDisabled");
  }, 180_000);
});

/** A breaker trips and its alarm is acknowledged; one alarm is shelved, one disabled. */
async function workOnAlarms(): Promise<AlarmEvent> {
  await using client = await operator();
  const desk = await AlarmDesk.open(client, await subscribe(client));
  await shortCircuit("CB-0001");
  const tripped = await until("the trip", 20_000, () =>
    desk.events.find(
      ({ SourceName, ConditionName, EventType }) =>
        SourceName === "CB-0001" && String(ConditionName).endsWith("Trip") && EventType === "ns=0;i=10751",
    ),
  );
  const alarm = `CB-0001/${String(tripped.ConditionName)}`;
  expect(tripped.ConditionId).toBe(conditionIdOf(alarm));
  expect(await desk.answer("Acknowledge", tripped, "line was checked")).toBe("Good");
  expect(await desk.do("TimedShelve", "CB-0002/TemperatureHigh", [duration(3_600_000)])).toBe("Good");
  expect(await desk.do("Disable", "CB-0004/TemperatureHigh")).toBe("Good");
  return await desk.see(alarm, { "AckedState/Id": true });
}
