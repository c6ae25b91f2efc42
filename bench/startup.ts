import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { freePort } from "./support/free-port.ts";
import { median } from "./support/percentile.ts";
import { report } from "./support/report.ts";

/** How long the demo takes to be ready, what it costs when nothing is asked of it, how long it takes to stop. */

const root = resolve(import.meta.dirname, "..");
const clockTicksPerS = 100;

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    json: { type: "boolean", default: false },
    idle: { type: "string", default: "15" },
    runs: { type: "string", default: "3" },
  },
});

interface Run {
  readonly readyS: number;
  /** When it has just become ready. */
  readonly readyRssMiB: number;
  readonly stopS: number;
  readonly idle?: { readonly rssMiB: number; readonly cpuPercent: number };
}

/** Seconds from "ready" until the demo fleet has settled. */
const settleS = 10;

/** `idleS`: how long its idle processor time is watched; 0 = not at all. */
async function measure(data: string, idleS: number): Promise<Run> {
  const env = {
    ...process.env,
    FDI_HOST_DATA: data,
    FDI_HOST_OPCUA_PORT: String(await freePort()),
    FDI_HOST_HTTP_PORT: String(await freePort()),
    FDI_HOST_MQTT_PORT: String(await freePort()),
  };
  const started = performance.now();
  const host = spawn(process.execPath, [join(root, "src/app/main.ts")], {
    env,
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = new Promise((done) => host.once("exit", done));
  await new Promise<void>((done) => {
    let text = "";
    host.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
      if (text.includes("is ready")) done();
    });
  });
  const readyS = (performance.now() - started) / 1000;
  const readyRssMiB = rssOf(host.pid);
  const idle = idleS > 0 ? { idle: await watchIdle(host.pid, idleS) } : {};
  const stopping = performance.now();
  host.kill("SIGTERM");
  await exited;
  return { readyS, readyRssMiB, ...idle, stopS: (performance.now() - stopping) / 1000 };
}

async function watchIdle(pid: number | undefined, idleS: number): Promise<NonNullable<Run["idle"]>> {
  await sleep(settleS * 1000);
  const before = cpuTicks(pid);
  await sleep(idleS * 1000);
  const cpuPercent = ((cpuTicks(pid) - before) / clockTicksPerS / idleS) * 100;
  return { rssMiB: rssOf(pid), cpuPercent };
}

/** User and system time of a process, all threads. */
function cpuTicks(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

function rssOf(pid: number | undefined): number {
  const match = readFileSync(`/proc/${pid}/status`, "utf8").match(/VmRSS:\s+(\d+)/);
  return Number(match?.[1]) / 1024;
}

const data = mkdtempSync(join(tmpdir(), "fdi-host-bench-"));
const count = Number(values.runs);
const runs: Run[] = [];
// The first makes certificates and a store; the last is watched while nothing is asked of it.
for (let i = 0; i <= count; i += 1) runs.push(await measure(data, i === count ? Number(values.idle) : 0));
rmSync(data, { recursive: true, force: true });

const [first, ...later] = runs;
const idle = later.at(-1)?.idle;
report("startup", {
  firstReadyS: first?.readyS ?? Number.NaN,
  readyS: median(later.map((run) => run.readyS)),
  readyRssMiB: median(later.map((run) => run.readyRssMiB)),
  rssMiB: idle?.rssMiB ?? Number.NaN,
  idleCpuPercent: idle?.cpuPercent ?? Number.NaN,
  stopS: median(runs.map((run) => run.stopS)),
});
