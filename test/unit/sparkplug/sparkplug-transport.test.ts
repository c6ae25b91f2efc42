import { describe, expect, it } from "vitest";
import type { OutgoingCommand } from "#model/command.ts";
import { Quality } from "#model/quality.ts";
import { SparkplugType } from "#transport/sparkplug/codec/data-type.ts";
import { PayloadEncoder } from "#transport/sparkplug/codec/payload-encoder.ts";
import { settle } from "../transport-shared/memory-broker.ts";
import { tripCommand } from "./breaker-package.ts";
import { tahu } from "./edge-peer.ts";
import { answeringBirth, breakerBirth, connectedTransport } from "./panel-peer.ts";

const signal = new AbortController().signal;

function trip(correlationId: string, reason?: string): OutgoingCommand {
  return { correlationId, spec: tripCommand, inputs: [reason], sentAt: 0 };
}

describe("SparkplugTransport as host application", () => {
  it("subscribes, then publishes a STATE birth whose timestamp is that of its Will", async () => {
    const { broker, clock, transport } = await connectedTransport();

    const { will, published, log } = broker.last;
    expect(log.map((line) => line.split(" ")[0])).toEqual(["SUBSCRIBE", "PUBLISH"]);
    expect(broker.last.subscriptions[0]).toEqual({ filter: "spBv1.0/STATE/host-1", qos: 1 });
    const state = { topic: "spBv1.0/STATE/host-1", qos: 1, retain: true };
    expect(will).toEqual({ ...state, payload: `{"online":false,"timestamp":${clock.now()}}` });
    expect(published[0]).toEqual({ ...state, payload: `{"online":true,"timestamp":${clock.now()}}` });
    expect(transport.health()).toEqual({ connected: true, detail: "connected to mqtt://broker:1883" });
  });

  it("corrects a death on its own STATE topic at once, with the timestamp of its Will", async () => {
    const { broker, clock } = await connectedTransport();
    const birth = broker.last.published[0];
    clock.advance(5000);

    const death = Buffer.from(`{"online":false,"timestamp":${clock.now()}}`);
    broker.deliver("spBv1.0/STATE/host-1", death);

    expect(broker.last.published.slice(1)).toEqual([birth]);
  });

  it("reports another host application that uses its host id", async () => {
    const { broker, log, uplink } = await connectedTransport();

    broker.deliver("spBv1.0/STATE/host-1", Buffer.from('{"online":true,"timestamp":1}'));
    broker.deliver("spBv1.0/STATE/host-1", Buffer.from('{"online":false,"timestamp":1}'));

    const text = "another host application uses host id host-1: connected to mqtt://broker:1883";
    expect(log.lines).toContain(`error ${text}`);
    const id = "sparkplug-host-id mqtt://broker:1883";
    expect(uplink.notices).toMatchObject([
      { id, active: true, text },
      { id, active: false },
    ]);
  });

  it("publishes its death with the current time before it disconnects, and its devices turn stale", async () => {
    const { broker, clock, transport, uplink, panel } = await connectedTransport();
    panel.nodeBirth();
    panel.deviceBirth();
    clock.advance(1000);

    await transport[Symbol.asyncDispose]();

    expect(broker.last.log.slice(-2)).toEqual(["PUBLISH spBv1.0/STATE/host-1", "DISCONNECT"]);
    expect(broker.last.published.at(-1)?.payload).toBe(`{"online":false,"timestamp":${clock.now()}}`);
    expect(uplink.presences.at(-1)).toContain("CB-0001 stale");
  });
});

