import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connectAsync, type MqttClient } from "mqtt";
import { type CallMethodResult, DataType, StatusCodes, type VariantLike } from "node-opcua-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifyAudit } from "#app/audit/verify-audit.ts";
import {
  freePorts,
  type Ports,
  type ProjectProcess,
  startHostProcess,
  temporaryFolder,
} from "../support/host-process.ts";
import { ScadaClient } from "../support/opcua-client.ts";
import { until } from "../support/until.ts";

/** The whole host with simulated breakers: what an engineer does with settings, tests and locks, and what is on record. */

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let ports: Ports;
let host: ProjectProcess;
let simulators: MqttClient;
let anna: ScadaClient;
let otto: ScadaClient;

const logins = {
  anna: { role: "operator", password: "green-harbour-41" },
  otto: { role: "maintenance", password: "blue-lantern-52" },
} as const;

async function configFile(): Promise<string> {
  const users = await Promise.all(
    Object.entries(logins).map(async ([name, { role, password }]) => {
      const path = join(folder.path, `${name}.password`);
      await writeFile(path, `${password}\n`, { mode: 0o600 });
      return `    - name: ${name}\n      role: ${role}\n      passwordFile: ${path}\n`;
    }),
  );
  const path = join(folder.path, "host.yaml");
  await writeFile(path, `opcua:\n  host: 127.0.0.1\n  users:\n${users.join("")}`);
  return path;
}

async function startHost(): Promise<void> {
  host = startHostProcess(ports, folder.path, ["--config", join(folder.path, "host.yaml"), "--demo"]);
  await host.printed(/is ready/, 30_000);
  [anna, otto] = await Promise.all([logIn("anna"), logIn("otto")]);
  await until("breakers online", 30_000, async () => {
    const { statusCode } = await anna.read("ns=1;s=CB-0012/Position");
    return statusCode.isGood() || undefined;
  });
}

function logIn(name: keyof typeof logins): Promise<ScadaClient> {
  return ScadaClient.connect(ports.opcua, folder.path, { userName: name, password: logins[name].password });
}

async function call(client: ScadaClient, device: string, method: string, inputs: VariantLike[] = []) {
  const objectId = `ns=1;s=${device}/MethodSet`;
  const methodId = await methodIn(client, objectId, method);
  return client.session.call({ objectId, methodId, inputArguments: inputs });
}

/** The method of that name among the components of an object, whatever namespace it is from. */
async function methodIn(client: ScadaClient, objectId: string, name: string): Promise<string> {
  const { references } = await client.session.browse(objectId);
  const found = references?.find(({ browseName }) => browseName.name === name);
  if (found === undefined) throw new Error(`${objectId} has no method ${name}`);
  return found.nodeId.toString();
}

const output = (result: CallMethodResult, i: number): unknown => result.outputArguments?.[i]?.value;
const text = (value: string): VariantLike => ({ dataType: DataType.String, value });

async function write(client: ScadaClient, device: string, name: string, value: number): Promise<string> {
  const nodeId = `ns=1;s=${device}/${name}`;
  const statusCode = await client.session.write({
    nodeId,
    attributeId: 13,
    value: { value: { dataType: DataType.Float, value } },
  });
  return statusCode.name;
}

