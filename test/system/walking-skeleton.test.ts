import { setTimeout as sleep } from "node:timers/promises";
import { StatusCodes } from "node-opcua-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePorts, type Ports, ProjectProcess, startHostProcess, temporaryFolder } from "../support/host-process.ts";
import { type DataValue, ScadaClient } from "../support/opcua-client.ts";
import { SparkplugWitness } from "../support/sparkplug-witness.ts";
import { until } from "../support/until.ts";

const readyLimitMs = 30_000;
const devicePath = "/2:DeviceSet/1:CB-0001";

/** Index of the namespace of what all breakers share: after the standard, own, DI and FDI namespaces. */
const breakerIndex = 4;
const packageUri = "urn:fdi-host:device-types:fdi-host:lsig-mccb";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let ports: Ports;
let host: ProjectProcess;
let witness: SparkplugWitness;
let password = "";

async function startDemo(): Promise<void> {
  host = startHostProcess(ports, folder.path);
  await host.printed(/is ready/, readyLimitMs);
  password = (await host.printed(/password (\S+)/, 1_000))[1] ?? "";
}

const operator = () => ScadaClient.connect(ports.opcua, folder.path, { userName: "admin", password });
const visitor = () => ScadaClient.connect(ports.opcua, folder.path);
const statusOf = (dataValue: DataValue): string => dataValue.statusCode.name;
const variable = (name: string, device = "CB-0001"): string => `ns=1;s=${device}/${name}`;
const methodSet = (device = "CB-0001"): string => `ns=1;s=${device}/MethodSet`;

async function methodOf(client: ScadaClient, name: string): Promise<string> {
  return client.browse(`${devicePath}/2:MethodSet/${breakerIndex}:${name}`);
}

async function settles(client: ScadaClient, nodeId: string, expected: unknown): Promise<void> {
  await until(`${nodeId} = ${String(expected)}`, 10_000, async () => {
    const { value } = await client.read(nodeId);
    return value.value === expected || undefined;
  });
}

beforeAll(async () => {
  folder = await temporaryFolder();
  ports = await freePorts();
  await startDemo();
  witness = await SparkplugWitness.listen(ports.mqtt);
  await witness.requestRebirth("Demo", "panel-1");
  await until("the births", 10_000, () => witness.of("CB-0006", "Breaker/CurrentPhaseA").length > 0 || undefined);
  await until("all breakers online", 20_000, async () => {
    const answer = await fetch(`http://127.0.0.1:${ports.http}/health/ready`);
    return answer.status === 200 || undefined;
  });
}, 60_000);

