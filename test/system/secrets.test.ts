import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { argon2Hasher } from "#app/access/argon2-hasher.ts";
import { BrokerUsers } from "#app/broker/broker-users.ts";
import { simulatorAccess } from "#app/demo-fleet.ts";
import { EmbeddedBroker } from "#app/embedded-broker.ts";
import { freePort } from "../support/free-port.ts";
import {
  freePorts,
  hostEnvironment,
  type Ports,
  ProjectProcess,
  startHostProcess,
  temporaryFolder,
} from "../support/host-process.ts";
import { ScadaClient } from "../support/opcua-client.ts";
import { until } from "../support/until.ts";

/** No secret leaves the host: not by what it prints, answers, audits or keeps, also when all goes wrong. */

const random = (): string => randomBytes(12).toString("hex");
const secrets: Record<string, string> = {
  "password of an operator": random(),
  "wrong password that somebody typed": random(),
  "password sent as no JSON": random(),
  "password sent in a wrong field": random(),
  "new password that is too much like the user": `${random()}admin`,
  "chosen password of the administrator": random(),
  "password of the broker": random(),
  "password of the database": random(),
  "secret of the webhook": random(),
  "path of the webhook": random(),
};
const secret = (name: string): string => secrets[name] ?? "";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let broker: EmbeddedBroker;
let ports: Ports;
let host: ProjectProcess;
/** Everything that clients were answered, with its headers. */
const answers: string[] = [];

async function ask(path: string, init: RequestInit = {}): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${ports.http}${path}`, init);
  const body = await answer.text();
  answers.push(`${path}: ${answer.status} ${JSON.stringify([...answer.headers])} ${body}`);
  return body;
}

function post(path: string, body: string, headers: Record<string, string> = {}): Promise<string> {
  return ask(path, { method: "POST", body, headers: { "content-type": "application/json", ...headers } });
}

async function logIn(user: string, password: string): Promise<{ readonly authorization: string }> {
  const answer = await fetch(`http://127.0.0.1:${ports.http}/api/v1/login`, {
    method: "POST",
    body: JSON.stringify({ user, password }),
    headers: { "content-type": "application/json" },
  });
  const { token } = (await answer.json()) as { readonly token: string };
  secrets[`token of ${user} ${answers.length}`] = token;
  return { authorization: `Bearer ${token}` };
}

async function configure(): Promise<string> {
  const put = (name: string, text: string): Promise<void> => writeFile(join(folder.path, "given", name), `${text}\n`);
  await mkdir(join(folder.path, "given"));
  await put("operator", secret("password of an operator"));
  await put("broker", secret("password of the broker"));
  await put("webhook", secret("secret of the webhook"));
  await put("database", `postgres://fdi:${secret("password of the database")}@127.0.0.1:${await freePort()}/fdi`);
  const hook = `http://127.0.0.1:${await freePort()}/hooks/${secret("path of the webhook")}`;
  const config = {
    opcua: { host: "127.0.0.1", users: [{ name: "olga", role: "operator", passwordFile: "given/operator" }] },
    mqtt: { url: `mqtt://127.0.0.1:${broker.port}`, username: "fdi-host", passwordFile: "given/broker" },
    database: { urlFile: "given/database" },
    alarms: { webhooks: [{ url: hook, secretFile: "given/webhook" }] },
    log: { level: "trace" },
  };
  const path = join(folder.path, "host.yaml");
  await writeFile(path, JSON.stringify(config));
  return path;
}

/** Where `text` has one of the secrets in it. */
function leaksIn(place: string, text: string): string[] {
  return Object.entries(secrets)
    .filter(([, value]) => text.includes(value))
    .map(([name]) => `${place}: ${name}`);
}

beforeAll(async () => {
  folder = await temporaryFolder();
  ports = await freePorts();
  // A broker that does not know the host's password.
  const programs = [{ name: "fdi-host", password: random() }];
  const users = new BrokerUsers({ programs, letsAnybodyIn: false, hasher: argon2Hasher });
  broker = await EmbeddedBroker.start({ host: "127.0.0.1", port: 0, users });
  const config = await configure();
  host = startHostProcess(ports, join(folder.path, "data"), ["--config", config]);
  await host.printed(/is ready/, 30_000);
}, 60_000);