describe("SparkplugTransport with a device", () => {
  it("announces it at DBIRTH with its declared type and metrics, then online, then its values", async () => {
    const { uplink, panel, clock } = await connectedTransport();

    panel.nodeBirth();
    panel.deviceBirth();

    expect(uplink.announcements).toMatchObject([
      {
        protocol: "sparkplug",
        name: "CB-0001",
        address: "Demo/panel-1/CB-0001",
        declaredType: "test/breaker",
        points: breakerBirth.map(({ name }) => name),
        at: clock.now(),
      },
    ]);
    expect(uplink.order).toEqual(["announced", "online", "samples"]);
    expect(uplink.values).toEqual(["CurrentPhaseA=0", "Position=2"]);
  });

  it("reads data by alias and by name, in order, with the metric's own time before the payload's", async () => {
    const { uplink, panel, clock } = await connectedTransport();
    panel.nodeBirth();
    panel.deviceBirth();
    uplink.seen.length = 0;

    panel.data([
      { alias: 11, timestamp: clock.now() - 50, type: "Float", value: 41.5 },
      { name: "Breaker/CurrentPhaseA", type: "Float", value: 42.5 },
    ]);

    expect(uplink.seen.map(({ value, time }) => [value, time - clock.now()])).toEqual([
      [41.5, -50],
      [42.5, 0],
    ]);
  });

  it("converts units, states, texts and times as the package binds them", async () => {
    const { uplink, panel } = await connectedTransport();
    panel.nodeBirth();
    panel.deviceBirth([
      { name: "Device/Type", type: "String", value: "test/breaker" },
      { name: "Breaker/ActivePower", type: "Int32", value: 22_000 },
      { name: "Breaker/Position", type: "String", value: "open" },
      { name: "Breaker/Tripped", type: "Int32", value: 7 },
      { name: "Breaker/TripReason", type: "String", value: "GroundFault" },
      { name: "Breaker/LastTripTime", type: "String", value: "2026-03-09T07:41:00Z" },
      { name: "Breaker/Cycles", type: "UInt64", value: 9 },
    ]);

    expect(uplink.values).toEqual([
      "ActivePower=23",
      "Position=1",
      "Tripped=1",
      "TripReason=GroundFault",
      `LastTripTime=${Date.UTC(2026, 2, 9, 7, 41)}`,
      "Cycles=9",
    ]);
    expect(new Set(uplink.seen.map(({ quality }) => quality))).toEqual(new Set([Quality.good]));
  });

  it("gives null, bad and stale metrics and values of the wrong type their quality", async () => {
    const { uplink, panel } = await connectedTransport();
    panel.nodeBirth();
    panel.deviceBirth();
    uplink.seen.length = 0;
    const quality = (value: number) => ({ Quality: { type: "Int32" as const, value } });

    panel.data([
      { alias: 11, type: "Float", value: null, isNull: true },
      { alias: 11, type: "Float", value: 1, properties: quality(0) },
      { alias: 11, type: "Float", value: 2, properties: { Other: { type: "Int32", value: 0 }, ...quality(500) } },
      { alias: 11, type: "Float", value: 3, properties: quality(192) },
      { alias: 12, type: "String", value: "ajar" },
    ]);

    expect(uplink.seen.map(({ value, quality: code }) => [value, code])).toEqual([
      [Number.NaN, Quality.badNoData],
      [1, Quality.badSensorFailure],
      [2, Quality.uncertainLastUsable],
      [3, Quality.good],
      [Number.NaN, Quality.badTypeMismatch],
    ]);
  });

  it("counts a malformed payload once and goes on with the next message", async () => {
    const { uplink, panel, broker } = await connectedTransport();
    panel.nodeBirth();
    panel.deviceBirth();

    broker.deliver("spBv1.0/Demo/DDATA/panel-1/CB-0001", Buffer.from('{"event":"trip"}'));
    panel.data([{ alias: 11, type: "Float", value: 5 }]);

    expect(uplink.rejections).toEqual([expect.stringMatching(/^malformed Demo\/panel-1\/CB-0001: /)]);
    expect(uplink.values.at(-1)).toBe("CurrentPhaseA=5");
    expect([uplink.messages, uplink.taken]).toEqual([4, 3]);
  });

  it.each([
    "spBv1.0/Demo/DDATA/panel-1/CB/1",
    "spBv1.0/Demo/NDATA/panel-1/CB-0001",
    "spBv1.0/De+mo/NDATA/panel-1",
    "spBv1.0/Demo/NBIRTH/pa\u0000nel",
    `spBv1.0/Demo/NBIRTH/${"x".repeat(65_000)}`,
    "spBv1.0/Gebäude/NBIRTH/panel-1",
  ])("refuses the topic %j without side effects", async (topic) => {
    const { uplink, broker, panel } = await connectedTransport();

    broker.deliver(topic, new Uint8Array(0));

    expect(uplink.rejections).toEqual([expect.stringContaining("invalid-topic")]);
    expect(panel.commands).toEqual([]);
  });
});

