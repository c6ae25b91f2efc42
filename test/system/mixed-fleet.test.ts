import { connectAsync, type MqttClient } from "mqtt";
import { StatusCodes } from "node-opcua-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  freePorts,
  type Ports,
  type ProjectProcess,
  startHostProcess,
  temporaryFolder,
} from "../support/host-process.ts";
import { type DataValue, ScadaClient } from "../support/opcua-client.ts";
import { until } from "../support/until.ts";

/** The demo as a user starts it: breakers of every protocol, all of them alike for a SCADA system. */

const breakers = [
  { device: "CB-0007", speaks: "MQTT JSON" },
  { device: "CB-0010", speaks: "the JSON dialect of LwM2M" },
  { device: "CB-0012", speaks: "LwM2M in the OMA binding" },
] as const;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let ports: Ports;
let host: ProjectProcess;
let admin: ScadaClient;
let field: MqttClient;
/** Currents that CB-0008 published since we listen, by its own time. */
const published = new Map<number, number>();

const node = (device: string, name: string): string => `ns=1;s=${device}/${name}`;

async function call(device: string, method: string): Promise<string> {
  const objectId = node(device, "MethodSet");
  const { references } = await admin.session.browse(objectId);
  const methodId = references?.find(({ browseName }) => browseName.name === method)?.nodeId.toString() ?? "";
  return (await admin.call(objectId, methodId, [{ dataType: "String", value: "test" }])).name;
}

function note(topic: string, payload: Buffer): void {
  if (topic !== "iot/CB-0008/raw") return;
  const message = JSON.parse(payload.toString()) as {
    timestamp: string;
    measurements: { current: { phase_a: number } };
  };
  published.set(Date.parse(message.timestamp), Math.fround(message.measurements.current.phase_a));
}

beforeAll(async () => {
  folder = await temporaryFolder();
  ports = await freePorts();
  host = startHostProcess(ports, folder.path);
  await host.printed(/is ready/, 30_000);
  field = await connectAsync(`mqtt://127.0.0.1:${ports.mqtt}`);
  field.on("message", note);
  await field.subscribeAsync("iot/+/raw", { qos: 1 });
  const [, password = ""] = await host.printed(/password (\S+)/, 1_000);
  admin = await ScadaClient.connect(ports.opcua, folder.path, { userName: "admin", password });
  for (const { device } of breakers) {
    await until(`${device} in OPC UA`, 20_000, async () => {
      return (await admin.read(node(device, "Position"))).statusCode.isGood() || undefined;
    });
  }
}, 90_000);

afterAll(async () => {
  await field?.endAsync(true);
  await admin?.[Symbol.asyncDispose]();
  await host?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

describe.each(breakers)("$device, which speaks $speaks", ({ device }) => {
  it("opens and closes on command, Good only with its new position", async () => {
    expect(await call(device, "Trip")).toBe("Good");
    expect((await admin.read(node(device, "Position"))).value.value).toBe(1);

    expect(await call(device, "Close")).toBe("Good");
    expect((await admin.read(node(device, "Position"))).value.value).toBe(2);
  });

  it("takes a setting and reports it back", async () => {
    const nodeId = node(device, "ThermalPickup");
    const value = { value: { dataType: "Float", value: 200 } };

    expect(await admin.session.write({ nodeId, attributeId: 13, value })).toBe(StatusCodes.Good);

    expect((await admin.read(nodeId)).value.value).toBe(200);
  });
});

describe("history of a breaker that speaks JSON", () => {
  it("gives back exactly the values that it published, with its own times", async () => {
    await until("five messages", 40_000, () => published.size >= 5 || undefined);
    const times = [...published.keys()].sort((a, b) => a - b);
    const [from, to] = [new Date(times.at(0) ?? 0), new Date((times.at(-1) ?? 0) + 1)];

    const stored = await until("the values in history", 10_000, async (): Promise<DataValue[] | undefined> => {
      const values = await admin.history(node("CB-0008", "CurrentPhaseA"), from, to);
      return values.length >= times.length ? values : undefined;
    });

    const found = stored.map(({ value, sourceTimestamp }) => [sourceTimestamp?.getTime(), value.value as unknown]);
    expect(found).toEqual(times.map((time) => [time, published.get(time)]));
  });
});
