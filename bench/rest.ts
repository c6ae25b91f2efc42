import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { connectAsync } from "mqtt";
import { freePort } from "./support/free-port.ts";
import { answerOf, child, login, messageOf, startClients, type Tally } from "./support/live-clients.ts";
import { percentile } from "./support/percentile.ts";
import { report } from "./support/report.ts";

/**
 * How fast the web facade is: lists and live values of a full fleet over HTTP, many live sockets that share what is written
 * for them, and the way of a value from an MQTT message to a live socket through the whole host.
 */

const { values: options } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    devices: { type: "string", default: "10000" },
    variables: { type: "string", default: "45" },
    requests: { type: "string", default: "300" },
    clients: { type: "string", default: "500" },
    seconds: { type: "string", default: "10" },
    rate: { type: "string", default: "1000" },
  },
});
const seconds = Number(options.seconds);
const clients = Number(options.clients);
/** About 3 KB per frame: twelve devices with eight values. */
const watched = 12;
const valuesPerDevice = 8;

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly ms: number;
}

/** One request over a connection that stays open. */
function ask(url: string, headers: Record<string, string> = {}, body?: object): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const started = performance.now();
  const text = body === undefined ? undefined : JSON.stringify(body);
  const type = text === undefined ? {} : { "content-type": "application/json" };
  const sent = httpRequest(
    url,
    { agent, method: text === undefined ? "GET" : "POST", headers: { ...type, ...headers } },
    (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("end", () => {
        const whole = Buffer.concat(parts).toString("utf8");
        resolve({ status: answer.statusCode ?? 0, body: whole, ms: performance.now() - started });
      });
    },
  );
  sent.on("error", reject);
  sent.end(text);
  return promise;
}

/** Times of requests, each to another of the addresses. */
async function timesOf(base: string, token: string, paths: readonly string[], count: number): Promise<number[]> {
  const headers = { authorization: `Bearer ${token}` };
  const times: number[] = [];
  for (let i = 0; i < count + 50; i += 1) {
    const { status, ms, body } = await ask(`${base}${paths[i % paths.length] ?? ""}`, headers);
    if (status !== 200) throw new Error(`${status} ${body}`);
    if (i >= 50) times.push(ms);
  }
  return times;
}

/** Lists, live values and many sockets, of a fleet in memory. */
async function measureFacade() {
  const port = await freePort();
  const server = child("rest-bench-server.ts", [String(port), options.devices, options.variables]);
  await messageOf(server);
  const base = `http://127.0.0.1:${port}`;
  const token = await login(base, "bench", "bench");
  const lists = ["sort=lastSeen&order=desc", "search=cb-0&presence=online", "position=unknown&sort=type&page=50"];
  const listTimes = await timesOf(
    base,
    token,
    lists.map((query) => `/api/v1/devices?pageSize=100&${query}`),
    Number(options.requests),
  );
  const names = Array.from({ length: 50 }, (_, i) => `CB-${String(i + 1).padStart(5, "0")}`);
  const liveTimes = await timesOf(
    base,
    token,
    names.map((name) => `/api/v1/devices/${name}/values`),
    Number(options.requests),
  );

  const devices = names.slice(0, watched);
  const values = { devices, intervalMs: 100, snapshot: false };
  const sockets = await startClients({ base, token, clients, wish: { values } });
  server.send({ feed: { devices: watched, values: valuesPerDevice, hertz: 10 } });
  await sleep(2_000);
  await answerOf<Tally>(sockets, "tally");
  const before = await answerOf<{ cpuMs: number }>(server, "cpu");
  const started = performance.now();
  await sleep(seconds * 1_000);
  const after = await answerOf<{ cpuMs: number; counts: { framesDropped: number } }>(server, "cpu");
  const elapsedMs = performance.now() - started;
  const tally = await answerOf<Tally>(sockets, "tally");
  sockets.kill();
  server.kill();
  return {
    listP95Ms: percentile(listTimes, 0.95),
    listP50Ms: percentile(listTimes, 0.5),
    liveP95Ms: percentile(liveTimes, 0.95),
    liveP50Ms: percentile(liveTimes, 0.5),
    wsClients: clients,
    wsCpuPercent: ((after.cpuMs - before.cpuMs) / elapsedMs) * 100,
    wsFramesPerS: (tally.frames / elapsedMs) * 1_000,
    wsFrameBytes: tally.frames === 0 ? 0 : tally.bytes / tally.frames,
    wsDropped: after.counts.framesDropped,
  };
}

