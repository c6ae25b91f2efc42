import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { connectAsync, type MqttClient } from "mqtt";
import { StatusCodes } from "node-opcua-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePorts, type Ports, ProjectProcess, startHostProcess, temporaryFolder } from "../support/host-process.ts";
import { loginHeaders } from "../support/http-login.ts";
import { ScadaClient } from "../support/opcua-client.ts";
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
/** A trend may speak of a time before we listened; from here on we heard everything. */
let firstTelemetry = 0;

const node = (device: string, name: string): string => `ns=1;s=${device}/${name}`;

async function call(device: string, method: string): Promise<string> {
  const objectId = node(device, "MethodSet");
  const { references } = await admin.session.browse(objectId);
  const methodId = references?.find(({ browseName }) => browseName.name === method)?.nodeId.toString() ?? "";
  return (await admin.call(objectId, methodId, [{ dataType: "String", value: "test" }])).name;
}

interface JsonMessage {
  readonly timestamp: string;
  readonly measurements?: { readonly current: { readonly phase_a: number } };
  readonly trends?: readonly Readonly<Record<"c" | "t" | "v" | "min" | "max" | "avg", string>>[];
}

/** A trend stands in the series of its value: `v` at its time, the extremes and the mean just before it. */
function note(topic: string, payload: Buffer): void {
  if (!topic.startsWith("iot/CB-0008/")) return;
  const { timestamp, measurements, trends = [] } = JSON.parse(payload.toString()) as JsonMessage;
  if (measurements !== undefined) {
    published.set(Date.parse(timestamp), Math.fround(measurements.current.phase_a));
    firstTelemetry ||= Date.parse(timestamp);
  }
  for (const { c, t, v, min, max, avg } of trends) {
    if (c !== "current_phase_a") continue;
    for (const [i, text] of [v, avg, max, min].entries())
      published.set(Number(t) * 1_000 - i, Math.fround(Number(text)));
  }
}

/** The documented registry and one type more, with the rule that tells it. */
async function registryWithPumps(): Promise<object> {
  const documented = resolve(import.meta.dirname, "../fixtures/mqtt-json/device-registry.json");
  const registry = JSON.parse(await readFile(documented, "utf8")) as { readonly device_types: object };
  const speed = { unit: "Hz", data_type: "float", min_value: 0, max_value: 100 };
  return {
    ...registry,
    device_types: { ...registry.device_types, pump_monitor: { measurements: { speed } } },
    detection_rules: [{ any_of: ["speed"], device_type: "pump_monitor", family: "iot" }],
  };
}

/** The demo with what only a configuration can ask for. */
async function startDemo(): Promise<void> {
  const config = join(folder.path, "host.yaml");
  await writeFile(join(folder.path, "device-registry.json"), JSON.stringify(await registryWithPumps()));
  const lines = [
    "json: { deviceRegistry: device-registry.json }",
    "ownership:",
    "  - { devices: CB-02*, owner: sparkplug }",
    "  - { devices: CB-0002, mirrorTo: [json] }",
  ];
  await writeFile(config, `${lines.join("\n")}\n`);
  host = startHostProcess(ports, folder.path, ["--config", config, "--demo"]);
  await host.printed(/is ready/, 60_000);
  const [, password = ""] = await host.printed(/password (\S+)/, 1_000);
  admin = await ScadaClient.connect(ports.opcua, folder.path, { userName: "admin", password });
}

beforeAll(async () => {
  folder = await temporaryFolder();
  ports = await freePorts();
  await startDemo();
  field = await connectAsync(`mqtt://127.0.0.1:${ports.mqtt}`);
  field.on("message", note);
  await field.subscribeAsync(["iot/+/raw", "iot/+/trends"], { qos: 1 });
  for (const { device } of breakers) {
    await until(`${device} in OPC UA`, 20_000, async () => {
      return (await admin.read(node(device, "Position"))).statusCode.isGood() || undefined;
    });
  }
}, 120_000);

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
  it("gives back exactly the values and trends that it published, with its own times", async () => {
    await until("five messages", 40_000, () => (firstTelemetry > 0 && published.size >= 5) || undefined);
    const [from, to] = [firstTelemetry, Math.max(...published.keys())];
    const expected = () => [...published].filter(([time]) => time >= from && time <= to).sort(([a], [b]) => a - b);

    await until("the values in history", 10_000, async () => {
      const stored = await admin.history(node("CB-0008", "CurrentPhaseA"), new Date(from), new Date(to + 1));
      const found = stored.map(({ value, sourceTimestamp }) => [sourceTimestamp?.getTime(), value.value as unknown]);
      return JSON.stringify(found) === JSON.stringify(expected()) || undefined;
    });
  });
});

