import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { freePort } from "./support/free-port.ts";
import { report } from "./support/report.ts";

/** How long the demo takes to be ready, what it costs when nothing is asked of it, how long it takes to stop. */

const root = resolve(import.meta.dirname, "..");
const clockTicksPerS = 100;

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    json: { type: "boolean", default: false },
    idle: { type: "string", default: "20" },
    runs: { type: "string", default: "3" },
  },
});

interface Run {
  readonly readyS: number;
  readonly rssMiB: number;
  readonly idleCpuPercent: number;
  readonly stopS: number;
}

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
  await sleep(10_000);
  const before = cpuTicks(host.pid);
  await sleep(idleS * 1000);
  const idleCpuPercent = ((cpuTicks(host.pid) - before) / clockTicksPerS / idleS) * 100;
  const rssMiB = rssOf(host.pid);
  const stopping = performance.now();
  host.kill("SIGTERM");
  await exited;
  return { readyS, rssMiB, idleCpuPercent, stopS: (performance.now() - stopping) / 1000 };
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

function median(list: readonly number[]): number {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;
}

const data = mkdtempSync(join(tmpdir(), "fdi-host-bench-"));
const runs: Run[] = [];
for (let i = 0; i <= Number(values.runs); i += 1) runs.push(await measure(data, Number(values.idle)));
rmSync(data, { recursive: true, force: true });

const [first, ...later] = runs;
report("startup", {
  firstReadyS: first?.readyS ?? Number.NaN,
  firstRssMiB: first?.rssMiB ?? Number.NaN,
  readyS: median(later.map((run) => run.readyS)),
  rssMiB: median(later.map((run) => run.rssMiB)),
  idleCpuPercent: median(later.map((run) => run.idleCpuPercent)),
  stopS: median(runs.map((run) => run.stopS)),
});