afterAll(async () => {
  await host?.[Symbol.asyncDispose]();
  await broker?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

describe("secrets", () => {
  it("are not printed, answered, audited or kept, whatever fails", async () => {
    const data = join(folder.path, "data");
    const [oneTime = ""] = readFileSync(join(data, "secrets/admin-one-time-password"), "utf8").split("\n");
    secrets["one-time password"] = oneTime;
    const wrong = secret("wrong password that somebody typed");

    await post("/api/v1/login", JSON.stringify({ user: "admin", password: wrong }));
    await post("/api/v1/login", `{"user":"admin","password":"${secret("password sent as no JSON")}",}`);
    await post("/api/v1/login", JSON.stringify({ user: "olga", pasword: secret("password sent in a wrong field") }));
    const pending = await logIn("admin", oneTime);
    await ask("/api/v1/devices", { headers: pending });
    const change = (wanted: string, old = oneTime): Promise<string> =>
      post("/api/v1/me/password", JSON.stringify({ old, new: wanted }), pending);
    await change(secret("new password that is too much like the user"));
    await change(secret("chosen password of the administrator"), wrong);
    await change(secret("chosen password of the administrator"));
    const admin = await logIn("admin", secret("chosen password of the administrator"));
    await ask("/health/ready");
    await ask("/metrics", { headers: admin });
    await ask("/api/v1/system", { headers: admin });
    await ask("/api/v1/users", { headers: admin });
    await ask("/api/v1/devices", { headers: { authorization: `${admin.authorization}x` } });
    await ask("/api/v1/no/such/route", { headers: admin });
    await ask("/api/v1/devices/CB-1/history/Position", { headers: admin });
    const login = { userName: "olga", password: wrong };
    answers.push(await ScadaClient.connect(ports.opcua, folder.path, login).then(() => "let in", String));
    await until("the broker's refusal", 10_000, () => /not authorized/i.test(host.errors) || undefined);
    answers.push(await ask("/api/v1/audit", { headers: admin }));
    await host.stop();

    // A control: the failures were really provoked, and each left its trace.
    const all = answers.join("\n");
    expect(all).toContain("log in refused");
    expect(all).not.toContain("let in");
    expect(all).toMatch(/"name":"historian","ready":false/);
    expect(host.errors).toMatch(/127\.0\.0\.1:\d+\/fdi/);
    const kept = readdirSync(data, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    expect(kept.filter((path) => path.includes("audit")).length).toBeGreaterThan(0);
    const leaks = [
      ...leaksIn("printed", host.output + host.errors),
      ...leaksIn("answered", all),
      ...kept.flatMap((path) => leaksIn(path.slice(data.length), readFileSync(path, "latin1"))),
    ];
    expect(leaks).toEqual([]);
  }, 60_000);

  it.each([
    ["a broker", (value: string) => ({ mqtt: { url: `mqtt://fdi:${value}/@192.0.2.1` } })],
    ["another broker", (value: string) => ({ sparkplug: { brokers: [{ url: `amqp://fdi:${value}@192.0.2.1` }] } })],
    ["a webhook", (value: string) => ({ alarms: { webhooks: [{ url: `https://hook:${value}@192.0.2.1/x` }] } })],
  ])("do not show in what is said of a wrong address of %s", async (_what, config) => {
    const value = random();
    const path = join(folder.path, "wrong.yaml");
    await writeFile(path, JSON.stringify(config(value)));
    const env = hostEnvironment(await freePorts(), join(folder.path, "data-2"));
    await using wrong = new ProjectProcess("src/app/main.ts", ["--config", path], env);
    await wrong.exited;

    expect(wrong.errors).toContain("//192.0.2.1");
    expect(wrong.output + wrong.errors).not.toContain(value);
  });

  it("are no arguments of the simulated fleet's process, which everybody on the machine can see", () => {
    const brokerUrl = "mqtt://fdi:p%40ss@192.0.2.1:1884";

    expect(simulatorAccess({ brokerUrl, login: undefined })).toEqual({
      broker: "mqtt://192.0.2.1:1884",
      login: { username: "fdi", password: "p@ss" },
    });
  });
});