describe("a device type of a registry file", () => {
  it("needs no package: a device of it appears with its unit, and one that declares no type is told by what it measures", async () => {
    const declared = { device_id: "pump-1", device_type: "pump_monitor", measurements: { speed: 49.5 } };
    const silent = { device_id: "pump-2", measurements: { speed: 12.5 } };
    await field.publishAsync("iot/pump-1/raw", JSON.stringify(declared), { qos: 1 });
    await field.publishAsync("iot/pump-2/raw", JSON.stringify(silent), { qos: 1 });

    for (const [nodeId, value] of [
      [node("pump-1", "Speed"), 49.5],
      [node("pump-2", "Speed"), 12.5],
    ] as const) {
      await until(nodeId, 10_000, async () => (await admin.read(nodeId)).value.value === value || undefined);
    }
    const devices = await admin.read("ns=1;s=Catalogue/device-registry/pump-monitor@1.0.0/DeviceCount");
    expect(devices.value.value).toBe(2);
  });
});

describe("a device on several protocols", () => {
  it("belongs to its owner, is linked over the others, and obeys", async () => {
    const args = ["--group", "Extra", "--devices", "1", "--first", "201", "--protocol", "all"];
    await using _simulator = new ProjectProcess("simulator/main.ts", [
      ...args,
      "--broker",
      `mqtt://127.0.0.1:${ports.mqtt}`,
    ]);
    await until("CB-0201", 20_000, async () => {
      return (await admin.read(node("CB-0201", "Position"))).value.value === 2 || undefined;
    });

    const address = (await admin.read(node("CB-0201", "ConnectionPoint/Address"))).value.value as unknown;
    expect(address).toBe("Extra/panel-34/CB-0201");
    expect(await call("CB-0201", "Trip")).toBe("Good");
    expect((await admin.read(node("CB-0201", "Position"))).value.value).toBe(1);
  });

  it("is mirrored out where it is silent, and the host never takes its own words for data", async () => {
    const mirrored: JsonMessage[] = [];
    field.on("message", (topic, payload) => {
      if (topic === "iot/CB-0002/raw") mirrored.push(JSON.parse(payload.toString()) as JsonMessage);
    });
    await until("three mirrored messages", 15_000, () => mirrored.length >= 3 || undefined);

    const last = mirrored.at(-1);
    expect(last).toMatchObject({ device_id: "CB-0002", origin: "fdi-host" });
    const url = `http://127.0.0.1:${ports.http}`;
    const headers = await loginHeaders(url, folder.path);
    const answer = await fetch(`${url}/api/v1/system/traffic/iot/CB-0002`, { headers });
    expect(answer.status).toBe(404);
    expect((await admin.read(node("CB-0002", "ConnectionPoint/Address"))).value.value).toBe("Demo/panel-1/CB-0002");
  });
});

