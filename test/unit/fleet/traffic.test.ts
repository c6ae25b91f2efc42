import { describe, expect, it } from "vitest";
import { otherSources, Traffic, totalOf } from "#fleet/traffic.ts";

describe("traffic", () => {
  it("balances: messages in are accepted, rejected for a reason, or still held back", () => {
    const traffic = new Traffic();
    traffic.messages = 4;
    traffic.accept("CB-1");
    traffic.accept("CB-1");
    traffic.reject("CB-1", "malformed", "not JSON");

    expect([traffic.messages, traffic.accepted, traffic.rejectedTotal, traffic.pending]).toEqual([4, 2, 1, 1]);
  });

  it("is counted by protocol, and all of it together", () => {
    const traffic = new Traffic();
    const json = traffic.lane("json");
    json.receive();
    json.accept("CB-1");
    json.take(20);
    traffic.lane("lwm2m").receive();
    traffic.lane("lwm2m").reject("CB-2", "malformed", "not CBOR");

    expect(traffic.over("json")).toMatchObject({ messages: 1, accepted: 1, samples: 20, pending: 0 });
    expect(traffic.over("lwm2m")).toMatchObject({ messages: 1, accepted: 0, rejectedTotal: 1 });
    expect(traffic).toMatchObject({ messages: 2, accepted: 1, rejectedTotal: 1, samples: 20, pending: 0 });
    expect(traffic.over("sparkplug")).toBeUndefined();
  });

  it("is known for each source, with the last trouble in words", () => {
    const traffic = new Traffic();
    traffic.accept("CB-1");
    traffic.flaw("CB-1", "wrong-type", "CurrentPhaseA");
    traffic.reject("CB-2", "oversized", "300000 bytes");

    expect(traffic.of("CB-1")).toMatchObject({ accepted: 1, lastProblem: "wrong-type: CurrentPhaseA" });
    expect(traffic.of("CB-2")).toMatchObject({ accepted: 0, lastProblem: "oversized: 300000 bytes" });
    expect(totalOf(traffic.of("CB-2")?.rejected ?? traffic.rejected)).toBe(1);
  });

  it("keeps room for devices however many strangers make noise, and counts those beyond the limit together", () => {
    const traffic = new Traffic({ devices: 2, strangers: 2 });
    for (let i = 0; i < 10; i += 1) traffic.reject(`fake-${i}`, "unknown-device", "");
    for (let i = 0; i < 3; i += 1) traffic.accept(`CB-${i}`);

    expect([...traffic.sources()].map(([name]) => name)).toEqual(["fake-0", "fake-1", otherSources, "CB-0", "CB-1"]);
    expect(traffic.of(otherSources)).toMatchObject({ accepted: 1 });
    expect(traffic.of(otherSources)?.rejected["unknown-device"]).toBe(8);
    expect(traffic.accepted).toBe(3);
  });

  it("does not let a device that began badly count as stranger for ever", () => {
    const traffic = new Traffic({ devices: 10, strangers: 1 });
    traffic.reject("CB-1", "not-announced", "");
    traffic.accept("CB-1");

    traffic.reject("fake", "unknown-device", "");

    expect(traffic.of("fake")).toBeDefined();
  });
});
