import { beforeEach, describe, expect, it } from "vitest";
import type { SparkplugTransport } from "#transport/sparkplug/sparkplug-transport.ts";
import type { FakeClock } from "../../support/fake-clock.ts";
import type { MemoryBroker } from "../transport-shared/memory-broker.ts";
import { tripCommand } from "./breaker-package.ts";
import { tahu } from "./edge-peer.ts";
import { connectedTransport } from "./panel-peer.ts";
import type { RecordingUplink } from "./recording-uplink.ts";

const address = "IIoT/~/smart-breaker-007";
const signal = new AbortController().signal;

/** Protobuf bytes as hex with blanks: these devices write codes and omit zeros as no library would. */
function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(/\s/g, ""), "hex");
}

/** A metric: name, then hex of its other fields. */
function metric(name: string, fields: string): Buffer {
  const body = Buffer.concat([Buffer.from([0x0a, name.length]), Buffer.from(name), hex(fields)]);
  return Buffer.concat([Buffer.from([0x12, body.length]), body]);
}

const deviceType = metric("Device/Type", "20 0d 7a 0c 746573742f627265616b6572");

describe("devices of the profile legacy-flat", () => {
  let broker: MemoryBroker;
  let clock: FakeClock;
  let uplink: RecordingUplink;
  let transport: SparkplugTransport;

  beforeEach(async () => {
    ({ broker, clock, uplink, transport } = await connectedTransport());
  });

  function publish(type: string, ...parts: Buffer[]): void {
    broker.deliver(`spBv1.0/IIoT/${type}/smart-breaker-007`, Buffer.concat(parts));
  }

  /** The first DATA introduces the device, with a current of 41.5 A declared as String (12). */
  function introduce(): void {
    publish("DDATA", deviceType, metric("Breaker/CurrentPhaseA", "20 0c 65 00002642"));
  }

  it("are introduced by DATA without any birth, and never asked for one", () => {
    introduce();

    expect(uplink.announcements).toMatchObject([{ name: "smart-breaker-007", address, declaredType: "test/breaker" }]);
    expect(uplink.presences).toHaveLength(1);
    expect(uplink.values).toEqual(["CurrentPhaseA=41.5"]);
    expect(broker.last.published.filter(({ topic }) => topic.includes("CMD"))).toEqual([]);
  });

  it("are read by the field on the wire where the datatype code is wrong, and zeros are taken as meant", () => {
    introduce();

    publish(
      "DDATA",
      metric("Breaker/Position", "20 0a 50 01"),
      metric("Breaker/TripReason", "20 0d 7a 04 4e6f6e65"),
      metric("Breaker/CurrentPhaseA", "20 0c"),
      metric("Breaker/Tripped", "20 0b"),
      metric("Breaker/LastTripTime", "20 0c 7a 13 323032362d30332d30395430373a34313a3030"),
    );

    expect(uplink.values.slice(1)).toEqual([
      "Position=1",
      "TripReason=None",
      "CurrentPhaseA=0",
      "Tripped=0",
      `LastTripTime=${Date.UTC(2026, 2, 9, 7, 41)}`,
    ]);
  });

  it("may add metrics in later DATA, and introduce themselves again with them", () => {
    introduce();

    publish("DDATA", metric("Breaker/Position", "20 03 50 02"));

    expect(uplink.announcements.map(({ points }) => points)).toEqual([
      ["Device/Type", "Breaker/CurrentPhaseA"],
      ["Device/Type", "Breaker/CurrentPhaseA", "Breaker/Position"],
    ]);
    expect(uplink.values.at(-1)).toBe("Position=2");
    expect(uplink.flaws).toEqual([]);
  });

  it("turn stale when they are silent for five of their periods, at least ten seconds", () => {
    introduce();
    for (let i = 0; i < 5; i += 1) {
      clock.advance(4000);
      publish("DDATA", metric("Breaker/CurrentPhaseA", "65 00002642"));
    }
    clock.advance(19_000);
    const before = uplink.presences.length;

    clock.advance(3000);

    expect(before).toBe(1);
    expect(uplink.presences.at(-1)).toMatch(/^smart-breaker-007 stale \d+ silent for 2\d s$/);
    introduce();
    expect(uplink.presences.at(-1)).toMatch(/^smart-breaker-007 online/);
  });

  it("report a trip as JSON on the DATA topic: an event, and samples at its time", () => {
    introduce();
    const at = Date.UTC(2026, 2, 9, 7, 44, 2, 551);

    const notice = {
      device_id: "smart-breaker-007",
      event_type: "breaker_trip",
      reason: "Overcurrent",
      timestamp: "2026-03-09T07:44:02.551",
      nested: { ignored: true },
    };
    publish("DDATA", Buffer.from(JSON.stringify(notice)));
    publish("DDATA", Buffer.from('{"event_type": broken'));

    expect(uplink.events).toMatchObject([{ type: "breaker_trip", at, fields: { reason: "Overcurrent" } }]);
    expect(uplink.values.slice(1)).toEqual([`TripReason=Overcurrent`, `LastTripTime=${at}`]);
    expect(uplink.rejections).toEqual([`malformed ${address}: JSON that is no event`]);
  });

  it("take commands as DCMD on the topic without edge node", async () => {
    introduce();

    await transport.send(
      uplink.device(address),
      { correlationId: "c-1", spec: tripCommand, inputs: ["storm"], sentAt: 0 },
      signal,
    );

    const { topic = "", payload = "" } = broker.last.published.at(-1) ?? {};
    expect(topic).toBe("spBv1.0/IIoT/DCMD/smart-breaker-007");
    expect(tahu.decodePayload(Buffer.from(payload)).metrics).toMatchObject([
      { name: "Command/Trip", type: "Boolean", value: true },
      { name: "Command/Reason", type: "String", value: "storm" },
    ]);
  });

  it("take commands as JSON where the package binds them so", async () => {
    introduce();
    const spec = {
      ...tripCommand,
      inputs: tripCommand.inputs.map((input) => ({ ...input, addresses: { sparkplug: "reason" } })),
      bindings: { sparkplug: { address: "json:trip", value: true } },
    };

    await transport.send(uplink.device(address), { correlationId: "c-1", spec, inputs: ["Manual"], sentAt: 0 }, signal);

    expect(broker.last.published.at(-1)).toMatchObject({
      topic: "spBv1.0/IIoT/NCMD/smart-breaker-007",
      payload: `{"command":"trip","parameters":{"reason":"Manual"},"timestamp":${clock.now()}}`,
    });
  });

  it("only count gaps of their sequence", () => {
    introduce();
    publish("DDATA", metric("Breaker/CurrentPhaseA", "65 00002642"), hex("18 09"));

    expect(transport.statistics().flatSequenceGaps).toBe(1);
    expect(uplink.values.at(-1)).toBe("CurrentPhaseA=41.5");
  });

  it("turn stale when the broker is lost", () => {
    introduce();

    broker.cut("reset");

    expect(uplink.presences.at(-1)).toContain("smart-breaker-007 stale");
  });
});

it("a group that is configured with edge nodes refuses topics without one", async () => {
  const { broker, uplink } = await connectedTransport({ profiles: [{ match: "IIoT", profile: "sparkplug-3.0" }] });

  broker.deliver("spBv1.0/IIoT/DDATA/smart-breaker-007", deviceType);

  expect(uplink.rejections).toEqual(["invalid-topic spBv1.0/IIoT/DDATA/smart-breaker-007: group IIoT has edge nodes"]);
});