describe("what the host counts", () => {
  const labTelemetry = JSON.stringify({
    device_id: "lab-1",
    device_type: "fdi-host/lsig-mccb",
    measurements: { current: { phase_a: 41.3 }, status: { switch_position: 2 } },
  });
  /** Each is rejected as a whole, for the reason beside it. */
  const hostile: readonly (readonly [topic: string, payload: string | Buffer, reason: string])[] = [
    ["iot/lab-1/raw", "{", "malformed"],
    ["iot/lab-1/raw", '{"measurements":{"current":{"phase_a":NaN}}}', "malformed"],
    ["iot/lab-1/raw", '{"measurements":{"current":Infinity}}', "malformed"],
    ["iot/lab-1/raw", '{"__proto__":{"polluted":1},"measurements":{}}', "malformed"],
    ["iot/lab-1/raw", '{"measurements":{"a":1,"a":2}}', "malformed"],
    ["iot/lab-1/raw", `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`, "oversized"],
    ["iot/lab-1/raw", `{"measurements":{"a":"${"x".repeat(300_000)}"}}`, "oversized"],
    ["iot/lab-1/raw", '{"device_id":"lab-9","measurements":{}}', "foreign-device"],
    ["iot/lab-1/raw", '{"measurements":[]}', "malformed"],
    ["iot/lab-1/raw", "[1,2]", "malformed"],
    ["iot/lab-9/status", "{}", "not-announced"],
    ["sensors/lab-9/a/b/c/d", "1", "invalid-topic"],
    ["lwm2m/lab-9/update", "null", "malformed"],
    ["lwm2m/lab-9/bulk", '{"bulk_operations":{}}', "malformed"],
    ["lwm2m/rd/lab-9", Buffer.from("9fbf9fbf9fbf9fbf9fbf9fbf9fbf9fbf", "hex"), "malformed"],
    ["lwm2m/rd/lab-9", Buffer.from("bb7fffffffffffffff", "hex"), "malformed"],
    ["spBv1.0/Demo/DDATA/panel-1/CB-0005", Buffer.from("ff0112990000", "hex"), "malformed"],
  ];

  interface Report {
    readonly messages: number;
    readonly accepted: number;
    readonly rejected: number;
    readonly pending: number;
    readonly rejectedByReason: Readonly<Record<string, number>>;
    readonly protocols: Readonly<Record<string, Report>>;
  }

  let headers: Awaited<ReturnType<typeof loginHeaders>> | undefined;
  const traffic = async (source = ""): Promise<Report> => {
    const url = `http://127.0.0.1:${ports.http}`;
    headers ??= await loginHeaders(url, folder.path);
    const answer = await fetch(`${url}/api/v1/system/traffic${source}`, { headers });
    return (await answer.json()) as Report;
  };
  const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0);

  it("balances under a hostile mix, in all, by protocol and by reason, the same over HTTP and OPC UA", async () => {
    await field.publishAsync("iot/lab-1/raw", labTelemetry, { qos: 1 });
    await until("lab-1", 10_000, async () => {
      return (await admin.read(node("lab-1", "Position"))).value.value === 2 || undefined;
    });
    const before = await traffic();

    for (const [topic, payload] of hostile) await field.publishAsync(topic, payload, { qos: 1 });
    const after = await until("all to be counted", 10_000, async () => {
      const now = await traffic();
      return now.rejected >= before.rejected + hostile.length ? now : undefined;
    });

    const expected: Record<string, number> = { ...before.rejectedByReason };
    for (const [, , reason] of hostile) expected[reason] = (expected[reason] ?? 0) + 1;
    expect(after.rejectedByReason).toEqual(expected);
    for (const totals of [after, ...Object.values(after.protocols)]) {
      expect(totals.messages).toBe(totals.accepted + sum(totals.rejectedByReason) + totals.pending);
      expect(totals.rejected).toBe(sum(totals.rejectedByReason));
    }
    expect(
      sum(Object.fromEntries(Object.entries(after.protocols).map(([name, { messages }]) => [name, messages]))),
    ).toBe(after.messages);
    expect(await traffic("/lab-1")).toMatchObject({
      accepted: 1,
      rejectedByReason: { malformed: 7, oversized: 2, "foreign-device": 1 },
    });
    const metrics = await (await fetch(`http://127.0.0.1:${ports.http}/metrics`, { headers: headers ?? {} })).text();
    for (const [reason, count] of Object.entries(after.rejectedByReason)) {
      expect(metrics).toContain(`\nfdi_messages_rejected_total{reason="${reason}"} ${count}\n`);
    }
    const overOpcUa = (await admin.read("ns=1;s=Traffic/RejectedByReason/oversized")).value.value as number[];
    expect(overOpcUa).toEqual([0, after.rejectedByReason["oversized"]]);
    await until("the device's own count", 5_000, async () => {
      const { value } = await admin.read(node("lab-1", "ConnectionPoint/MessagesRejected"));
      return (value.value as number[])[1] === 10 || undefined;
    });
  });
});

describe("presence", () => {
  it("is shown with its reason, and survives a restart without a device being seen just now", async () => {
    const goodbye = JSON.stringify({ device_id: "lab-1", status: { online: false } });
    await field.publishAsync("iot/lab-1/status", goodbye, { qos: 1 });
    const state = node("lab-1", "ConnectionPoint/State");
    await until("the goodbye", 5_000, async () => (await admin.read(state)).value.value === "offline" || undefined);
    const before = await until("when it was last seen", 5_000, async () => {
      const { value } = await admin.read(node("lab-1", "ConnectionPoint/LastSeen"));
      return (value.value as Date | null) ?? undefined;
    });
    await field.endAsync(true);
    await admin[Symbol.asyncDispose]();

    expect((await host.stop("SIGTERM")).code).toBe(0);
    await startDemo();

    expect((await admin.read(state)).value.value).toBe("offline");
    expect((await admin.read(node("lab-1", "ConnectionPoint/LastSeen"))).value.value).toEqual(before);
    expect((await admin.read(node("lab-1", "ConnectionPoint/Reason"))).value.value).not.toBe("");
  });
});
