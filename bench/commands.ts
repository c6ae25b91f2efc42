import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { OPCUACertificateManager } from "node-opcua";
import {
  type ClientSession,
  DataType,
  MessageSecurityMode,
  OPCUAClient,
  SecurityPolicy,
  StatusCodes,
  type UserIdentityInfo,
  UserTokenType,
} from "node-opcua-client";
import { freePort } from "./support/free-port.ts";
import { report } from "./support/report.ts";

/**
 * How fast commands are: from a client's Call over a signed and encrypted connection, through roles, lock, interlocks and
 * the audit on disk, to a breaker that answers at once, and back.
 */

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    json: { type: "boolean", default: false },
    devices: { type: "string", default: "1000" },
    trips: { type: "string", default: "500" },
    rounds: { type: "string", default: "9" },
  },
});
const devices = Number(values.devices);
const names = Array.from({ length: devices }, (_, i) => `CB-${String(i + 1).padStart(4, "0")}`);

async function startHost(script: "loopback-host.ts" | "empty-method-host.ts", port: number): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, "support", script), [String(port), String(devices)]);
  await new Promise<void>((ready, failed) => {
    child.once("message", () => ready());
    child.once("exit", () => failed(new Error("the host process ended")));
  });
  return child;
}

async function connect(
  port: number,
  folder: string,
  user: UserIdentityInfo,
): Promise<{ client: OPCUAClient; session: ClientSession }> {
  const client = OPCUAClient.create({
    endpointMustExist: false,
    securityMode: MessageSecurityMode.SignAndEncrypt,
    securityPolicy: SecurityPolicy.Basic256Sha256,
    clientCertificateManager: new OPCUACertificateManager({
      rootFolder: join(folder, "client"),
      automaticallyAcceptUnknownCertificate: true,
    }),
  });
  await client.connect(`opc.tcp://127.0.0.1:${port}`);
  const session = await client.createSession(user);
  return { client, session };
}

async function methodIds(session: ClientSession): Promise<ReadonlyMap<string, string>> {
  const { references } = await session.browse("ns=1;s=CB-0001/MethodSet");
  return new Map((references ?? []).map(({ browseName, nodeId }) => [browseName.name ?? "", nodeId.toString()]));
}

const folder = mkdtempSync(join(tmpdir(), "fdi-host-bench-client-"));
const port = await freePort();
const host = await startHost("loopback-host.ts", port);
const { client, session } = await connect(port, folder, {
  type: UserTokenType.UserName,
  userName: "bench",
  password: "bench",
});
const methods = await methodIds(session);

/** Calls a method on devices in one request; gives the milliseconds that it took. */
async function callAll(targets: readonly string[], method: "Trip" | "Close"): Promise<number> {
  const inputArguments = [{ dataType: DataType.String, value: "bench" }];
  const requests = targets.map((device) => ({
    objectId: `ns=1;s=${device}/MethodSet`,
    methodId: methods.get(method) ?? "",
    inputArguments,
  }));
  const started = performance.now();
  const results = await session.call(requests);
  const ms = performance.now() - started;
  const bad = results.find(({ statusCode }) => statusCode !== StatusCodes.Good);
  if (bad !== undefined) throw new Error(`${method}: ${bad.statusCode.toString()}`);
  return ms;
}

/** Median time (ms) of a call of a method that does nothing, of a server of node-opcua alone. */
async function measureLimit(): Promise<number> {
  const limitPort = await freePort();
  const bare = await startHost("empty-method-host.ts", limitPort);
  const { client: caller, session: calls } = await connect(limitPort, folder, { type: UserTokenType.Anonymous });
  const request = {
    objectId: "ns=1;s=Nothing",
    methodId: "ns=1;s=Nothing/Do",
    inputArguments: [{ dataType: DataType.String, value: "bench" }],
  };
  const times: number[] = [];
  for (let i = 0; i < Number(values.trips) + 100; i += 1) {
    const started = performance.now();
    const { statusCode } = await calls.call(request);
    if (statusCode !== StatusCodes.Good) throw new Error(`the empty method: ${statusCode.toString()}`);
    if (i >= 100) times.push(performance.now() - started);
  }
  await calls.close();
  await caller.disconnect();
  bare.kill("SIGTERM");
  return percentile(times, 0.5);
}

function cpuMs(): Promise<number> {
  return new Promise((done) => {
    host.once("message", (used: number) => done(used));
    host.send("cpu");
  });
}

function percentile(list: readonly number[], share: number): number {
  return [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))] ?? Number.NaN;
}

for (let i = 0; i < 100; i += 1) {
  await callAll(names.slice(0, 1), "Trip");
  await callAll(names.slice(0, 1), "Close");
}

const single: number[] = [];
const cpuBefore = await cpuMs();
for (let i = 0; i < Number(values.trips); i += 1) {
  const target = [names[i % devices] ?? ""];
  single.push(await callAll(target, "Trip"));
  await callAll(target, "Close");
}
const cpuPerCommandMs = ((await cpuMs()) - cpuBefore) / single.length / 2;

/** Lets the host finish what follows its answers, e.g. the audit of a thousand outcomes. */
const pauseMs = 200;

const batches: number[] = [];
const thousands: number[] = [];
for (let i = 0; i < Number(values.rounds); i += 1) {
  const hundred = names.slice(0, 100);
  await sleep(pauseMs);
  batches.push(await callAll(hundred, "Trip"));
  await callAll(hundred, "Close");
  await sleep(pauseMs);
  thousands.push(await callAll(names.slice(0, 1000), "Trip"));
  await callAll(names.slice(0, 1000), "Close");
}

await session.close();
await client.disconnect();
host.kill("SIGTERM");
const limitP50Ms = await measureLimit();
rmSync(folder, { recursive: true, force: true });

report("commands", {
  tripP50Ms: percentile(single, 0.5),
  limitP50Ms,
  tripP95Ms: percentile(single, 0.95),
  batch100Ms: percentile(batches, 0.5),
  batch100MaxMs: Math.max(...batches),
  thousandS: percentile(thousands, 0.5) / 1000,
  thousandMaxS: Math.max(...thousands) / 1000,
  hostCpuMsPerCommand: cpuPerCommandMs,
  devices,
});
process.exit(0);
