import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { Aedes } from "aedes";
import { report } from "./support/report.ts";

/** What the load mode is asked for. */
const askedMessagesPerS = 20_000;
const settleMs = 3_000;
const measureMs = 8_000;

interface Stats {
  readonly cpuMs: number;
  readonly rssBytes: number;
  readonly published: number;
  readonly shed: number;
}

interface Figures {
  readonly cpuPercent: number;
  readonly messagesPerS: number;
  readonly cpuUsPerMessage: number;
  readonly rssMiB: number;
  readonly shed: number;
}

function fieldOf(value: unknown, name: string): unknown {
  return value !== null && typeof value === "object"
    ? new Map<string, unknown>(Object.entries(value)).get(name)
    : undefined;
}

/** Runs as a process of its own, so that the broker's work is not counted. */
async function runBroker(): Promise<void> {
  const broker = await Aedes.createBroker();
  const server = createServer(broker.handle);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  process.send?.({ port: fieldOf(server.address(), "port") });
  process.once("disconnect", () => process.exit(0));
}

async function message(child: ChildProcess, name: string): Promise<unknown> {
  for (;;) {
    const [received] = (await once(child, "message")).map((value: unknown) => value);
    const value = fieldOf(received, name);
    if (value !== undefined) return value;
  }
}

async function stats(child: ChildProcess): Promise<Stats> {
  child.send({ stats: true });
  const answer = await message(child, "stats");
  const number = (name: string): number => Number(fieldOf(answer, name));
  return { cpuMs: number("cpuMs"), rssBytes: number("rssBytes"), published: number("published"), shed: number("shed") };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Runs the simulator with these arguments against a broker and measures it once it has settled. */
async function measure(port: number, args: readonly string[]): Promise<Figures> {
  const main = fileURLToPath(new URL("../simulator/main.ts", import.meta.url));
  const child = fork(main, ["--broker", `mqtt://127.0.0.1:${port}`, ...args], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  try {
    await message(child, "ready");
    await pause(settleMs);
    const before = await stats(child);
    const startMs = performance.now();
    await pause(measureMs);
    const after = await stats(child);
    const seconds = (performance.now() - startMs) / 1000;
    const cpuMs = after.cpuMs - before.cpuMs;
    const messages = after.published - before.published;
    return {
      cpuPercent: round(cpuMs / seconds / 10),
      messagesPerS: Math.round(messages / seconds),
      cpuUsPerMessage: round((1000 * cpuMs) / messages),
      rssMiB: Math.round(after.rssBytes / 2 ** 20),
      shed: after.shed - before.shed,
    };
  } finally {
    child.kill("SIGTERM");
    await once(child, "exit");
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

async function run(): Promise<void> {
  const self = fileURLToPath(import.meta.url);
  const broker = fork(self, ["broker"], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const port = Number(await message(broker, "port"));
  const fleet = await measure(port, ["--devices", "1000"]);
  print("1,000 breakers at 1 Hz", fleet);
  const load = await measure(port, ["--devices", "1000", "--rate", String(askedMessagesPerS)]);
  print(`load mode, ${askedMessagesPerS} messages/s asked for`, load);
  const full = await measure(port, ["--devices", "1000", "--rate", "200000"]);
  print("load mode, as fast as it goes", full);
  broker.disconnect();
  report("simulator", {
    cpuPercentAt1000: fleet.cpuPercent,
    rssMiBAt1000: fleet.rssMiB,
    loadMessagesPerS: load.messagesPerS,
    loadShed: load.shed,
    loadCpuPercent: load.cpuPercent,
    maxMessagesPerS: full.messagesPerS,
    maxShed: full.shed,
    maxCpuPercent: full.cpuPercent,
    cpuUsPerMessage: full.cpuUsPerMessage,
    messagesPerCpuS: Math.round(1e6 / full.cpuUsPerMessage),
  });
}

function print(what: string, { cpuPercent, messagesPerS, cpuUsPerMessage, rssMiB, shed }: Figures): void {
  const figures = `${cpuPercent} % of a core, ${messagesPerS} messages/s, ${cpuUsPerMessage} us each, ${rssMiB} MiB, ${shed} shed`;
  process.stdout.write(`${what.padEnd(46)} ${figures}\n`);
}

if (process.argv[2] === "broker") await runBroker();
else await run();
