import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { definePackage } from "#model/define-package.ts";
import { Quality } from "#model/quality.ts";
import { failureOf } from "../../support/failure-of.ts";
import { wirePackage, wireType } from "../../support/wire-package.ts";
import { settle } from "../transport-shared/memory-broker.ts";
import { Lwm2mBench } from "./lwm2m-bench.ts";

type Objects = Record<string, Record<string, Record<string, unknown>>>;

/** The documented registration, shortened to what the test package binds; object 3200 is the legacy name of 42769. */
const objects = (breaker: Record<string, unknown> = {}): Objects => ({
  "3": { "0": { "0": "Acme", "3": "2.2.1", "17": wireType } },
  "4": { "0": { "0": 1, "2": 87 } },
  "3200": {
    "0": { "0": 1, "1": 61.2, "8": 40.5, "12": 43.1, "13": 3, "14": "", "15": "", "19": false, "31": 2, ...breaker },
  },
  "3201": { "0": { "6": 110 } },
});

class LegacyPeer {
  readonly bench: Lwm2mBench;

  constructor(bench: Lwm2mBench) {
    this.bench = bench;
  }

  static async registered(packages = [wirePackage]): Promise<LegacyPeer> {
    const peer = new LegacyPeer(await Lwm2mBench.open(packages));
    peer.publish("reg", { endpoint: "CB-1", lifetime: 3_600, version: "1.2", bindingMode: "UQ", objects: objects() });
    return peer;
  }

  publish(kind: string, message: unknown): void {
    this.bench.deliver(`lwm2m/CB-1/${kind}`, Buffer.from(JSON.stringify(message)));
  }

  update(breaker: Record<string, unknown>): void {
    this.publish("update", { endpoint: "CB-1", lifetime: 3_600, objects: objects(breaker) });
  }

  get answers(): { topic: string; message: Record<string, unknown> }[] {
    return this.bench.published.map(({ topic, payload }) => ({
      topic,
      message: JSON.parse(payload.toString()) as Record<string, unknown>,
    }));
  }
}