describe("SparkplugTransport with sequence and deaths", () => {
  it("asks for a rebirth, once, when data comes before any birth", async () => {
    const { uplink, panel } = await connectedTransport();

    panel.data([{ alias: 11, type: "Float", value: 5 }]);
    panel.data([{ alias: 11, type: "Float", value: 6 }]);

    expect(panel.commands).toEqual(["NCMD panel-1 Node Control/Rebirth=true"]);
    expect(uplink.rejections.map((line) => line.split(" ")[0])).toEqual(["not-announced", "not-announced"]);
  });

  it("puts messages that arrive out of order back in order", async () => {
    const { uplink, panel } = await connectedTransport();
    panel.nodeBirth();
    panel.deviceBirth();
    const data = (seq: number): void => panel.send("DDATA", [{ alias: 11, type: "Float", value: seq }], "CB-0001", seq);

    for (const seq of [4, 3, 2, 5]) data(seq);

    expect(uplink.values.slice(2)).toEqual([2, 3, 4, 5].map((value) => `CurrentPhaseA=${value}`));
    expect(panel.commands).toEqual([]);
  });

  it("gives up after the reorder timeout: devices stale, data to history only, rebirth asked for", async () => {
    const { uplink, panel, clock } = await connectedTransport({ reorderTimeoutMs: 2000 });
    panel.nodeBirth();
    panel.deviceBirth();
    panel.seq += 1;
    panel.data([{ alias: 11, type: "Float", value: 7 }]);
    clock.advance(1999);
    const before = [...panel.commands];

    clock.advance(1);
    panel.data([{ alias: 11, type: "Float", value: 8 }]);

    expect(before).toEqual([]);
    expect(panel.commands).toEqual(["NCMD panel-1 Node Control/Rebirth=true"]);
    expect(uplink.values.slice(2)).toEqual(["H:CurrentPhaseA=7", "H:CurrentPhaseA=8"]);
    expect(uplink.presences.at(-1)).toBe(`CB-0001 stale ${clock.now()} a message is missing`);
  });

  it("is live again after the rebirth", async () => {
    const { uplink, panel, clock } = await connectedTransport({ reorderTimeoutMs: 0 });
    panel.nodeBirth();
    panel.deviceBirth();
    panel.seq += 1;
    panel.data([{ alias: 11, type: "Float", value: 7 }]);
    clock.advance(100);

    panel.nodeBirth();
    panel.deviceBirth();
    panel.data([{ alias: 11, type: "Float", value: 9 }]);

    expect(uplink.presences.map((line) => line.split(" ")[1])).toEqual(["online", "stale", "online"]);
    expect(uplink.values.at(-1)).toBe("CurrentPhaseA=9");
  });

  it("puts what overtook an NBIRTH behind it, and what was left of the sequence before into history", async () => {
    const { uplink, panel, clock } = await connectedTransport();
    panel.nodeBirth();
    panel.deviceBirth();
    panel.send("DDATA", [{ alias: 11, type: "Float", value: 7 }], "CB-0001", 9);
    clock.advance(100);
    panel.send("DBIRTH", breakerBirth, "CB-0001", 6);
    panel.send("NBIRTH", [{ name: "bdSeq", type: "Int64", value: 0 }], undefined, 5);
    panel.send("DDATA", [{ alias: 11, type: "Float", value: 8 }], "CB-0001", 7);

    expect(uplink.values.slice(2)).toEqual(["H:CurrentPhaseA=7", "CurrentPhaseA=0", "Position=2", "CurrentPhaseA=8"]);
    expect(panel.commands).toEqual([]);
  });

  it("takes a device offline that is not born again with its edge node", async () => {
    const { uplink, panel, clock } = await connectedTransport({ birthGraceMs: 10_000 });
    panel.nodeBirth();
    panel.deviceBirth();
    panel.deviceBirth([{ name: "Device/Type", type: "String", value: "test/breaker" }], "CB-0002");

    panel.nodeBirth();
    panel.deviceBirth();
    clock.advance(9999);
    const before = uplink.presences.length;
    clock.advance(1);

    expect(before).toBe(2);
    expect(uplink.presences.at(-1)).toMatch(/^CB-0002 offline \d+ not born again with its edge node$/);
  });

  it("bounds the edge nodes and devices that names can create", async () => {
    const { uplink, panel, broker } = await connectedTransport({ limits: { maxEdgeNodes: 1, maxDevices: 1 } });
    panel.nodeBirth();
    panel.deviceBirth();
    panel.deviceBirth(breakerBirth, "CB-0002");
    broker.deliver("spBv1.0/Demo/NBIRTH/panel-2", new Uint8Array(0));
    broker.deliver("spBv1.0/Demo/DDATA/flat-1", new Uint8Array(0));
    broker.deliver("spBv1.0/Demo/DDATA/flat-2", new Uint8Array(0));

    expect(uplink.rejections.filter((line) => line.startsWith("too-many"))).toEqual([
      "too-many Demo/panel-1/CB-0002: more than 1 devices",
      "too-many Demo/panel-2: more than 1 edge nodes",
      "too-many Demo/~/flat-2: more than 1 devices",
    ]);
  });

  it("keeps 64-bit counters exact", async () => {
    const { uplink, panel } = await connectedTransport();
    panel.nodeBirth();
    panel.deviceBirth([...breakerBirth, { name: "Breaker/Cycles", alias: 30, type: "UInt64", value: 1 }]);

    const cycles = { alias: 30, datatype: SparkplugType.UInt64, value: 18_446_744_073_709_551_615n };
    const payload = new PayloadEncoder().encode({ metrics: [cycles], seq: 2, timestamp: panel.clock.now() });
    panel.broker.deliver("spBv1.0/Demo/DDATA/panel-1/CB-0001", payload);

    expect(uplink.values.at(-1)).toBe("Cycles=18446744073709551615");
  });

  it("takes a second death of the same session as read", async () => {
    const { uplink, panel } = await connectedTransport();
    panel.nodeBirth();
    panel.deviceBirth();
    panel.nodeDeath();
    panel.nodeDeath();

    expect(uplink.presences).toHaveLength(2);
    expect([uplink.rejections.length, uplink.taken]).toEqual([0, 4]);
  });

  it("drops a repeated message and counts it", async () => {
    const { uplink, panel } = await connectedTransport();
    panel.nodeBirth();
    panel.deviceBirth();
    panel.send("DDATA", [{ alias: 11, type: "Float", value: 1 }], "CB-0001", 2);
    panel.send("DDATA", [{ alias: 11, type: "Float", value: 1 }], "CB-0001", 2);

    expect(uplink.values.slice(2)).toEqual(["CurrentPhaseA=1"]);
    expect(uplink.rejections).toEqual(["out-of-sequence Demo/panel-1/CB-0001: seq 2 came twice"]);
  });

  it("takes the node and its devices offline on NDEATH, stamped with the host's time", async () => {
    const { uplink, panel, clock } = await connectedTransport();
    panel.nodeBirth();
    panel.deviceBirth();
    clock.advance(700);

    panel.nodeDeath();

    expect(uplink.presences.at(-1)).toBe(`CB-0001 offline ${clock.now()} NDEATH`);
  });

  it("ignores an NDEATH whose bdSeq is not that of the birth", async () => {
    const { uplink, panel } = await connectedTransport();
    panel.bdSeq = 5;
    panel.nodeBirth();
    panel.deviceBirth();

    panel.nodeDeath(4);

    expect(uplink.presences.length).toBe(1);
    expect(uplink.rejections).toEqual(["out-of-sequence Demo/panel-1: bdSeq is not that of the NBIRTH (5)"]);
  });

  it("takes one device offline on DDEATH, stamped with the payload's time", async () => {
    const { uplink, panel, clock, broker } = await connectedTransport();
    panel.nodeBirth();
    panel.deviceBirth();
    panel.deviceBirth(breakerBirth, "CB-0002");
    clock.advance(300);
    const diedAt = clock.now() - 40;

    broker.deliver(
      "spBv1.0/Demo/DDEATH/panel-1/CB-0001",
      tahu.encodePayload({ timestamp: diedAt, metrics: [], seq: 3 }),
    );

    expect(uplink.presences.slice(2)).toEqual([`CB-0001 offline ${diedAt} DDEATH`]);
  });

  it("marks devices stale when the broker is lost and asks for births after the reconnect", async () => {
    const { uplink, panel, clock, broker } = await connectedTransport();
    panel.nodeBirth();
    panel.deviceBirth();

    broker.cut("reset by peer");
    const lostAt = clock.now();
    clock.advance(500);
    await settle();
    clock.advance(1000);

    expect(uplink.presences.at(-1)).toBe(`CB-0001 stale ${lostAt} broker connection lost: reset by peer`);
    expect(panel.commands).toEqual(["NCMD panel-1 Node Control/Rebirth=true"]);
  });

  it.each([
    ["goes on at once where the sequence continues after a short loss of the broker", 500, 0, "online", []],
    ["does not go on when numbers are missing", 500, 1, "stale", ["NCMD panel-1 Node Control/Rebirth=true"]],
    ["does not go on after a long loss", 180_000, 0, "stale", ["NCMD panel-1 Node Control/Rebirth=true"]],
  ])("%s", async (_claim, awayMs, missing, presence, commands) => {
    const { uplink, panel, clock, broker } = await connectedTransport();
    panel.nodeBirth();
    panel.deviceBirth();
    broker.refusal = "ECONNREFUSED";
    broker.cut("reset by peer");
    clock.advance(awayMs - 500);
    await settle();
    broker.refusal = undefined;
    clock.advance(30_000 * Number(awayMs > 500) + 500);
    await settle();

    panel.seq += missing;
    panel.data([{ alias: 11, type: "Float", value: 3 }]);

    expect(uplink.presences.at(-1)).toContain(`CB-0001 ${presence}`);
    expect(panel.commands).toEqual(commands);
  });

  it("counts an alias of another device as foreign", async () => {
    const { uplink, panel } = await connectedTransport();
    panel.nodeBirth();
    panel.deviceBirth();
    panel.deviceBirth([{ name: "Device/Type", alias: 21, type: "String", value: "test/breaker" }], "CB-0002");
    panel.data([{ alias: 11, type: "Float", value: 66 }], "CB-0002");

    expect(uplink.rejections).toEqual(["foreign-device CB-0002: alias 11 belongs to CB-0001"]);
    expect(uplink.values).not.toContain("CurrentPhaseA=66");
  });

  it("asks for a rebirth when data has a metric that the BIRTH did not announce, and keeps the rest", async () => {
    const { uplink, panel } = await connectedTransport();
    panel.nodeBirth();
    panel.deviceBirth();
    panel.data([
      { alias: 99, type: "Float", value: 1 },
      { alias: 11, type: "Float", value: 2 },
    ]);

    expect(uplink.values.at(-1)).toBe("CurrentPhaseA=2");
    expect(uplink.flaws).toEqual(["unknown-point CB-0001: alias 99"]);
    expect(panel.commands).toEqual(["NCMD panel-1 Node Control/Rebirth=true"]);
  });
});

