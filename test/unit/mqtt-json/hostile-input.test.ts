import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Quality } from "#model/quality.ts";
import { wirePackage, wireType } from "../../support/wire-package.ts";
import { JsonBench } from "./json-peer.ts";

const known = async (): Promise<JsonBench> => {
  const bench = await JsonBench.open();
  bench.telemetry({ current: { phase_a: 10 } });
  return bench;
};

describe("a message that is no good", () => {
  const deep = `{"measurements":${'{"a":'.repeat(40)}1${"}".repeat(40)}}`;
  const huge = `{"measurements":{"x":"${"x".repeat(300_000)}"}}`;
  const many = `{"measurements":{${Array.from({ length: 11_000 }, (_, i) => `"k${i}":1`).join(",")}}}`;
  it.each([
    ["is not JSON", "malformed", "{nope"],
    ["is empty", "malformed", ""],
    ["holds a bare NaN, as Python writes it", "malformed", '{"measurements":{"current":{"phase_a":NaN}}}'],
    ["is no object", "malformed", "[1,2]"],
    ["has no measurements", "malformed", "{}"],
    ["has measurements that are no object", "malformed", '{"measurements":5}'],
    ["names a key twice", "malformed", '{"measurements":{"current":{"phase_a":1,"phase_a":2}}}'],
    ["names a key twice, once escaped", "malformed", '{"measurements":{"current":{"phase_a":1,"ph\\u0061se_a":2}}}'],
    ["has a key __proto__", "malformed", '{"measurements":{"__proto__":{"polluted":1}}}'],
    ["is not UTF-8", "malformed", "\xff\xfe"],
    ["is nested too deep", "oversized", deep],
    ["is too large", "oversized", huge],
    ["has too many members", "oversized", many],
    ["speaks for another device", "foreign-device", '{"device_id":"CB-2","measurements":{"current":{"phase_a":1}}}'],
  ] as const)("is dropped and counted when it %s", async (_name, reason, text) => {
    const bench = await known();
    const bytes = Buffer.from(text, "latin1");

    bench.broker.deliver("iot/CB-1/raw", bytes, { retain: false, dup: false, qos: 1 });

    expect(bench.fleet.traffic.of("CB-1")?.rejected[reason]).toBe(1);
    expect(bench.balance).toEqual([2, 1, 1]);
    expect(bench.fleet.value("CB-1", "CurrentPhaseA").value).toBe(10);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it.each([
    "iot/a b/c/raw",
    "iot/+/raw",
    "iot/ü/raw",
    "iot//raw",
    `iot/${"x".repeat(65)}/raw`,
    "sensors",
    "sensors/x/a/b/c/d",
  ])("is dropped when its topic is %j", async (topic) => {
    const bench = await JsonBench.open();

    bench.publish(topic, { measurements: { current: { phase_a: 1 } } });

    expect(bench.fleet.traffic.rejected["invalid-topic"]).toBe(1);
    expect(bench.fleet.registry.size).toBe(0);
  });

  it("never throws and always balances, whatever bytes come", async () => {
    const bench = await known();

    fc.assert(
      fc.property(
        fc.constantFrom("raw", "trends", "status", "reply"),
        fc.oneof(
          fc.uint8Array({ maxLength: 64 }),
          fc.json().map((text) => Buffer.from(text)),
          fc.json().map((text) => Buffer.from(`{"measurements":${text},"trends":[${text}],"status":${text}}`)),
        ),
        (kind, bytes) => {
          bench.broker.deliver(`iot/CB-1/${kind}`, bytes, { retain: false, dup: false, qos: 1 });
          const [messages = 0, accepted = 0, rejected = 0] = bench.balance;
          return messages === accepted + rejected;
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("a value that is no good", () => {
  it.each(["NaN", "Infinity", "-inf"])("is a failed measurement when it is the text %s", async (text) => {
    const bench = await known();

    bench.telemetry({ current: { phase_a: text } });

    expect(bench.fleet.value("CB-1", "CurrentPhaseA")).toMatchObject({
      value: undefined,
      quality: Quality.badSensorFailure,
    });
    expect(bench.fleet.traffic.of("CB-1")?.flawed["wrong-type"]).toBe(1);
  });

  it.each([
    ["a text", "12 A"],
    ["a number as text", "12"],
    ["yes or no", true],
    ["a list", [1]],
  ])("is shown as a type mismatch when it is %s", async (_name, value) => {
    const bench = await known();

    bench.telemetry({ current: { phase_a: value }, temperature: { value: 20 } });

    expect(bench.fleet.value("CB-1", "CurrentPhaseA").quality).toBe(Quality.badTypeMismatch);
    expect(bench.fleet.value("CB-1", "Temperature").value).toBe(20);
    expect(bench.fleet.traffic.of("CB-1")?.lastProblem).toMatch(/^wrong-type: CurrentPhaseA = .*: expected a float$/);
  });

  it("is no data when it is null", async () => {
    const bench = await known();

    bench.telemetry({ current: { phase_a: null } });

    expect(bench.fleet.value("CB-1", "CurrentPhaseA").quality).toBe(Quality.badNoData);
  });
});

describe("strangers", () => {
  it("are counted without being proposed to the fleet for each message", async () => {
    const bench = await JsonBench.open();

    for (let i = 0; i < 50; i += 1)
      bench.publish("iot/X-1/raw", { device_type: "toaster", measurements: { slots: 2 } });

    expect(bench.fleet.traffic.of("X-1")?.rejected["unknown-device"]).toBe(49);
    expect(bench.fleet.traffic.of("iot/X-1")?.rejected["unknown-device"]).toBe(1);
    expect(bench.balance).toEqual([50, 0, 50]);
  });

  it("are admitted once their package has come", async () => {
    const bench = await JsonBench.open([]);
    const report = (): void =>
      bench.publish("iot/CB-1/raw", { device_type: wireType, measurements: { current: { phase_a: 3 } } });
    report();
    bench.fleet.shelf.put(wirePackage);

    bench.clock.advance(10_000);
    report();

    expect(bench.fleet.value("CB-1", "CurrentPhaseA").value).toBe(3);
  });

  it("cannot fill the memory with invented ids, nor keep a device out by it", async () => {
    const bench = await JsonBench.open();
    for (let i = 0; i < 5_000; i += 1) bench.publish(`iot/F-${i}/raw`, { measurements: { x: 1 } });

    bench.telemetry({ current: { phase_a: 3 } });

    expect(bench.fleet.state("CB-1")).toBe("online");
    expect(bench.balance).toEqual([5_001, 1, 5_000]);
  });

  it("are not admitted beyond the allowed number of devices, even if their type is known", async () => {
    const bench = await JsonBench.open(undefined, { maxDevices: 10 });

    for (let i = 0; i < 30; i += 1) {
      bench.publish(`iot/F-${i}/raw`, { device_type: wireType, measurements: { current: { phase_a: 1 } } });
    }

    expect(bench.fleet.registry.size).toBe(10);
    expect(bench.fleet.traffic.rejected["too-many"]).toBe(20);
  });
});
