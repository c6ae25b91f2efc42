import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Principal } from "#model/command.ts";
import { FacadeFixture } from "../support/facade-fixture.ts";
import { until } from "../support/until.ts";

/** The live socket over real connections: what comes, and that it ends with the login it rests on. */

const root: Principal = { user: "root", roles: ["administrator"], origin: "test" };
const password = "a word for the socket";

let facade: FacadeFixture;
let port: number;
let users = 0;
/** The user of the test that runs. */
let name = "";

beforeAll(async () => {
  facade = await FacadeFixture.open();
  port = Number(new URL(await facade.listen()).port);
});

afterAll(() => facade[Symbol.asyncDispose]());

beforeEach(async () => {
  users += 1;
  name = `anna-${users}`;
  await facade.parts.access.users.add({ name, role: "operator", password, mustChangePassword: false }, root);
});

interface Frame {
  readonly type: string;
  readonly event?: { readonly kind: string; readonly name: string };
  readonly command?: { readonly state: string };
}

interface LiveConnection {
  readonly frames: Frame[];
  readonly closed: Promise<number>;
  send(message: object): void;
  /** The code that it was closed with within a moment; undefined: it is open. */
  code(): Promise<number | undefined>;
}

async function login(): Promise<string> {
  const { token } = await facade.parts.access.login({ name, password }, { origin: "test", client: "test" });
  return token;
}

async function opened(token: string): Promise<LiveConnection> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, ["fdi-host", `bearer.${token}`]);
  const frames: Frame[] = [];
  const closed = new Promise<number>((resolve) => socket.addEventListener("close", ({ code }) => resolve(code)));
  socket.addEventListener("message", ({ data }) => frames.push(JSON.parse(String(data)) as Frame));
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", () => reject(new Error("refused")));
  });
  return {
    frames,
    closed,
    send: (message) => socket.send(JSON.stringify(message)),
    code: async () => {
      await facade.app.inject({ url: "/health/live" });
      return Promise.race([closed, new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 100))]);
    },
  };
}

/** Time passes for the host; sockets that are alive say so every 20 s of it. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 20_000) {
    facade.fleet.clock.advance(Math.min(left, 20_000));
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

function asUser(token: string, url: string) {
  return facade.app.inject({ method: "POST", url, headers: { authorization: `Bearer ${token}` }, payload: {} });
}

describe("the live socket", () => {
  it("tells of alarms, events of devices and commands as they happen, each to whom asked for it", async () => {
    const token = await login();
    const all = await opened(token);
    const other = await opened(token);
    all.send({ type: "subscribe", id: "a", alarms: {}, events: {}, commands: {} });
    other.send({ type: "subscribe", id: "b", alarms: { devices: ["CB-2"] } });
    await until("both subscriptions", 2_000, () => (all.frames.length > 0 && other.frames.length > 0) || undefined);
    const { fleet } = facade;

    fleet.control.warnings.raise({
      name: "configuration-differs",
      device: fleet.breaker,
      since: fleet.clock.now(),
      text: "a setting was changed at the device",
    });
    fleet.ingest.event(fleet.breaker, { type: "self_test", at: fleet.clock.now(), fields: {} });
    fleet.transport.onSend = () => fleet.sample("Position", 1);
    await asUser(token, "/api/v1/devices/CB-1/commands/Trip");

    await until("the frames", 2_000, () => all.frames.some(({ command }) => command?.state === "confirmed"));
    const told = all.frames.map(({ type, event, command }) => `${type} ${event?.kind ?? command?.state ?? ""}`.trim());
    // The alarm, and the alarm of the device's health that follows from it.
    const alarms = ["alarm active", "alarm active"];
    expect(told).toEqual(["subscribed", ...alarms, "event device-event", "command under-way", "command confirmed"]);
    expect(other.frames.map(({ type }) => type)).toEqual(["subscribed"]);
  });

  it("is closed when nobody uses the session, at once when its time is over, and not while its client speaks", async () => {
    const silent = await opened(await login());
    const speaking = await opened(await login());

    await pass(50_000);
    speaking.send({ type: "subscribe", id: "a", alarms: {} });
    await until("the answer", 2_000, () => speaking.frames.length > 0 || undefined);
    const before = await silent.code();
    await pass(10_000);

    expect(before).toBeUndefined();
    expect(await silent.closed).toBe(4401);
    expect(await speaking.code()).toBeUndefined();
    await pass(50_000);
    expect(await speaking.closed).toBe(4401);
  });

  it.each<[string, (token: string) => Promise<unknown>]>([
    ["is logged out", (token) => asUser(token, "/api/v1/logout")],
    [
      "is ended by an administrator",
      (token) => {
        const id = facade.parts.access.resolve(token)?.session.id ?? "";
        return facade.as("administrator", { method: "DELETE", url: `/api/v1/sessions/${id}` });
      },
    ],
    ["has a user who may not log in any more", () => facade.parts.access.users.setEnabled(name, false, root)],
    ["has a user who was removed", () => facade.parts.access.users.remove(name, root)],
    [
      "rests on a password that somebody reset",
      () => facade.parts.access.users.setPassword(name, "another word", root),
    ],
  ])("is closed when its session %s, whose token then opens no other", async (_what, end) => {
    const token = await login();
    const live = await opened(token);

    await end(token);

    expect(await live.closed).toBe(4401);
    await expect(opened(token)).rejects.toThrow("refused");
  });

  it("stays open for what the role that is left may see; what was taken away counts at once", async () => {
    const token = await login();
    const live = await opened(token);
    live.send({ type: "subscribe", id: "a", commands: {} });
    await until("the subscription", 2_000, () => live.frames.length > 0 || undefined);

    await facade.parts.access.users.setRole(name, "viewer", root);
    const refused = await asUser(token, "/api/v1/devices/CB-1/commands/Close");

    expect(refused.statusCode).toBe(403);
    expect(await live.code()).toBeUndefined();
    expect(live.frames.map(({ command }) => command?.state)).toEqual([undefined, "refused"]);
  });
});
