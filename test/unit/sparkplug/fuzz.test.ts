import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MetricReader } from "#transport/sparkplug/codec/metric-reader.ts";
import { PayloadDecoder } from "#transport/sparkplug/codec/payload-decoder.ts";
import { PayloadEncoder } from "#transport/sparkplug/codec/payload-encoder.ts";
import { parseFlatEvent } from "#transport/sparkplug/flat-event.ts";
import { PointCompiler } from "#transport/sparkplug/point-compiler.ts";
import { parseState } from "#transport/sparkplug/state-message.ts";
import { parseUplinkTopic } from "#transport/sparkplug/topic.ts";
import { anyMetric } from "./arbitrary-payload.ts";
import { type PeerMetric, peerPayload } from "./edge-peer.ts";
import { breakerBirth, connectedTransport } from "./panel-peer.ts";

/** Time per target: short in the daily run; CI gives ten seconds. */
const fuzzMs = Number(process.env["FDI_HOST_FUZZ_MS"] ?? 300);
const budget = { numRuns: 100_000_000, interruptAfterTimeLimit: fuzzMs };
const timeout = fuzzMs + 20_000;

const encoder = new PayloadEncoder();
const validPayload = fc
  .tuple(fc.array(anyMetric, { maxLength: 5 }), fc.nat(255))
  .map(([metrics, seq]) => new Uint8Array(encoder.encode({ metrics, seq, timestamp: 1_773_042_300_000 })));

/** A payload with some bytes replaced, cut off or doubled. */
const mutatedPayload = fc
  .tuple(validPayload, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }), fc.nat(), fc.nat(40))
  .map(([valid, edits, cut, doubled]) => {
    const bytes = Uint8Array.from(valid);
    for (const [at, byte] of edits) if (bytes.length > 0) bytes[at % bytes.length] = byte;
    const kept = bytes.subarray(0, bytes.length - (cut % 4 === 0 ? cut % (bytes.length + 1) : 0));
    return Uint8Array.from([...kept, ...kept.subarray(0, doubled % 5 === 0 ? doubled : 0)]);
  });

const anyPayload = fc.oneof(
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }) },
  { weight: 4, arbitrary: mutatedPayload },
  { weight: 1, arbitrary: validPayload },
);

const decoder = new PayloadDecoder();
const reader = new MetricReader();
const compiler = new PointCompiler();

/** Decodes bytes and reads all that can be read of them. */
function readAll(bytes: Uint8Array): void {
  const begin = process.threadCpuUsage();
  const result = decoder.decode(bytes);
  expect(decoder.columns.size).toBeLessThanOrEqual(result.ok ? 10_000 : 0);
  reader.metrics(decoder);
  compiler.points(decoder, { owner: "D", package: undefined, trustsDatatypes: true });
  compiler.offers(decoder);
  const used = process.threadCpuUsage(begin);
  expect((used.user + used.system) / 1000).toBeLessThan(250);
}

describe("any bytes", () => {
  it(
    "never throw past the decoder, nor take long",
    () => {
      fc.assert(fc.property(anyPayload, readAll), budget);
    },
    timeout,
  );

  it("that once broke something are read, or refused", () => {
    const folder = path.join(import.meta.dirname, "../../fixtures/sparkplug/regressions");
    const files = readdirSync(folder).filter((file) => file.endsWith(".hex"));
    for (const file of files) {
      const text = readFileSync(path.join(folder, file), "utf8").replaceAll(/#.*|\s/g, "");
      readAll(Uint8Array.from(Buffer.from(text, "hex")));
    }

    expect(files.length).toBeGreaterThan(0);
  });

  it(
    "as topics name nothing but what the rule for names allows",
    () => {
      const level = fc.oneof(
        fc.constantFrom("spBv1.0", "Demo", "NBIRTH", "DDATA", "DDEATH", "panel-1", "+", "#", "", "~", "a/b"),
        fc.string({ unit: "binary", maxLength: 80 }),
      );
      const topic = fc.oneof(
        fc.array(level, { maxLength: 7 }).map((levels) => levels.join("/")),
        fc.string({ unit: "binary", maxLength: 300 }),
      );
      fc.assert(
        fc.property(topic, (text) => {
          const parsed = parseUplinkTopic(text);
          if (parsed === undefined) return;
          for (const id of [parsed.group, parsed.edgeNode, parsed.device ?? "x"]) {
            expect(id).toMatch(/^(~|[A-Za-z0-9 ._:@-]{1,64})$/);
          }
        }),
        budget,
      );
    },
    timeout,
  );

  it(
    "as STATE or as JSON on a data topic are a state or an event, or nothing",
    () => {
      const json = fc.oneof(
        fc.json({ depthSize: "medium" }).map((text) => Buffer.from(text)),
        fc.uint8Array({ maxLength: 100 }),
        fc
          .record({ event_type: fc.string(), timestamp: fc.jsonValue(), reason: fc.jsonValue() })
          .map((event) => Buffer.from(JSON.stringify(event))),
      );
      fc.assert(
        fc.property(json, (bytes) => {
          const state = parseState(bytes);
          expect(["undefined", "boolean"]).toContain(typeof state?.online);
          const event = parseFlatEvent(bytes, 1);
          expect(Number.isNaN(event?.at ?? 0)).toBe(false);
        }),
        budget,
      );
    },
    timeout,
  );
});

const step = fc.record({
  type: fc.constantFrom("NBIRTH", "DBIRTH", "DBIRTH", "DDATA", "DDATA", "DDATA", "NDATA", "DDEATH", "NDEATH"),
  device: fc.constantFrom("CB-0001", "CB-0002"),
  isFlat: fc.boolean(),
  /** Distance from the number that would be right; mostly none. */
  skip: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.integer({ min: -3, max: 3 }), fc.nat(255)),
  content: fc.oneof({ weight: 3, arbitrary: fc.constant("data" as const) }, { weight: 1, arbitrary: anyPayload }),
  waitMs: fc.constantFrom(0, 0, 0, 100, 3000, 20_000),
});

const dataMetrics: PeerMetric[] = [
  { alias: 11, type: "Float", value: 1.5 },
  { name: "Breaker/Position", type: "Int32", value: 1 },
];

describe("any sequence of messages", () => {
  it(
    "leaves each of them accepted, rejected or held, and never throws",
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
          const { transport, broker, clock, uplink } = await connectedTransport();
          let seq = 0;
          for (const { type, device, isFlat, skip, content, waitMs } of steps) {
            clock.advance(waitMs);
            if (type === "NBIRTH") seq = 0;
            const metrics = type.endsWith("BIRTH") ? breakerBirth : dataMetrics;
            const payload = content === "data" ? peerPayload(clock.now(), metrics, (seq + skip) & 255) : content;
            const place =
              isFlat && type.startsWith("D") ? device : `panel-1${type.startsWith("D") ? `/${device}` : ""}`;
            broker.deliver(`spBv1.0/Demo/${type}/${place}`, payload);
            if (!isFlat) seq = (seq + 1) & 255;
          }
          clock.advance(5000);
          await transport[Symbol.asyncDispose]();

          expect(uplink.taken + uplink.rejections.length).toBe(uplink.messages);
          expect(uplink.messages).toBe(steps.length);
        }),
        budget,
      );
    },
    timeout,
  );
});
