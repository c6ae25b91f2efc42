import { describe, expect, it } from "vitest";
import { type Impairment, noImpairment } from "#simulator/fleet/impairment.ts";
import { type Message, Outbox } from "#simulator/fleet/outbox.ts";
import { Random } from "#simulator/random.ts";

function message(name: string): Message {
  return { topic: name, payload: Buffer.from(`payload of ${name}`), qos: 0 };
}

function sendAll(impairment: Partial<Impairment>, count = 1_000) {
  const delivered: Message[] = [];
  const later: { delayMs: number; action: () => void }[] = [];
  const outbox = new Outbox(
    (each) => delivered.push(each),
    new Random("1"),
    (delayMs, action) => later.push({ delayMs, action }),
  );
  for (let i = 0; i < count; i += 1) outbox.send(message(String(i)), { ...noImpairment, ...impairment });
  return { outbox, delivered, later, topics: delivered.map(({ topic }) => topic) };
}

describe("an outbox", () => {
  it("delivers in order without impairment", () => {
    expect(sendAll({}, 5).topics).toEqual(["0", "1", "2", "3", "4"]);
  });

  it("drops the given share and counts it", () => {
    const { outbox, delivered } = sendAll({ drop: 0.2 });

    expect(outbox.counts.dropped).toBe(1_000 - delivered.length);
    expect(outbox.counts.dropped).toBeGreaterThan(150);
    expect(outbox.counts.dropped).toBeLessThan(250);
  });

  it("delivers duplicates right behind the original", () => {
    const { outbox, topics } = sendAll({ duplicate: 0.3 });

    expect(topics).toHaveLength(1_000 + outbox.counts.duplicated);
    expect(outbox.counts.duplicated).toBeGreaterThan(200);
  });

  it("swaps reordered messages with their followers and loses none", () => {
    const { outbox, topics, later } = sendAll({ reorder: 0.2 });
    for (const { action } of later) action();

    expect(outbox.counts.reordered).toBeGreaterThan(100);
    expect(topics).not.toEqual(topics.toSorted((a, b) => Number(a) - Number(b)));
    expect(new Set(topics).size).toBe(1_000);
  });

  it("releases a kept message after a second when nothing follows", () => {
    const { delivered, later } = sendAll({ reorder: 1 }, 1);
    expect(delivered).toEqual([]);
    expect(later[0]?.delayMs).toBe(1_000);

    later[0]?.action();

    expect(delivered.map(({ topic }) => topic)).toEqual(["0"]);
  });

  it("delivers malformed payloads instead of the good ones", () => {
    const { outbox, delivered } = sendAll({ malformed: 1 }, 200);

    expect(outbox.counts.malformed).toBe(200);
    const intact = delivered.filter(({ topic, payload }) => payload.toString("utf8") === `payload of ${topic}`);
    expect(intact.length).toBeLessThan(5);
  });

  it("delays every message", () => {
    const { delivered, later } = sendAll({ delayMs: 250 }, 3);

    expect(delivered).toEqual([]);
    expect(later.map(({ delayMs }) => delayMs)).toEqual([250, 250, 250]);
  });
});
