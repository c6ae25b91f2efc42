import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Quality } from "#model/quality.ts";
import { type CborMap, type CborValue, decodeCbor, encodeCbor, isCborMap } from "#simulator/lwm2m/cbor.ts";
import { decodeOmaMessage, encodeOmaMessage } from "#transport/lwm2m/oma/message.ts";
import { failureOf } from "../../support/failure-of.ts";
import { wireType } from "../../support/wire-package.ts";
import { settle } from "../transport-shared/memory-broker.ts";
import { by, Lwm2mBench } from "./lwm2m-bench.ts";

const topic = "lwm2m/rd/CB-1";
const links = "</1/0>,</3/0>,</42769/0>,</42770/0>";
const senml = (records: Record<number, CborValue>[]): Buffer => encodeCbor(records.map((record) => mapOf(record)));

function mapOf(record: Record<number, CborValue | undefined>): Map<number, CborValue> {
  const entries = Object.entries(record).flatMap(([key, value]) =>
    value === undefined ? [] : [[Number(key), value] as const],
  );
  return new Map(entries);
}

/** A client written with the simulator's codec: answers what it is asked, unless told otherwise. */
class OmaPeer {
  readonly bench: Lwm2mBench;
  /** Requests of the host, decoded, oldest first. */
  readonly asked: Map<number, CborValue>[] = [];
  #seen = 0;
  values: Record<string, CborValue> = {
    "/3/0/3": "2.2.1",
    "/3/0/17": wireType,
    "/42769/0/1": 61.2,
    "/42769/0/31": 2,
    "/42770/0/6": 110,
  };
  /** Results by operation; others succeed. */
  results: Record<number, number> = {};
  isSilent = false;
  readonly observed = new Map<string, number>();

  constructor(bench: Lwm2mBench) {
    this.bench = bench;
  }

  static async registered(options = {}, binding = "M"): Promise<OmaPeer> {
    const peer = new OmaPeer(await Lwm2mBench.open(undefined, options));
    peer.say({ 1: 6, 2: 7, 3: "CB-1", 7: Buffer.from(links), 8: 60, 9: "1.2", 10: binding, 19: 40 });
    await peer.answerAll();
    return peer;
  }

  say(message: Record<number, CborValue | undefined>): void {
    this.bench.deliver(topic, encodeCbor(mapOf(message)));
  }

