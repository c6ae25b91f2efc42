import { describe, expect, it } from "vitest";
import type { LiveSocket } from "#rest/live/live-client.ts";
import { readWish } from "#rest/live/wishes.ts";
import { FacadeFixture } from "../../support/facade-fixture.ts";

/** A client that takes what it is sent, or lets it pile up. */
class Socket implements LiveSocket {
  readonly frames: Record<string, unknown>[] = [];
  bufferedAmount = 0;
  isSlow = false;
  closed: number | undefined;

  send(text: Buffer): void {
    this.frames.push(JSON.parse(text.toString("utf8")) as Record<string, unknown>);
    if (this.isSlow) this.bufferedAmount += 2 * 1024 * 1024;
  }

  ping(): void {}

  close(code: number): void {
    this.closed = code;
  }

  terminate(): void {
    this.closed = 1006;
  }
}

async function connected(facade: FacadeFixture, socket: Socket, ...wishes: object[]) {
  const token = await facade.tokenOf("viewer");
  const session = facade.parts.access.resolve(token)?.session.id ?? "";
  const client = facade.parts.hub.join(socket, session);
  if (client === undefined) throw new Error("no place");
  for (const wish of wishes) {
    const read = readWish(JSON.stringify({ type: "subscribe", id: "a", ...wish }));
    if (typeof read === "string" || read.type !== "subscribe") throw new Error("no wish");
    facade.parts.hub.subscribe(client, read);
  }
  return client;
}

const currents = { values: { parameters: ["CurrentPhaseA"], devices: ["CB-1"] } };

describe("live data", () => {
  it("begins with everything as it is, then sends what changed, gathered over the interval", async () => {
    await using facade = await FacadeFixture.open();
    const { fleet } = facade;
    const socket = new Socket();
    fleet.sample("CurrentPhaseA", 10);
    await connected(facade, socket, currents);

    fleet.sample("CurrentPhaseA", 11);
    fleet.clock.advance(1);
    fleet.sample("CurrentPhaseA", 12);
    fleet.sample("CurrentPhaseA", 13);
    fleet.sample("Position", 1);
    fleet.clock.advance(200);

    const values = (value: number) => [{ device: "CB-1", data: { CurrentPhaseA: value } }];
    expect(socket.frames).toMatchObject([
      { type: "subscribed", id: "a" },
      { type: "snapshot", values: values(10) },
      { type: "values", values: values(11) },
      { type: "values", values: values(13) },
    ]);
    expect(socket.frames).toHaveLength(4);
  });

  it("speaks {device,timestamp,data} to those who want one frame per device", async () => {
    await using facade = await FacadeFixture.open();
    const socket = new Socket();
    await connected(facade, socket, { values: { ...currents.values, form: "device", snapshot: false, intervalMs: 0 } });

    facade.fleet.sample("CurrentPhaseA", 12.5);
    facade.fleet.clock.advance(1);

    expect(socket.frames.at(-1)).toEqual({
      device: "CB-1",
      timestamp: "2026-01-01T12:00:00.000Z",
      data: { CurrentPhaseA: 12.5 },
    });
  });

  it("writes what equal subscriptions get once, however many they are", async () => {
    await using facade = await FacadeFixture.open();
    const seen: Buffer[] = [];
    for (let i = 0; i < 3; i += 1) {
      const socket = new Socket();
      await connected(facade, socket, { ...currents, values: { ...currents.values, snapshot: false } });
      socket.send = (frame) => void seen.push(frame);
    }

    facade.fleet.sample("CurrentPhaseA", 12);
    facade.fleet.clock.advance(100);

    expect(seen).toHaveLength(3);
    expect(new Set(seen).size).toBe(1);
  });

  it("sends nothing to a client that does not keep up, and everything as it is once it has caught up", async () => {
    await using facade = await FacadeFixture.open();
    const { fleet } = facade;
    const socket = new Socket();
    await connected(facade, socket, { ...currents, alarms: {}, commands: {} });
    socket.isSlow = true;

    for (const value of [1, 2, 3]) {
      fleet.sample("CurrentPhaseA", value);
      fleet.clock.advance(100);
    }
    const behind = socket.frames.length;
    socket.isSlow = false;
    socket.bufferedAmount = 0;
    fleet.clock.advance(250);

    expect(behind).toBe(3);
    expect(socket.frames.slice(behind)).toMatchObject([
      { type: "resync", values: [{ device: "CB-1", data: { CurrentPhaseA: 3 } }] },
    ]);
    expect(facade.parts.hub.counts().framesDropped).toBe(2);
  });

  it("tells of commands at each of their states", async () => {
    await using facade = await FacadeFixture.open();
    const socket = new Socket();
    await connected(facade, socket, { commands: { devices: ["CB-1"] } });
    facade.fleet.transport.onSend = () => facade.fleet.sample("Position", 1);

    await facade.as("operator", { method: "POST", url: "/api/v1/devices/CB-1/commands/Trip", payload: {} });

    const states = socket.frames.slice(1).map(({ command }) => (command as { state: string }).state);
    expect(states).toEqual(["under-way", "confirmed"]);
  });

  it("ends with the session", async () => {
    await using facade = await FacadeFixture.open();
    const socket = new Socket();
    const client = await connected(facade, socket, currents);

    facade.parts.access.sessions.close(client.sessionId);

    expect(socket.closed).toBe(4401);
  });

  it("refuses what is no wish, and too many of them", () => {
    const wrong = ["{", "[]", '{"type":"subscribe"}', '{"type":"subscribe","id":"a","values":{"intervalMs":-1}}'];

    expect(wrong.map((text) => typeof readWish(text))).toEqual(wrong.map(() => "string"));
  });
});
