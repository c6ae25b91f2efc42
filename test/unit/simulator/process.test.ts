import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Aedes } from "aedes";
import { afterEach, beforeEach, expect, it } from "vitest";

let broker: Aedes;
let server: Server;
let port: number;
let child: ChildProcess | undefined;

async function listen(on: number): Promise<void> {
  broker = await Aedes.createBroker();
  server = createServer(broker.handle);
  server.listen(on, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  port = address !== null && typeof address === "object" ? address.port : 0;
}

async function close(): Promise<void> {
  await new Promise<void>((resolve) => broker.close(() => resolve()));
  server.close();
}

function start(...args: string[]): ChildProcess {
  child = fork("simulator/main.ts", ["--broker", url(), ...args], { stdio: "pipe" });
  return child;
}

function url(): string {
  return `mqtt://127.0.0.1:${port}`;
}

function tell(device: string, action: string): void {
  const topic = `fdi-sim/control/${device}`;
  broker.publish({ cmd: "publish", topic, payload: action, qos: 0, retain: false, dup: false }, () => {});
}

/** Everything a process printed, once it has ended. */
async function outputOf(process: ChildProcess): Promise<{ code: number | null; out: string; err: string }> {
  const text = { out: "", err: "" };
  process.stdout?.on("data", (chunk: Buffer) => {
    text.out += chunk.toString("utf8");
  });
  process.stderr?.on("data", (chunk: Buffer) => {
    text.err += chunk.toString("utf8");
  });
  await once(process, "close");
  return { code: process.exitCode, ...text };
}

function published(topic: string, times = 1): Promise<void> {
  let seen = 0;
  return new Promise((resolve) => {
    broker.on("publish", (packet) => {
      if (packet.topic !== topic) return;
      seen += 1;
      if (seen === times) resolve();
    });
  });
}

beforeEach(() => listen(0));

afterEach(async () => {
  child?.kill("SIGKILL");
  await close();
});

it("reports readiness over IPC and says goodbye with NDEATH on SIGTERM", { timeout: 20_000 }, async () => {
  const death = published("spBv1.0/Demo/NDEATH/panel-1");
  const simulator = start("--devices", "2");
  expect(await once(simulator, "message")).toEqual([{ ready: true }, undefined]);

  simulator.kill("SIGTERM");
  await death;

  expect(await once(simulator, "exit")).toEqual([0, null]);
});

it("ends when its parent's IPC channel closes", { timeout: 20_000 }, async () => {
  const simulator = start("--devices", "1");
  await once(simulator, "message");

  simulator.disconnect();

  expect(await once(simulator, "exit")).toEqual([0, null]);
});

it("comes back with new births when the broker went away", { timeout: 20_000 }, async () => {
  const simulator = start("--devices", "1");
  await once(simulator, "message");

  await close();
  await listen(port);
  await published("spBv1.0/Demo/DBIRTH/panel-1/CB-0001");

  expect(simulator.exitCode).toBeNull();
});

it("breaks its connections without a goodbye when told, so that the Wills are published", {
  timeout: 20_000,
}, async () => {
  const node = published("spBv1.0/Demo/NDEATH/panel-1");
  const device = published("iot/CB-0002/status", 2);
  const simulator = start("--devices", "2", "--protocol", "all");
  await once(simulator, "message");

  for (const id of ["CB-0001", "CB-0002"]) tell(id, '{"network":"down","seconds":60}');

  await Promise.all([node, device]);
  expect(simulator.exitCode).toBeNull();
});

it("injects a fault from the command line and says so", { timeout: 20_000 }, async () => {
  const simulator = start("--devices", "1");
  await once(simulator, "message");
  const tripped = published("spBv1.0/Demo/DDATA/panel-1/CB-0001", 2);

  const cli = fork("simulator/main.ts", ["fault", "CB-0001", "bolted", "--broker", url()], { stdio: "pipe" });

  expect(await outputOf(cli)).toEqual({ code: 0, out: "CB-0001: done\n", err: "" });
  await tripped;
});

it("plays a scenario against the broker and ends with what came of it", { timeout: 20_000 }, async () => {
  const birth = published("spBv1.0/Demo/DBIRTH/panel-1/CB-0001");

  const { code, out } = await outputOf(
    start("--scenario", "simulator/scenarios/bolted-fault.yaml", "--acceleration", "20"),
  );

  await birth;
  expect(out).toContain("ok     line 10 CB-0001: trip by Instantaneous");
  expect(out).not.toContain("FAILED");
  expect(code).toBe(0);
});

it("refuses an impossible scenario before it connects, with file and line", { timeout: 20_000 }, async () => {
  const file = join(mkdtempSync(join(tmpdir(), "scenario-")), "bad.yaml");
  writeFileSync(file, "name: bad\nduration: 10 s\nevents:\n  - { at: 1, device: CB-0009, fault: bolted }\n");

  const { code, err } = await outputOf(start("--scenario", file));

  expect(code).toBe(2);
  expect(err).toContain(`${file}:4: event: device "CB-0009" is not in this fleet`);
});

it("refuses a wrong option with exit code 2 and the expectation", { timeout: 20_000 }, async () => {
  expect(await outputOf(start("--devices", "none"))).toEqual({
    code: 2,
    out: "",
    err: "simulator: --devices none: expected a whole number from 1 to 9999\n",
  });
});