describe("a legacy LwM2M device", () => {
  it("is admitted and answered when it registers, with its values and its nameplate", async () => {
    const { bench, answers } = await LegacyPeer.registered();

    expect(bench.fleet.state("CB-1")).toBe("online");
    expect(bench.fleet.value("CB-1", "CurrentPhaseA")).toMatchObject({ value: 61.2, quality: Quality.good });
    expect(bench.fleet.value("CB-1", "FirmwareVersion").value).toBe("2.2.1");
    expect(bench.fleet.value("CB-1", "LastTripTime").quality).toBe(Quality.badNoData);
    expect(answers).toEqual([
      { topic: "lwm2m/CB-1/resp/reg", message: { status: "registered", location: "/rd/CB-1", lifetime: 3_600 } },
    ]);
  });

  it("has each update in its history in order, also those of the same millisecond", async () => {
    const peer = await LegacyPeer.registered();
    const before = peer.bench.fleet.heard.length;

    for (let i = 0; i < 5; i += 1) peer.update({ "1": 70 + i });

    const heard = peer.bench.fleet.heard.slice(before);
    expect(heard.map(({ value, historical }) => [value, historical])).toEqual(
      [70, 71, 72, 73, 74].map((v) => [v, false]),
    );
    const times = heard.map(({ time }) => time);
    expect(new Set(times.map((time) => Math.round(time * 1_000))).size).toBe(5);
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(0.01);
  });

  it("repeats everything with every update, of which only the changes travel on", async () => {
    const peer = await LegacyPeer.registered();
    const before = peer.bench.fleet.heard.length;

    for (let i = 0; i < 5; i += 1) peer.update({});
    expect(peer.answers.slice(1).map(({ topic }) => topic)).toEqual(["lwm2m/CB-1/resp/update"]);
    peer.bench.clock.advance(100);
    peer.update({ "1": 62.5 });

    expect(peer.bench.fleet.heard.slice(before).map(({ parameter, value }) => `${parameter}=${value}`)).toEqual([
      "CurrentPhaseA=62.5",
    ]);
    expect(peer.answers.at(-1)).toMatchObject({ topic: "lwm2m/CB-1/resp/update", message: { status: "updated" } });
    expect(peer.bench.balance).toEqual([7, 7, 0]);
  });

  it("has all of its values again after it was silent, although none of them changed", async () => {
    const peer = await LegacyPeer.registered();
    peer.bench.clock.advance(61_000);
    expect(peer.bench.fleet.value("CB-1", "CurrentPhaseA").quality).toBe(Quality.uncertainLastUsable);

    peer.update({});

    expect(peer.bench.fleet.value("CB-1", "CurrentPhaseA")).toMatchObject({ value: 61.2, quality: Quality.good });
  });

  it("is offline when its lifetime passes without an update", async () => {
    const peer = await LegacyPeer.registered();

    peer.bench.clock.advance(3_600_000);

    const device = peer.bench.fleet.device("CB-1");
    expect(peer.bench.fleet.presence.of(device)).toMatchObject({
      state: "offline",
      reason: "its registration ended: no update for 3600 s",
    });
  });

  it("is offline when it deregisters, with an empty message", async () => {
    const peer = await LegacyPeer.registered();

    peer.bench.deliver("lwm2m/CB-1/dereg", new Uint8Array());

    expect(peer.bench.fleet.state("CB-1")).toBe("offline");
  });

  it("may send updates in bulk: applied in order, as far apart as the device says, and counted in the answer", async () => {
    const peer = await LegacyPeer.registered();
    peer.bench.clock.advance(1_000);
    const now = peer.bench.clock.now();
    const deviceNow = now - 7_000;
    const operation = (current: number, timestamp: number): object => ({
      operation: "update",
      endpoint: "CB-1",
      objects: { "3200": { "0": { "1": current } } },
      timestamp,
    });

    const bulk_operations = [operation(63, deviceNow - 100), operation(64, deviceNow - 50), { operation: "read" }];
    peer.publish("bulk", { bulk_operations, device_id: "CB-1", bulk_size: 3, timestamp: deviceNow });

    expect(peer.bench.fleet.history("CurrentPhaseA")).toEqual(["61.2", "63", "64"]);
    expect(peer.bench.fleet.value("CB-1", "CurrentPhaseA").sourceTime).toBe(now - 50);
    expect(peer.answers.at(-1)?.message).toMatchObject({
      status: "bulk_processed",
      bulk_size: 3,
      processed_operations: 2,
    });
  });

  it("reports a trip as event: its values, and the event itself", async () => {
    const peer = await LegacyPeer.registered();
    const events: unknown[] = [];
    Object.assign(peer.bench.fleet.ingest, { event: (_device: unknown, event: unknown) => events.push(event) });

    peer.publish("event", {
      device_id: "CB-1",
      event_type: "breaker_trip",
      reason: "Overcurrent",
      trip_current: 131.8,
      timestamp: "2026-01-01T11:59:59.551904",
      breaker_status: 2,
      trip_count: 4,
    });

    expect(peer.bench.fleet.value("CB-1", "TripReason").value).toBe("Overcurrent");
    expect(peer.bench.fleet.value("CB-1", "TripCount").value).toBe(4);
    expect(peer.bench.fleet.value("CB-1", "LastTripTime").value).toBe(Date.UTC(2026, 0, 1, 11, 59, 59) + 551.904);
    expect(events).toMatchObject([{ type: "breaker_trip", fields: { trip_current: 131.8 } }]);
  });

  it("reports its configuration by the names of the settings in snake case", async () => {
    const peer = await LegacyPeer.registered();

    peer.publish("config", { device_id: "CB-1", configuration: { thermal_pickup: 115, pole_count: 3 } });

    expect(peer.bench.fleet.value("CB-1", "ThermalPickup").value).toBe(115);
  });

  it("is known by its objects when it declares no type", async () => {
    const pkg = { ...wirePackage, detection: { declaredTypes: ["smart_breaker"] } };
    const bench = await Lwm2mBench.open([pkg]);

    bench.deliver("lwm2m/CB-9/reg", Buffer.from(JSON.stringify({ objects: { "3200": { "0": { "1": 5 } } } })));

    expect(bench.fleet.value("CB-9", "CurrentPhaseA").value).toBe(5);
  });
});

