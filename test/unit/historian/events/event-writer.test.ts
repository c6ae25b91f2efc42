import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EventWriter } from "#historian/events/event-writer.ts";
import { defaultJournalLimits, type JournalLimits } from "#historian/journal/journal.ts";
import { systemClock } from "#lib/clock.ts";
import { HostError } from "#model/errors.ts";
import { MemoryEventStore } from "../../../support/memory-store.ts";
import { silentLogger } from "../../../support/silent-logger.ts";
import { testEvent } from "../../../support/test-events.ts";

let folder: string;
let store: MemoryEventStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "events-"));
  store = new MemoryEventStore();
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (limits: Partial<JournalLimits> = {}): Promise<EventWriter> =>
  EventWriter.open({
    folder,
    limits: { ...defaultJournalLimits, minFreeBytes: 0, ...limits },
    store,
    clock: systemClock,
    logger: silentLogger(),
    random: () => 0,
  });

const query = { device: undefined, from: undefined, to: undefined, reverse: false, limit: 10 };
const down = () => new HostError("history-unavailable", "no route");

describe("EventWriter", () => {
  it("stores a storm of events in order and shows them at once", async () => {
    await using writer = await open();
    const events = Array.from({ length: 500 }, (_, i) => testEvent(i, 1000 + i));

    for (const event of events) writer.append(event);

    expect((await writer.read(query)).events).toEqual(events);
    expect(writer.counters()).toEqual({ appended: 500, recovered: 0, stored: 500, queued: 0, dropped: 0 });
  });

  it("has room for all alarms of the largest fleet at once, and a bound", async () => {
    await using writer = await open();
    const event = testEvent(1, 1000);

    for (let i = 0; i < 10_000 * 12 * 2; i += 1) writer.append(event);
    expect(writer.counters()).toMatchObject({ appended: 240_000, dropped: 0 });

    for (let i = 0; i < 20_000; i += 1) writer.append(event);
    expect(writer.counters()).toMatchObject({ queued: 250_000, dropped: 10_000 });
  });

  it("keeps what the store does not take over a restart", async () => {
    store.failure = down();
    const first = await open();
    const events = [1, 2, 3].map((n) => testEvent(n, n));
    for (const event of events) first.append(event);
    await first.durable();
    await expect(first.read(query)).rejects.toMatchObject({ code: "history-unavailable" });
    await first[Symbol.asyncDispose]();
    store.failure = undefined;

    await using second = await open();

    expect((await second.read(query)).events).toEqual(events);
    expect(second.counters()).toMatchObject({ recovered: 3, stored: 3, queued: 0 });
  });

  it("leaves out only an event that the store refuses, and keeps that one for a person", async () => {
    await using writer = await open();
    store.refuses = (event) => event.eventId.endsWith("5");

    for (let n = 0; n < 10; n += 1) writer.append(testEvent(n, n));

    expect((await writer.read(query)).events).toHaveLength(9);
    expect(writer.counters()).toMatchObject({ stored: 9, dropped: 1 });
    expect(readFileSync(join(folder, "quarantine", "refused.ndjson"), "utf8")).toContain('"81 °C, 5"');
  });

  it("gives an event whose time no store can hold the time of its receipt", async () => {
    await using writer = await open();

    writer.append(testEvent(1, Number.NaN, { receivedAt: 77 }));

    expect((await writer.read(query)).events).toMatchObject([{ at: 77 }]);
  });

  it("says that its journal is full, and goes on when there is room", async () => {
    store.failure = down();
    await using writer = await open({ maxBytes: 20_000, segmentBytes: 4000 });
    for (let n = 0; n < 30; n += 1) writer.append(testEvent(n, n));
    await expect(writer.read(query)).rejects.toThrow();
    for (let i = 0; i < 200 && writer.trouble()?.place !== "journal"; i += 1) await new Promise(setImmediate);
    expect(writer.trouble()).toMatchObject({ place: "journal", isFull: true });

    store.failure = undefined;
    for (let i = 0; i < 200 && writer.counters().stored < 30; i += 1) await new Promise((done) => setTimeout(done, 50));

    expect(writer.counters()).toMatchObject({ appended: 30, stored: 30, queued: 0, dropped: 0 });
    expect([...store.stored.values()].map((event) => event.at)).toEqual(Array.from({ length: 30 }, (_, i) => i));
  });
});