describe("SparkplugTransport with an edge node that does not answer requests for its births", () => {
  const current = (value: number) => ({ name: "Breaker/CurrentPhaseA", type: "Float" as const, value });

  it("takes it as it is after the fourth request, when it was known before", async () => {
    const { uplink, panel, clock } = await connectedTransport({ reorderTimeoutMs: 0 });
    panel.nodeBirth();
    panel.deviceBirth();
    panel.seq += 1;
    for (let second = 0; second < 40; second += 1) {
      panel.data([current(second)]);
      clock.advance(1000);
    }

    expect(uplink.presences.map((line) => line.split(" ")[1])).toEqual(["online", "stale", "online"]);
    expect(uplink.values.at(-1)).toBe("CurrentPhaseA=39");
    expect(panel.commands).toHaveLength(4);
  });

  it("learns its devices from the names in their data, when the host came later than they did", async () => {
    const { uplink, panel, clock } = await connectedTransport();
    for (let second = 0; second < 40; second += 1) {
      panel.data([{ name: "Device/Type", type: "String", value: "test/breaker" }, current(second)]);
      clock.advance(1000);
    }

    expect(uplink.announcements).toHaveLength(1);
    expect(uplink.values.at(-1)).toBe("CurrentPhaseA=39");
  });

  it("goes by its births again as soon as it gives some", async () => {
    const { uplink, panel, clock } = await connectedTransport();
    for (let second = 0; second < 40; second += 1) {
      panel.data([{ name: "Device/Type", type: "String", value: "test/breaker" }, current(second)]);
      clock.advance(1000);
    }

    panel.nodeBirth();
    panel.deviceBirth();
    panel.data([{ name: "Breaker/Tripped", type: "Boolean", value: true }]);

    expect(uplink.rejections.at(-1)).toBe("unknown-point CB-0001: metric Breaker/Tripped was not in the BIRTH");
  });
});