describe("a command to a legacy LwM2M device", () => {
  it("is sent as the word that these devices know, and confirmed by the next update", async () => {
    const peer = await LegacyPeer.registered();
    const trip = peer.bench.execute("Trip", ["by hand"]);
    await settle();

    expect(peer.answers.at(-1)).toMatchObject({
      topic: "lwm2m/CB-1/cmd/trip",
      message: {
        command: "trip",
        reason: "by hand",
        id: "c-1",
        timestamp: peer.bench.clock.now(),
      },
    });
    peer.update({ "31": 1 });
    await expect(trip).resolves.toMatchObject({ result: "confirmed" });
  });

  it("is refused with the device's reason, by the id that it echoes", async () => {
    const peer = await LegacyPeer.registered();
    const close = failureOf(peer.bench.execute("Trip"));
    await settle();

    peer.publish("resp/trip", { id: peer.answers.at(-1)?.message["id"], status: "rejected", reason: "local" });

    const failure = await close;
    expect(failure.code).toBe("command-rejected");
    expect(failure.message).toContain("local");
  });

  it("is sent by object and resource to devices that want it so", async () => {
    const hostSettings = [{ name: "LwM2mCommandForm", value: "object", unit: "" }];
    const peer = await LegacyPeer.registered([definePackage({ ...wirePackage, hostSettings })]);
    peer.bench.execute("Trip", ["x"]).catch(() => undefined);
    peer.bench.write("ThermalPickup", 200).catch(() => undefined);
    await settle();

    expect(peer.answers.slice(1)).toMatchObject([
      {
        topic: "lwm2m/CB-1/cmd/execute",
        message: { objectId: 3200, instanceId: 0, resourceId: 50, arguments: '{"reason":"x"}' },
      },
    ]);
  });

  it("sets a parameter by its name", async () => {
    const peer = await LegacyPeer.registered();
    const write = peer.bench.write("ThermalPickup", 200);
    await settle();

    expect(peer.answers.at(-1)).toMatchObject({
      topic: "lwm2m/CB-1/cmd/configure",
      message: { command: "configure", settings: { ThermalPickup: { value: 200 } } },
    });
    peer.publish("update", { objects: { "3201": { "0": { "6": 200 } } } });
    await expect(write).resolves.toMatchObject({ result: "confirmed" });
  });

  it("does not make the host hear its own answers: they are not subscribed to", async () => {
    const { bench } = await LegacyPeer.registered();
    const filters = bench.broker.last.subscriptions.map(({ filter }) => filter);

    expect(filters).toContain("lwm2m/+/update");
    expect(filters.filter((filter) => /resp\/(?:\+|#|reg|update|bulk)$/.test(filter))).toEqual([]);
  });
});

describe("a read of a legacy LwM2M device", () => {
  it("is correlated by its id, and shows what it brought", async () => {
    const peer = await LegacyPeer.registered();
    const signal = new AbortController().signal;
    const read = peer.bench.transport.read(peer.bench.fleet.device("CB-1"), "/42769/0/1", signal);
    await settle();
    const { topic, message } = peer.answers.at(-1) ?? {};
    expect([topic, message]).toMatchObject(["lwm2m/CB-1/cmd/read", { objectId: 3200, instanceId: 0, resourceId: 1 }]);

    peer.publish("resp/read", { id: message?.["id"], objectId: 3200, instanceId: 0, resourceId: 1, value: 77 });

    expect(await read).toEqual([{ path: "/42769/0/1", value: 77 }]);
    expect(peer.bench.fleet.value("CB-1", "CurrentPhaseA").value).toBe(77);
  });
});

describe("bad legacy messages", () => {
  it.each([
    ["malformed", "update", "{nope"],
    ["malformed", "update", "{}"],
    ["malformed", "bulk", '{"bulk_operations":5}'],
    ["malformed", "config", "{}"],
    ["foreign-device", "update", '{"endpoint":"CB-2","objects":{}}'],
    ["oversized", "update", `{"x":"${"y".repeat(300_000)}"}`],
  ] as const)("are counted as %s: %s %s", async (reason, kind, text) => {
    const { bench } = await LegacyPeer.registered();

    bench.deliver(`lwm2m/CB-1/${kind}`, Buffer.from(text));

    expect(bench.fleet.traffic.of("CB-1")?.rejected[reason]).toBe(1);
    expect(bench.balance).toEqual([2, 1, 1]);
  });

  it("mark a value of the wrong type and keep the others", async () => {
    const peer = await LegacyPeer.registered();

    peer.update({ "1": "sixty", "12": 44 });

    expect(peer.bench.fleet.value("CB-1", "CurrentPhaseA").quality).toBe(Quality.badTypeMismatch);
    expect(peer.bench.fleet.value("CB-1", "Temperature").value).toBe(44);
    expect(peer.bench.fleet.traffic.of("CB-1")?.flawed["wrong-type"]).toBe(1);
  });

  it("are dropped on the second levels of the OMA binding", async () => {
    const { bench } = await LegacyPeer.registered();

    bench.deliver("lwm2m/bs/reg", Buffer.from("{}"));

    expect(bench.fleet.traffic.rejected["invalid-topic"]).toBe(1);
  });

  it("never throw and always balance, whatever they hold", async () => {
    const { bench } = await LegacyPeer.registered();

    fc.assert(
      fc.property(
        fc.constantFrom("reg", "update", "bulk", "event", "config", "resp/trip", "resp/read"),
        fc.json(),
        (kind, json) => {
          bench.deliver(
            `lwm2m/CB-1/${kind}`,
            Buffer.from(`{"objects":${json},"bulk_operations":[${json}],"configuration":${json}}`),
          );
          const [messages = 0, accepted = 0, rejected = 0] = bench.balance;
          return messages === accepted + rejected;
        },
      ),
      { numRuns: 300 },
    );
  });
});
