import { setTimeout as sleep } from "node:timers/promises";
import { connectAsync, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePorts, hostEnvironment, type Ports, ProjectProcess, temporaryFolder } from "../support/host-process.ts";
import { ScadaClient } from "../support/opcua-client.ts";
import { TestBroker } from "../support/test-broker.ts";
import { until } from "../support/until.ts";

/** A host that dies between a message and the disk: the broker still has what was not safe, and sends it again. */

const device = "pump-house-1";
const currentNode = `ns=1;s=${device}/CurrentPhaseA`;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let ports: Ports;
let broker: TestBroker;
let field: MqttClient;
let host: ProjectProcess;
/** Values by their time, as published. */
const published = new Map<number, number>();

async function startHost(): Promise<void> {
  const env = { ...hostEnvironment(ports, folder.path), FDI_HOST_MQTT_URL: broker.url };
  host = new ProjectProcess("src/app/main.ts", ["--demo"], env);
  await host.printed(/is ready/, 60_000);
}

async function report(i: number): Promise<void> {
  const time = Math.max(Date.now(), ...[...published.keys()].slice(-1).map((last) => last + 1));
  published.set(time, i);
  const measurements = { current: { phase_a: i } };
  const message = { device_id: device, device_type: "fdi-host/lsig-mccb", timestamp: new Date(time), measurements };
  await field.publishAsync(`iot/${device}/raw`, JSON.stringify(message), { qos: 1 });
}

beforeAll(async () => {
  folder = await temporaryFolder();
  ports = await freePorts();
  broker = await TestBroker.open();
  field = await connectAsync(broker.url, { clientId: "field" });
  await startHost();
}, 90_000);

afterAll(async () => {
  await field?.endAsync(true);
  await host?.[Symbol.asyncDispose]();
  await broker?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

describe("messages with QoS 1", () => {
  it("are in history exactly once when the host was killed among them and came back", async () => {
    for (let i = 0; i < 60; i += 1) {
      await report(i);
      if (i === 30) await host.stop("SIGKILL");
      await sleep(10);
    }
    await startHost();

    const times = [...published.keys()];
    const [from, to] = [new Date(Math.min(...times)), new Date(Math.max(...times) + 1)];
    await using client = await ScadaClient.connect(ports.opcua, folder.path);
    let found = [] as unknown[];
    const missing = (): string => `all ${published.size} values in history, which holds ${JSON.stringify(found)}`;
    const stored = await until(missing, 20_000, async () => {
      const values = await client.history(currentNode, from, to);
      found = values.map(({ value }) => value.value as unknown);
      return values.length >= published.size ? values : undefined;
    });

    const inHistory = stored.map(({ sourceTimestamp, value }) => [sourceTimestamp?.getTime(), value.value as unknown]);
    expect(inHistory).toEqual([...published]);
  }, 120_000);
});