afterAll(async () => {
  await witness?.[Symbol.asyncDispose]();
  await host?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

describe("a breaker in OPC UA", () => {
  it("is found from Objects down to its current, with unit and range", async () => {
    await using client = await visitor();

    const nodeId = await client.browse(`${devicePath}/2:ParameterSet/${breakerIndex}:CurrentPhaseA`);
    const unit = await client.browse(`${devicePath}/2:ParameterSet/${breakerIndex}:CurrentPhaseA/EngineeringUnits`);

    expect(nodeId).toBe(variable("CurrentPhaseA"));
    expect((await client.read(unit)).value.value).toMatchObject({ displayName: { text: "A" } });
    const viaGroup = `${devicePath}/2:Operational/${await client.indexOf(packageUri)}:Electrical/${breakerIndex}:CurrentPhaseA`;
    expect(await client.browse(viaGroup)).toBe(variable("CurrentPhaseA"));
  });

  it("shows the nameplate that the device reported", async () => {
    await using client = await visitor();
    const serial = await client.browse(`${devicePath}/2:SerialNumber`);

    await until("the serial number", 5_000, async () => (await client.read(serial)).value.value !== "" || undefined);

    const reported = await client.read(variable("SerialNumber"));
    expect((await client.read(serial)).value.value).toBe(reported.value.value);
  });

  it("changes in a subscription with the values and source timestamps that the simulator published", async () => {
    await using client = await visitor();

    const seen = await client.follow(variable("CurrentPhaseA"));
    await until("five changes", 15_000, () => seen.length >= 5 || undefined);

    const published = new Map(witness.of("CB-0001", "Breaker/CurrentPhaseA").map(({ time, value }) => [time, value]));
    for (const dataValue of seen.slice(1)) {
      expect(statusOf(dataValue)).toBe("Good");
      expect(published.get(dataValue.sourceTimestamp?.getTime() ?? 0)).toBe(dataValue.value.value);
    }
  });

  it("gives back by HistoryRead exactly the values that the simulator published", async () => {
    await using client = await visitor();
    const from = witness.of("CB-0002", "Breaker/CurrentPhaseB")[0]?.time ?? 0;
    await until("ten values", 20_000, () => witness.of("CB-0002", "Breaker/CurrentPhaseB").length >= 10 || undefined);
    const published = [...witness.of("CB-0002", "Breaker/CurrentPhaseB")];
    const to = published.at(-1)?.time ?? 0;

    const stored = await until("the last value in history", 5_000, async () => {
      const values = await client.history(variable("CurrentPhaseB", "CB-0002"), new Date(from), new Date(to + 1));
      return values.length >= published.length ? values : undefined;
    });

    expect(
      stored.map(({ value, sourceTimestamp }) => ({ value: value.value as unknown, time: sourceTimestamp?.getTime() })),
    ).toEqual(published);
  });
});

describe("Trip and Close", () => {
  it("answer Good only after the breaker reported its new position", async () => {
    await using client = await operator();
    await settles(client, variable("Position"), 2);

    expect(
      await client.call(methodSet(), await methodOf(client, "Trip"), [{ dataType: "String", value: "test" }]),
    ).toBe(StatusCodes.Good);
    expect((await client.read(variable("Position"))).value.value).toBe(1);
    await settles(client, variable("CurrentPhaseA"), 0);

    expect(await client.call(methodSet(), await methodOf(client, "Close"), [{ dataType: "String", value: "" }])).toBe(
      StatusCodes.Good,
    );
    expect((await client.read(variable("Position"))).value.value).toBe(2);
  });

  it("answer BadTimeout when the breaker stays silent", async () => {
    await using client = await operator();
    await settles(client, variable("Position", "CB-0006"), 2);
    await witness.client.publishAsync("fdi-sim/control/CB-0006", JSON.stringify({ behaviour: "silent" }), { qos: 1 });
    await sleep(200);

    const answer = await client.call(methodSet("CB-0006"), await methodOf(client, "Trip"), [
      { dataType: "String", value: "" },
    ]);

    expect(answer).toBe(StatusCodes.BadTimeout);
    expect((await client.read(variable("Position", "CB-0006"))).value.value).toBe(2);
  });

  it("are denied to an anonymous visitor", async () => {
    await using client = await visitor();

    const answer = await client.call(methodSet(), await methodOf(client, "Trip"), [{ dataType: "String", value: "" }]);

    // His connection is not even encrypted.
    expect(answer).toBe(StatusCodes.BadSecurityModeInsufficient);
  });
});

describe("what can go wrong", () => {
  it("turns the values of a killed device Uncertain and its position Bad", async () => {
    await using client = await visitor();
    const args = ["--group", "Extra", "--devices", "1", "--first", "101", "--broker", `mqtt://127.0.0.1:${ports.mqtt}`];
    await using simulator = new ProjectProcess("simulator/main.ts", args);
    await until(
      "CB-0101",
      20_000,
      async () => statusOf(await client.read(variable("Position", "CB-0101"))) === "Good" || undefined,
    );

    await simulator.stop("SIGKILL");

    await until("stale values", 20_000, async () => {
      const current = statusOf(await client.read(variable("CurrentPhaseA", "CB-0101")));
      return current === "UncertainLastUsableValue" || undefined;
    });
    expect(statusOf(await client.read(variable("Position", "CB-0101")))).toBe("BadNoCommunication");
  });

  it("survives malformed payloads and says so once per source", async () => {
    for (let i = 0; i < 50; i += 1) {
      await witness.client.publishAsync("spBv1.0/Demo/DDATA/panel-1/CB-0005", Buffer.from([0xff, i, 0x12, 0x99]));
    }
    await host.printed(/ready/, 100);
    await until("a warning", 5_000, () => (host.errors.includes("malformed") ? true : undefined));

    expect(host.errors.split("malformed").length - 1).toBe(1);
    expect(host.child.exitCode).toBeNull();
  });

  it("refuses a second host on the same data folder and names the holder", async () => {
    await using second = startHostProcess(await freePorts(), folder.path);

    const { code } = await second.exited;

    expect(code).toBe(1);
    expect(second.errors).toContain(`pid ${host.child.pid}`);
  });

  it.each(["opcua", "http", "mqtt"] as const)("names the taken port and its setting: %s", async (name) => {
    await using own = await temporaryFolder();
    const free = await freePorts();
    await using second = startHostProcess({ ...free, [name]: ports[name] }, own.path);

    const { code } = await second.exited;

    expect(code).toBe(1);
    expect(second.errors.trim().split("\n")).toHaveLength(1);
    expect(second.errors).toContain(`port ${ports[name]}`);
    expect(second.errors).toContain(`FDI_HOST_${name.toUpperCase()}_PORT`);
  });
});

describe("stop and restart", () => {
  it("stops within 3 s and comes back with the same NodeIds and history", async () => {
    const before = [...witness.of("CB-0004", "Breaker/VoltagePhaseA")];
    expect(before.length).toBeGreaterThan(3);

    const { code, ms } = await host.stop("SIGTERM");
    expect(code).toBe(0);
    expect(ms).toBeLessThan(3_000);
    await startDemo();

    await using client = await visitor();
    expect(await client.browse(`${devicePath}/2:ParameterSet/${breakerIndex}:CurrentPhaseA`)).toBe(
      variable("CurrentPhaseA"),
    );
    const times = (
      await client.history(
        variable("VoltagePhaseA", "CB-0004"),
        new Date(before[0]?.time ?? 0),
        new Date((before.at(-1)?.time ?? 0) + 1),
      )
    ).map((dataValue) => dataValue.sourceTimestamp?.getTime());
    expect(times).toEqual(before.map(({ time }) => time));
  });
});