async function auditLines(): Promise<Record<string, unknown>[]> {
  const { segments } = await verifyAudit(join(folder.path, "audit"));
  expect(segments).toBeGreaterThan(0);
  const day = new Date().toISOString().slice(0, 10);
  const content = await readFile(join(folder.path, "audit", `audit-${day}.jsonl`), "utf8");
  return content
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

beforeAll(async () => {
  folder = await temporaryFolder();
  ports = await freePorts();
  await configFile();
  await startHost();
  simulators = await connectAsync(`mqtt://127.0.0.1:${ports.mqtt}`);
}, 90_000);

afterAll(async () => {
  await simulators?.endAsync(true);
  await anna?.[Symbol.asyncDispose]();
  await otto?.[Symbol.asyncDispose]();
  await host?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

describe("Trip and Close of a real device", () => {
  it("answer with the position that the device reported", async () => {
    const trip = await call(anna, "CB-0001", "Trip", [text("test")]);
    expect(trip.statusCode).toBe(StatusCodes.Good);
    expect([output(trip, 0), output(trip, 2)]).toEqual([0, 1]);

    const close = await call(anna, "CB-0001", "Close", [text("")]);
    expect(close.statusCode).toBe(StatusCodes.Good);
    expect([output(close, 0), output(close, 2)]).toEqual([0, 2]);
  });

  it("open all twelve breakers in one request", async () => {
    const devices = Array.from({ length: 12 }, (_, i) => `CB-${String(i + 1).padStart(4, "0")}`);
    const methodId = await methodIn(anna, "ns=1;s=CB-0001/MethodSet", "Trip");
    const results = await anna.session.call(
      devices.map((device) => ({ objectId: `ns=1;s=${device}/MethodSet`, methodId, inputArguments: [text("all")] })),
    );

    expect(results.map(({ statusCode }) => statusCode.name)).toEqual(devices.map(() => "Good"));
    expect(results.map((result) => output(result, 2))).toEqual(devices.map(() => 1));
  });
});

describe("settings of a real device", () => {
  it("are written, read back, and refused by range, rule and role", async () => {
    expect(await write(otto, "CB-0002", "ThermalPickup", 200)).toBe("Good");
    expect((await otto.read("ns=1;s=CB-0002/ThermalPickup")).value.value).toBe(200);

    expect(await write(otto, "CB-0002", "ThermalPickup", 9)).toBe("BadOutOfRange");
    expect(await write(otto, "CB-0002", "InstantaneousPickup", 600)).toBe("BadOutOfRange");
    expect(await write(otto, "CB-0002", "CurrentPhaseA", 1)).toBe("BadNotWritable");
    expect(await write(anna, "CB-0002", "ThermalPickup", 210)).toBe("BadUserAccessDenied");
  });

  it("come as a template, all of them", async () => {
    const result = await call(otto, "CB-0003", "ApplyTemplate", [text("MotorProtection")]);

    expect(result.statusCode).toBe(StatusCodes.Good);
    const names = output(result, 2) as string[];
    expect(names.length).toBeGreaterThan(2);
    expect(output(result, 3)).toEqual(names.map(() => StatusCodes.Good));
  });

  it("that somebody changes on site are counted and recorded with old and new value", async () => {
    const counter = async () => (await otto.read("ns=1;s=CB-0004/Nameplate/RevisionCounter")).value.value as number;
    const before = await counter();
    await simulators.publishAsync("fdi-sim/control/CB-0004", JSON.stringify({ settings: { ThermalPickup: 150 } }), {
      qos: 1,
    });

    await until("the new setting", 10_000, async () => (await counter()) === before + 1 || undefined);

    const changes = (await auditLines()).filter(({ kind }) => kind === "site-change");
    expect(changes).toMatchObject([
      { device: "CB-0004", changes: [{ parameter: "ThermalPickup", before: 250, after: 150 }] },
    ]);
    const configuration = await call(otto, "CB-0004", "GetConfiguration");
    expect(JSON.parse(output(configuration, 0) as string)).toMatchObject({
      differences: [{ parameter: "ThermalPickup", accepted: 250, reported: 150 }],
    });
  });
});

describe("a self test of a real device", () => {
  it("goes on by itself and leaves a report", async () => {
    const started = await call(otto, "CB-0005", "SelfTest");
    expect(started.statusCode).toBe(StatusCodes.Good);
    const testId = { dataType: DataType.Guid, value: output(started, 1) };

    const report = await until("the end of the test", 20_000, async () => {
      const answer = await call(otto, "CB-0005", "GetTestReport", [testId]);
      const found = JSON.parse(output(answer, 0) as string) as { verdict: string; progressPercent: number };
      return found.verdict === "running" ? undefined : found;
    });

    expect(report).toMatchObject({ verdict: "passed", progressPercent: 100, user: "otto" });
  });
});

describe("two people at one breaker", () => {
  it("keep out of each other's way by the lock", async () => {
    const di = (await anna.session.readNamespaceArray()).indexOf("http://opcfoundation.org/UA/DI/");
    const lock = (client: ScadaClient, id: number, inputs: VariantLike[] = []) =>
      client.session.call({ objectId: "ns=1;s=CB-0006/Lock", methodId: `ns=${di};i=${id}`, inputArguments: inputs });

    expect(output(await lock(otto, 6393, [text("commissioning")]), 0)).toBe(0);
    expect((await call(anna, "CB-0006", "Trip", [text("")])).statusCode.name).toBe("BadLocked");
    expect(await write(otto, "CB-0006", "OvercurrentDelay", 100)).toBe("Good");
    expect(output(await lock(otto, 6398), 0)).toBe(0);
    expect((await call(anna, "CB-0006", "Trip", [text("")])).statusCode).toBe(StatusCodes.Good);
  });
});

describe("the audit of the host", () => {
  it("has every command with its intent before its outcome, and verifies", async () => {
    const lines = await auditLines();
    const trips = lines.filter(({ action, device }) => action === "Trip" && device === "CB-0001");

    expect(trips.slice(0, 2)).toMatchObject([
      { kind: "intent", user: "anna", arguments: { Reason: "test" } },
      { kind: "outcome", user: "anna", result: "confirmed" },
    ]);
    expect(await verifyAudit(join(folder.path, "audit"))).toMatchObject({ intact: true, unresolved: [] });
  });

  it("shows a command as unknown when the host was killed between sending and answering", async () => {
    await simulators.publishAsync("fdi-sim/control/CB-0007", JSON.stringify({ behaviour: "silent" }), { qos: 1 });
    await call(anna, "CB-0007", "Close", [text("")]);
    const dying = call(anna, "CB-0007", "Trip", [text("last words")]).catch(() => {});
    await until(
      "the intent",
      5_000,
      async () =>
        (await auditLines()).some(({ arguments: given }) => JSON.stringify(given)?.includes("last words")) || undefined,
    );

    await host.stop("SIGKILL");
    await Promise.all([anna, otto].map((client) => client[Symbol.asyncDispose]().catch(() => {})));
    await dying;
    await startHost();

    expect(host.output + host.errors).toMatch(/outcome unknown.*CB-0007/);
    const last = (await auditLines()).findLast(({ device }) => device === "CB-0007");
    expect(last).toMatchObject({ kind: "outcome", action: "Trip", user: "anna", result: "unknown" });
    expect(await verifyAudit(join(folder.path, "audit"))).toMatchObject({ intact: true, unresolved: [] });
  }, 90_000);

  it("notices what changed while the host was away", async () => {
    // The simulator went down with the host and came back with the settings of a new breaker.
    const changes = await until("the change back", 10_000, async () => {
      const found = (await auditLines()).filter(({ kind, device }) => kind === "site-change" && device === "CB-0004");
      return found.length >= 2 ? found : undefined;
    });

    expect(changes.at(-1)).toMatchObject({ changes: [{ parameter: "ThermalPickup", before: 150, after: 250 }] });
  });
});