describe("SparkplugTransport.send", () => {
  it("publishes a DCMD with name, datatype, value and time, QoS 0, not retained, without seq", async () => {
    const { transport, uplink, panel, clock, broker } = await connectedTransport();
    panel.nodeBirth();
    panel.deviceBirth();
    clock.advance(10);

    await transport.send(uplink.device("Demo/panel-1/CB-0001"), trip("c-1", "storm"), signal);

    const sent = broker.last.published.at(-1);
    expect(sent).toMatchObject({ topic: "spBv1.0/Demo/DCMD/panel-1/CB-0001", qos: 0, retain: false });
    const payload = tahu.decodePayload(Buffer.from(sent?.payload ?? ""));
    expect(payload.seq).toBeUndefined();
    expect(Number(payload.timestamp)).toBe(clock.now());
    expect(payload.metrics).toMatchObject([
      { name: "Command/Trip", type: "Boolean", value: true },
      { name: "Command/Reason", type: "String", value: "storm" },
    ]);
  });

  it("adds an id where the BIRTH lists Command/Id, and reports the device's answer", async () => {
    const { transport, uplink, panel } = await connectedTransport();
    panel.nodeBirth();
    panel.deviceBirth(answeringBirth);
    const device = uplink.device("Demo/panel-1/CB-0001");
    await transport.send(device, trip("c-1"), signal);
    await transport.send(device, trip("c-2"), signal);
    const [first, second] = panel.commands.map((line) => Number(/Command\/Id=(\d+)/.exec(line)?.[1]));

    panel.data([{ name: "Command/LastId", type: "Int64", value: first ?? 0 }]);
    panel.data([
      { name: "Command/LastId", type: "Int64", value: second ?? 0 },
      { name: "Command/LastResult", type: "Int32", value: 10 },
    ]);
    panel.data([{ name: "Command/LastId", type: "Int64", value: second ?? 0 }]);

    expect(uplink.acks.map(({ correlationId, accepted, reason }) => [correlationId, accepted, reason])).toEqual([
      ["c-1", true, undefined],
      ["c-2", false, "blocked by interlocking"],
    ]);
  });

  it("refuses metrics that the BIRTH does not offer and devices that it has not seen", async () => {
    const { transport, uplink, panel } = await connectedTransport();
    panel.nodeBirth();
    panel.deviceBirth(breakerBirth.filter(({ name }) => name !== "Command/Reason"));
    const device = uplink.device("Demo/panel-1/CB-0001");

    await expect(transport.send(device, trip("c-1", "storm"), signal)).rejects.toMatchObject({
      code: "command-not-sent",
      message: "Demo/panel-1/CB-0001: metric Command/Reason was not in its BIRTH",
    });
    const stranger = { ...device, address: "Demo/panel-9/CB-0099" };
    await expect(transport.send(stranger, trip("c-2"), signal)).rejects.toMatchObject({ code: "command-not-sent" });
    expect(panel.commands).toEqual([]);
  });

  it("fails with the cause when the broker is not connected", async () => {
    const { transport, uplink, panel, broker, clock } = await connectedTransport();
    panel.nodeBirth();
    panel.deviceBirth();
    broker.cut("reset by peer");

    const sending = transport.send(uplink.device("Demo/panel-1/CB-0001"), trip("c-1"), signal);

    await expect(sending).rejects.toMatchObject({ code: "command-not-sent", message: /reset by peer/ });
    expect(transport.health()).toEqual({
      connected: false,
      detail: "mqtt://broker:1883: reset by peer",
      nextAttemptAt: clock.now() + 500,
    });
  });
});
