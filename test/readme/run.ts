import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { freePorts, type Ports, startHostProcess, temporaryFolder } from "../support/host-process.ts";
import { ScadaClient } from "../support/opcua-client.ts";
import { until } from "../support/until.ts";

/** Runs every mosquitto command of the README as it stands there, but for the port, against a running demo. */

const run = promisify(execFile);
const readme = readFileSync(join(resolve(import.meta.dirname, "../.."), "README.md"), "utf8");
const commands = readme.split("\n").filter((line) => /^mosquitto_(pub|sub) /.test(line));

class Watcher implements Disposable {
  output = "";
  readonly #child: ChildProcess;

  constructor(command: string) {
    this.#child = spawn("bash", ["-c", `exec ${command}`], { stdio: ["ignore", "pipe", "inherit"] });
    this.#child.stdout?.on("data", (chunk: Buffer) => (this.output += chunk.toString("utf8")));
  }

  async prints(pattern: RegExp): Promise<void> {
    await until(`${String(pattern)} from ${this.#child.spawnargs.at(-1)}`, 20_000, () => pattern.test(this.output));
  }

  [Symbol.dispose](): void {
    this.#child.kill();
  }
}

async function trip(client: ScadaClient, device: string): Promise<string> {
  const objectId = `ns=1;s=${device}/MethodSet`;
  const { references } = await client.session.browse(objectId);
  const methodId = references?.find(({ browseName }) => browseName.name === "Trip")?.nodeId.toString() ?? "";
  return (await client.call(objectId, methodId, [{ dataType: "String", value: "" }])).name;
}

async function valueIs(client: ScadaClient, nodeId: string, wanted: number): Promise<void> {
  await until(`${nodeId} = ${wanted}`, 20_000, async () => {
    const { value } = await client.read(nodeId);
    return (typeof value.value === "number" && Math.abs(value.value - wanted) < 0.01) || undefined;
  });
}

async function check(ports: Ports, client: ScadaClient): Promise<void> {
  const atPort = (command: string): string => command.replace("-p 1883", `-p ${ports.mqtt}`);
  const watched = commands.filter((command) => command.startsWith("mosquitto_sub"));
  const [json, lwm2m, orders] = watched.map((command) => new Watcher(atPort(command)));
  assert.ok(json !== undefined && lwm2m !== undefined && orders !== undefined, "the README watches three things");
  using _json = json;
  using _lwm2m = lwm2m;
  using _orders = orders;
  await json.prints(/^iot\/CB-0007\/raw \{.*"measurements"/m);
  await lwm2m.prints(/^lwm2m\/CB-0010\/update \{.*"3200"/m);
  for (const device of ["CB-0007", "CB-0010"]) assert.equal(await trip(client, device), "Good");
  await orders.prints(/^iot\/CB-0007\/command .*trip_breaker/m);
  await orders.prints(/^iot\/CB-0007\/reply .*"accepted":true/m);
  await orders.prints(/^lwm2m\/CB-0010\/cmd\/trip /m);
  await orders.prints(/^lwm2m\/CB-0010\/resp\/trip /m);

  for (const command of commands) {
    if (command.startsWith("mosquitto_pub")) await run("bash", ["-c", atPort(command)]);
  }
  await valueIs(client, "ns=1;s=lab-1/CurrentPhaseA", 41.3);
  await valueIs(client, "ns=1;s=lab-2/CurrentPhaseA", 61.2);
  await until("the rejected message", 10_000, async () => {
    const { value } = await client.read("ns=1;s=lab-1/ConnectionPoint/RejectedByReason");
    return value.value === '{"rejected":{"malformed":1},"flawed":{}}' || undefined;
  });
}

await using folder = await temporaryFolder();
const ports = await freePorts();
await using host = startHostProcess(ports, folder.path);
await host.printed(/is ready/, 60_000);
const [, password = ""] = await host.printed(/password (\S+)/, 1_000);
await using client = await ScadaClient.connect(ports.opcua, folder.path, { userName: "admin", password });
for (const device of ["CB-0007", "CB-0010"]) {
  await until(`${device} online`, 30_000, async () => {
    return (await client.read(`ns=1;s=${device}/Position`)).statusCode.isGood() || undefined;
  });
}
await check(ports, client);
process.stdout.write(`${commands.length} commands of the README did what it says\n`);