  /** Hears what the host published, as it would at a real broker: first its own message back, then the client's answer. */
  async answerAll(): Promise<void> {
    await settle();
    for (;;) {
      const { published } = this.bench;
      if (published.length === this.#seen) return;
      for (const { payload } of published.slice(this.#seen)) {
        this.#seen += 1;
        this.bench.deliver(topic, payload);
        const message = decodeCbor(payload);
        if (isCborMap(message)) this.#hear(new Map([...message].map(([key, value]) => [Number(key), value])));
      }
      await settle();
    }
  }

  notify(path: string, value: CborValue, time?: number): void {
    const [, object] = path.split("/");
    const record = { 0: path, 2: value, ...(time === undefined ? {} : { 6: time / 1_000 }) };
    this.say({ 1: 23, 2: this.observed.get(`/${object}/0`) ?? 0, 7: senml([record]), 19: 112 });
  }

  /** Messages of the host that carry this result, as tokens. */
  resultTokens(result: number): CborValue[] {
    return this.bench.published.flatMap(({ payload }) => {
      const message: CborMap | undefined = decodeCbor(payload) as CborMap | undefined;
      return message?.get(18) === result ? [message.get(2) ?? -1] : [];
    });
  }

  #hear(message: Map<number, CborValue>): void {
    const operation = Number(message.get(1));
    if (Number.isNaN(operation)) return;
    this.asked.push(message);
    if (this.isSilent) return;
    const uri = message.get(5);
    if (typeof uri !== "string") throw new Error("a request without uri");
    const result = this.results[operation];
    if (result !== undefined) return this.say({ 18: result, 2: message.get(2), 7: Buffer.from("because"), 19: 0 });
    if (operation === 20) this.observed.set(uri, Number(message.get(2)));
    if (operation !== 9 && operation !== 20) return this.say({ 18: 204, 2: message.get(2) });
    const found = Object.entries(this.values).filter(([path]) => path === uri || path.startsWith(`${uri}/`));
    const pack = senml(found.map(([path, value]) => ({ 0: path, [typeof value === "string" ? 3 : 2]: value })));
    this.say({ 18: 205, 2: message.get(2), 7: pack, 19: 112 });
  }
}

describe("a message of the OMA MQTT binding", () => {
  it("has the bytes of the specification's example: a read of /3/0/0 with token 56", () => {
    expect(Buffer.from(encodeOmaMessage({ operation: 9, token: 56, uri: "/3/0/0" })).toString("hex")).toBe(
      "a3010902183805662f332f302f30",
    );
    expect(decodeOmaMessage(Buffer.from("a3010902183805662f332f302f30", "hex"))).toMatchObject({
      ok: true,
      message: { operation: 9, token: 56, uri: "/3/0/0" },
    });
  });

  it("carries results as CoAP codes x 100, and payloads as bytes or as text", () => {
    const bytes = Buffer.from("a2 12 18cc 02 05".replaceAll(" ", ""), "hex");
    const text = Buffer.from("a4 02 05 07 62 3432 12 18cd 13 00".replaceAll(" ", ""), "hex");

    expect(Buffer.from(encodeOmaMessage({ result: 204, token: 5 })).toString("hex")).toBe("a202051218cc");
    expect(decodeOmaMessage(bytes)).toMatchObject({ ok: true, message: { result: 204, token: 5 } });
    expect(decodeOmaMessage(text)).toMatchObject({ ok: true, message: { payload: Buffer.from("42"), format: 0 } });
  });

  it("has an Execute with its arguments as payload", () => {
    const bytes = encodeOmaMessage({ operation: 16, token: 1, uri: "/42769/0/10", payload: Buffer.from("0='x'") });

    expect(Buffer.from(bytes).toString("hex")).toBe("a401100201056b2f34323736392f302f31300745303d277827");
  });

  it.each(["", "80", "a0", "a20109120c", "a1020a", "a3010902183805662f332f302f", "bf0109"])(
    "is refused as %s",
    (hex) => {
      expect(decodeOmaMessage(Buffer.from(hex, "hex")).ok).toBe(false);
    },
  );
});

describe("a client of the OMA MQTT binding", () => {
  it("is answered, asked for its type, observed, and admitted with its values", async () => {
    const peer = await OmaPeer.registered();

    expect(peer.asked.map((message) => [message.get(1), message.get(5)])).toEqual([
      [9, "/3/0"],
      [20, "/42769/0"],
      [20, "/42770/0"],
    ]);
    expect(peer.resultTokens(201)).toEqual([7]);
    expect(peer.bench.fleet.state("CB-1")).toBe("online");
    expect(peer.bench.fleet.value("CB-1", "CurrentPhaseA")).toMatchObject({ value: 61.2, quality: Quality.good });
    expect(peer.bench.fleet.value("CB-1", "FirmwareVersion").value).toBe("2.2.1");
    expect(peer.bench.fleet.value("CB-1", "ThermalPickup").value).toBe(110);
  });

  it("hears nothing twice: what the host published itself comes back without being counted", async () => {
    const peer = await OmaPeer.registered();

    // Register and three answers; four messages of the host came back.
    expect(peer.bench.balance).toEqual([4, 4, 0]);
  });

  it("is not mistaken for the host when both chose the same token and say the same", async () => {
    const peer = await OmaPeer.registered();
    const trip = peer.bench.execute("SelfTest");
    await settle();
    const request = decodeCbor(peer.bench.published.at(-1)?.payload ?? Buffer.alloc(0)) as CborMap;
    // The client updates with the token of our request: our answer to it and its answer to us are the same bytes.
    peer.say({ 1: 7, 2: request.get(2) });
    await peer.answerAll();

    await expect(trip).resolves.toMatchObject({ result: "accepted" });
  });

  it("changes values by notifications, and by Send in several formats", async () => {
    const peer = await OmaPeer.registered();

    peer.notify("/42769/0/1", 70);
    peer.say({ 1: 24, 2: 8, 7: Buffer.from('[{"n":"/42769/0/1","v":71}]'), 19: 110 });
    peer.say({ 1: 24, 2: 9, 7: encodeCbor(new Map([[42_769, new Map([[0, new Map([[1, 72.5]])]])]])), 19: 11_544 });

    expect(peer.bench.fleet.history("CurrentPhaseA")).toEqual(["61.2", "70", "71", "72.5"]);
    expect(peer.resultTokens(204)).toEqual([8, 9]);
  });

  it("may send what it collected: older values are history, the newest is current", async () => {
    const peer = await OmaPeer.registered();
    peer.bench.clock.advance(10_000);
    const at = peer.bench.clock.now() / 1_000;

    const pack = senml([3, 2, 1].map((age) => ({ 0: "/42769/0/1", 2: 80 - age, 6: at - age })));
    peer.say({ 1: 24, 2: 8, 7: pack, 19: 112 });

    expect(peer.bench.fleet.history("CurrentPhaseA")).toEqual(["61.2", "H:77", "H:78", "79"]);
  });

  it("says how good its values are (IPSO resource 6042)", async () => {
    const peer = await OmaPeer.registered();

    peer.say({
      1: 24,
      2: 8,
      7: senml([
        { 0: "/42769/0/1", 2: 99 },
        { 0: "/42769/0/6042", 2: 2 },
      ]),
      19: 112,
    });

    expect(peer.bench.fleet.value("CB-1", "CurrentPhaseA").quality).toBe(Quality.uncertainSensorNotAccurate);
  });

  it("is offline when it deregisters, and when its lifetime passes", async () => {
    const peer = await OmaPeer.registered();
    peer.say({ 1: 8, 2: 9 });
    expect(peer.bench.fleet.state("CB-1")).toBe("offline");
    expect(peer.resultTokens(202)).toEqual([9]);

    const other = await OmaPeer.registered({ probeMs: 3_600_000 });
    other.bench.clock.advance(60_000);
    expect(other.bench.fleet.state("CB-1")).toBe("offline");
  });

  it("is told to register again when it updates without being registered", async () => {
    const peer = new OmaPeer(await Lwm2mBench.open());

    peer.say({ 1: 7, 2: 3 });

    expect(peer.resultTokens(404)).toEqual([3]);
    expect(peer.bench.fleet.traffic.rejected["not-announced"]).toBe(1);
  });

  it("is asked whether it lives when it is silent, and stale when it does not answer", async () => {
    const peer = await OmaPeer.registered({ probeMs: 20_000 });
    peer.bench.clock.advance(21_000);
    await peer.answerAll();
    expect(peer.bench.fleet.state("CB-1")).toBe("online");

    peer.isSilent = true;
    peer.bench.clock.advance(21_000);
    await peer.answerAll();
    peer.bench.clock.advance(10_000);
    await settle();

    expect(peer.bench.fleet.state("CB-1")).toBe("stale");
  });

  it("is not asked while it sleeps in queue mode", async () => {
    const peer = await OmaPeer.registered({ probeMs: 20_000 }, "MQ");
    const asked = peer.asked.length;

    peer.bench.clock.advance(59_000);
    await peer.answerAll();

    expect(peer.asked.length).toBe(asked);
    expect(peer.bench.fleet.state("CB-1")).toBe("online");
  });

  it("is asked everything again after the broker was away", async () => {
    const peer = await OmaPeer.registered();
    peer.bench.broker.cut();
    expect(peer.bench.fleet.state("CB-1")).toBe("stale");
    peer.values["/42769/0/1"] = 99;

    peer.bench.clock.advance(500);
    await settle();
    peer.bench.clock.advance(2_000);
    await peer.answerAll();

    expect(peer.bench.fleet.state("CB-1")).toBe("online");
    expect(peer.bench.fleet.value("CB-1", "CurrentPhaseA").value).toBe(99);
  });

  it.each([
    ["of another version", { 9: "2.0" }, 412],
    ["under another name", { 3: "CB-2" }, 400],
    ["with links that are none", { 7: Buffer.from("</3/0") }, 400],
    ["with a negative lifetime", { 8: -1 }, 400],
    ["with links in another format", { 19: 112 }, 415],
  ])("is refused %s", async (_name, change, result) => {
    const peer = new OmaPeer(await Lwm2mBench.open());

    peer.say({ 1: 6, 2: 7, 7: Buffer.from(links), 8: 60, 9: "1.2", 19: 40, ...change });

    expect(peer.resultTokens(result)).toEqual([7]);
    expect(peer.bench.balance).toEqual([1, 0, 1]);
  });
});

describe("a read of a client", () => {
  const signal = new AbortController().signal;

  it("brings what is there, and shows it", async () => {
    const peer = await OmaPeer.registered();
    peer.values["/42769/0/1"] = 88;
    const read = peer.bench.transport.read(peer.bench.fleet.device("CB-1"), "/42769/0/1", signal);
    await peer.answerAll();

    expect(await read).toEqual([{ path: "/42769/0/1", value: 88, time: undefined }]);
    expect(peer.bench.fleet.value("CB-1", "CurrentPhaseA").value).toBe(88);
  });

  it.each([
    [405, "command-rejected"],
    [404, "command-rejected"],
  ])("fails with what the client says: %d", async (result, code) => {
    const peer = await OmaPeer.registered();
    peer.results = { 9: result };
    const read = failureOf(peer.bench.transport.read(peer.bench.fleet.device("CB-1"), "/42769/0/50", signal));
    await peer.answerAll();

    expect((await read).code).toBe(code);
  });

  it("fails when the client is silent, or when it is no path", async () => {
    const peer = await OmaPeer.registered();
    peer.isSilent = true;
    const device = peer.bench.fleet.device("CB-1");
    const read = failureOf(peer.bench.transport.read(device, "/42769/0/1", signal));
    await peer.answerAll();
    peer.bench.clock.advance(10_000);

    expect((await read).code).toBe("command-unconfirmed");
    expect((await failureOf(peer.bench.transport.read(device, "current", signal))).code).toBe("argument-invalid");
  });
});

describe("a command to a client", () => {
  it("is an Execute with its arguments, and is confirmed by the observed state", async () => {
    const peer = await OmaPeer.registered();
    const trip = peer.bench.execute("Trip", ["it's 5 o'clock"]);
    await peer.answerAll();

    expect(peer.asked.at(-1)?.get(5)).toBe("/42769/0/50");
    expect(Buffer.from(peer.asked.at(-1)?.get(7) as Uint8Array).toString()).toBe("0='its 5 oclock'");
    peer.notify("/42769/0/31", 1);
    await expect(trip).resolves.toMatchObject({ result: "confirmed" });
  });

  it("is confirmed by a read of the state when the client does not notify", async () => {
    const peer = await OmaPeer.registered();
    const trip = peer.bench.execute("Trip");
    await peer.answerAll();
    peer.values["/42769/0/31"] = 1;

    peer.bench.clock.advance(150);
    await peer.answerAll();

    await expect(trip).resolves.toMatchObject({ result: "confirmed" });
  });

  it.each([
    [403, "4.03 Forbidden: because"],
    [405, "4.05 Method Not Allowed: because"],
    [500, "5.00 Internal Server Error: because"],
  ])("is refused with result %d and what the client says", async (result, text) => {
    const peer = await OmaPeer.registered();
    peer.results = { 16: result };
    const trip = failureOf(peer.bench.execute("Trip"));
    await peer.answerAll();

    const failure = await trip;
    expect(failure.code).toBe("command-rejected");
    expect(failure.message).toContain(text);
  });

  it("to a sleeping client is never sent when it wakes up too late for it", async () => {
    const peer = await OmaPeer.registered({}, "MQ");
    peer.bench.clock.advance(50_000);
    peer.say({ 1: 7, 2: 9, 8: 3_600 });
    await peer.answerAll();
    peer.bench.clock.advance(100_000);
    const asked = peer.asked.length;
    const trip = failureOf(peer.bench.execute("Trip"));
    await peer.answerAll();
    peer.bench.clock.advance(800);
    await settle();
    peer.say({ 1: 7, 2: 10 });
    await peer.answerAll();

    expect(peer.asked.length).toBe(asked);
    expect(["command-unconfirmed", "command-not-sent"]).toContain((await trip).code);
  });
});

describe("a setting of a client", () => {
  it("is written to its resource, and done when the client reports it", async () => {
    const peer = await OmaPeer.registered();
    const write = peer.bench.fleet.control.writes.write({
      device: peer.bench.fleet.device("CB-1"),
      parameter: "ThermalPickup",
      value: 200,
      by,
    });
    await peer.answerAll();
    const request = peer.asked.at(-1);

    expect([request?.get(1), request?.get(5), request?.get(19)]).toEqual([12, "/42770/0/6", 112]);
    expect(decodeCbor(request?.get(7) as Uint8Array)).toEqual([
      new Map<number, CborValue>([
        [0, "/42770/0/6"],
        [2, 200],
      ]),
    ]);
    peer.values["/42770/0/6"] = 200;
    peer.bench.clock.advance(150);
    await peer.answerAll();
    await expect(write).resolves.toMatchObject({ result: "confirmed" });
  });

  it("is tried in other formats when the client does not know the first", async () => {
    const peer = await OmaPeer.registered();
    peer.results = { 12: 415 };
    peer.bench.write("ThermalPickup", 200).catch(() => undefined);
    await peer.answerAll();

    expect(peer.asked.filter((message) => message.get(1) === 12).map((message) => message.get(19))).toEqual([
      112, 110, 11_542, 0,
    ]);
  });
});

describe("bad OMA messages", () => {
  it.each([
    ["malformed", Buffer.from("a1", "hex")],
    ["malformed", Buffer.from("nonsense")],
    ["malformed", encodeCbor(mapOf({ 1: 24, 2: 1, 7: Buffer.from("[{]"), 19: 110 }))],
    ["malformed", encodeCbor(mapOf({ 1: 24, 2: 1, 7: Buffer.from("ff", "hex"), 19: 11_542 }))],
    ["oversized", Buffer.alloc(300_000)],
    ["not-announced", encodeCbor(mapOf({ 1: 23, 2: 12_345, 7: Buffer.from("1"), 19: 0 }))],
    ["out-of-sequence", encodeCbor(mapOf({ 18: 204, 2: 12_345 }))],
    ["foreign-device", encodeCbor(mapOf({ 1: 16, 2: 5, 5: "/42769/0/50" }))],
  ] as const)("are counted as %s", async (reason, bytes) => {
    const peer = await OmaPeer.registered();
    const [before = 0] = peer.bench.balance;

    peer.bench.deliver(topic, bytes);

    expect(peer.bench.fleet.traffic.of("CB-1")?.rejected[reason]).toBe(1);
    expect(peer.bench.balance).toEqual([before + 1, before, 1]);
  });

  it("do not let a notification fill what was not observed by it", async () => {
    const peer = await OmaPeer.registered();

    peer.say({ 1: 23, 2: peer.observed.get("/42770/0"), 7: senml([{ 0: "/42769/0/31", 2: 1 }]), 19: 112 });

    expect(peer.bench.fleet.value("CB-1", "Position").value).toBe(2);
  });

  it("of endpoints that nobody admits leave nothing behind, neither memory nor timers", async () => {
    const bench = await Lwm2mBench.open();
    const register = encodeCbor(mapOf({ 1: 6, 2: 1, 7: Buffer.from("</4/0>"), 8: 0, 9: "1.2", 19: 40 }));
    for (let i = 0; i < 2_500; i += 1) bench.deliver(`lwm2m/rd/F-${i}`, register);
    const update = encodeCbor(mapOf({ 1: 7, 2: 2 }));
    bench.broker.last.published.length = 0;

    bench.deliver("lwm2m/rd/F-0", update);
    bench.deliver("lwm2m/rd/F-2499", update);

    const results = bench.published.map(({ payload }) => (decodeCbor(payload) as CborMap).get(18));
    expect(results).toEqual([404, 204]);
  });

  it("of an endpoint that cannot be a device are dropped", async () => {
    const bench = await Lwm2mBench.open();

    for (const name of ["", "a/b", "ü", "x".repeat(65)])
      bench.deliver(`lwm2m/rd/${name}`, encodeCbor(mapOf({ 1: 6, 2: 1 })));

    expect(bench.fleet.traffic.rejected["invalid-topic"]).toBe(4);
  });

  it("never throw and always balance", async () => {
    const peer = await OmaPeer.registered();

    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 80 }),
        fc.integer({ min: 0, max: 30 }),
        fc.constantFrom(0, 40, 60, 110, 112, 11_542, 11_544),
        (bytes, operation, format) => {
          peer.bench.deliver(topic, bytes);
          peer.say({ 1: operation, 2: 1, 7: bytes, 19: format });
          const [messages = 0, accepted = 0, rejected = 0] = peer.bench.balance;
          return messages === accepted + rejected;
        },
      ),
      { numRuns: 500 },
    );
  });
});