/** From an MQTT message to a live socket, through the whole host. */
async function measureWay() {
  const folder = mkdtempSync(join(tmpdir(), "fdi-host-bench-rest-"));
  const [opcua, http, mqtt] = [await freePort(), await freePort(), await freePort()];
  writeFileSync(join(folder, "password"), "only for measuring\n");
  writeFileSync(
    join(folder, "host.yaml"),
    `data: data\nopcua:\n  host: 127.0.0.1\n  users:\n    - { name: bench, role: operator, passwordFile: password }\nlog:\n  level: error\n`,
  );
  const env = {
    ...process.env,
    FDI_HOST_OPCUA_PORT: String(opcua),
    FDI_HOST_HTTP_PORT: String(http),
    FDI_HOST_MQTT_PORT: String(mqtt),
  };
  const host = fork(new URL("../src/app/main.ts", import.meta.url), ["--config", join(folder, "host.yaml")], {
    env,
    silent: true,
  });
  const base = `http://127.0.0.1:${http}`;
  try {
    await ready(base);
    const token = await login(base, "bench", "only for measuring");
    const [brokerPassword = ""] = readFileSync(join(folder, "data/secrets/mqtt-simulator"), "utf8").split("\n");
    const client = await connectAsync(`mqtt://simulator:${encodeURIComponent(brokerPassword)}@127.0.0.1:${mqtt}`);
    // Devices send one message at a time; here one socket stands for many, and must not hold back what is next.
    if (client.stream instanceof Socket) client.stream.setNoDelay(true);
    const devices = Array.from({ length: 100 }, (_, i) => `lab-${i + 1}`);
    const publish = (device: string): void => {
      const measurements = { current: { phase_a: Math.round(Math.random() * 1_000) / 10 } };
      const message = {
        device_id: device,
        device_type: "fdi-host/lsig-mccb",
        timestamp: new Date().toISOString(),
        measurements,
      };
      client.publish(`iot/${device}/raw`, JSON.stringify(message));
    };
    for (const device of devices) publish(device);
    await sleep(2_000);
    const values = { intervalMs: 0, form: "device", snapshot: false };
    const socket = await startClients({ base, token, clients: 1, wish: { values } });
    await publishAt(Number(options.rate), 3, devices, publish);
    await answerOf<Tally>(socket, "tally");
    await publishAt(Number(options.rate), seconds, devices, publish);
    await sleep(500);
    const { latencies } = await answerOf<Tally>(socket, "tally");
    socket.kill();
    await client.endAsync();
    return {
      messagesPerS: Number(options.rate),
      wsP50Ms: percentile(latencies, 0.5),
      wsP95Ms: percentile(latencies, 0.95),
      wsDelivered: latencies.length,
    };
  } finally {
    if (host.exitCode === null && host.kill("SIGTERM")) await once(host, "exit");
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Spreads messages evenly over each second, in steps of 5 ms. */
async function publishAt(rate: number, forS: number, devices: readonly string[], publish: (device: string) => void) {
  const started = performance.now();
  for (let sent = 0; sent < rate * forS; ) {
    const due = Math.min(rate * forS, ((performance.now() - started) / 1_000) * rate);
    for (; sent < due; sent += 1) publish(devices[sent % devices.length] ?? "");
    await sleep(5);
  }
}

async function ready(base: string): Promise<void> {
  for (let i = 0; i < 240; i += 1) {
    const answer = await ask(`${base}/health/ready`).catch(() => undefined);
    if (answer?.status === 200) return;
    await sleep(500);
  }
  throw new Error("the host is not ready after two minutes");
}

const facade = await measureFacade();
const way = await measureWay();
report("rest", { ...facade, ...way, devices: Number(options.devices) });
process.exit(0);
