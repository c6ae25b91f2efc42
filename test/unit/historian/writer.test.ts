import { describe, expect, it } from "vitest";
import { JournalFull } from "#historian/journal/record-journal.ts";
import { SeriesTable } from "#historian/series-table.ts";
import { HistoryWriter, type HistoryWriterOptions } from "#historian/writer.ts";
import { type WriterCounters, WriterTally } from "#historian/writer-tally.ts";
import { HostError } from "#model/errors.ts";
import { Quality } from "#model/quality.ts";
import { SampleBatch, SampleFlag } from "#model/sample-batch.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { columnsOf, testSeries } from "../../support/history-columns.ts";
import { testDevice } from "../../support/history-samples.ts";
import { MemoryJournal } from "../../support/memory-journal.ts";
import { MemoryStore } from "../../support/memory-store.ts";
import { silentLogger } from "../../support/silent-logger.ts";

const device = testDevice("CB-1", [
  { name: "Current" },
  { name: "Label", dataType: "string" },
  { name: "Secret", history: { historize: false } },
]);

function setup(options: Partial<HistoryWriterOptions> = {}, journal = new MemoryJournal()) {
  const store = new MemoryStore();
  const clock = new FakeClock();
  const refused: number[] = [];
  const writer = new HistoryWriter({
    store,
    journal,
    series: new SeriesTable(),
    tally: new WriterTally(),
    clock,
    logger: silentLogger(),
    random: () => 0.5,
    onRefused: async (rows) => {
      refused.push(...rows.map(({ row }) => row.values[0] ?? Number.NaN));
    },
    ...options,
  });
  const send = (...values: readonly number[]) => {
    const batch = new SampleBatch();
    batch.reset(clock.now());
    for (const [i, value] of values.entries()) batch.add(0, value, clock.now() + i, Quality.good);
    writer.accept(device, batch);
  };
  return { store, journal, clock, writer, send, refused };
}

const down = () => new HostError("history-unavailable", "no route");

/** Small batches, so that a few samples are many. */
const small = { limits: { recordRows: 1, batchRows: 1 } };

/** Lets the promises run that are ready. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const balance = ({ accepted, recovered, stored, merged, queued, dropped }: WriterCounters): number =>
  accepted + recovered - stored - merged - queued - Object.values(dropped).reduce((sum, count) => sum + count, 0);

describe("HistoryWriter", () => {
  it("saves a record when it is full and stores a batch when it is full, without waiting for timers", async () => {
    const { store, journal, send } = setup({ limits: { recordRows: 2, batchRows: 4 } });

    send(1, 2);
    await settle();
    expect(journal.lastSeq).toBe(1);
    expect(store.values).toEqual([]);

    send(3, 4);
    await settle();
    expect(store.values).toEqual([3, 4]);
  });

  it("saves and stores what is not full when it is old enough", async () => {
    const { store, journal, clock, send } = setup();
    send(1);

    clock.advance(99);
    await settle();
    expect(journal.lastSeq).toBe(0);
    clock.advance(1);
    await settle();
    expect(journal.lastSeq).toBe(1);

    clock.advance(249);
    await settle();
    expect(store.values).toEqual([]);
    clock.advance(1);
    await settle();
    expect(store.values).toEqual([1]);
  });

  it("keeps texts and qualities, and neither transient samples nor parameters without history", async () => {
    const { store, clock, writer } = setup();
    const batch = new SampleBatch();
    batch.reset(clock.now());
    batch.add(0, 1, clock.now(), Quality.badNoCommunication, SampleFlag.historical);
    batch.add(0, 2, clock.now() + 1, Quality.good, SampleFlag.transient);
    batch.addText(1, "closed", clock.now(), Quality.good);
    batch.add(2, 3, clock.now(), Quality.good);

    writer.accept(device, batch);
    await writer.flush();

    const [rows] = store.appended;
    expect([...(rows?.statuses ?? [])]).toEqual([Quality.badNoCommunication | 0, 0]);
    expect(rows?.texts).toEqual([undefined, "closed"]);
    expect([...(rows?.values ?? [])]).toEqual([1, Number.NaN]);
  });

  it("stores when it received a sample only where the device clock is off", async () => {
    const { store, clock, writer } = setup();
    const batch = new SampleBatch();
    batch.reset(clock.now());
    batch.add(0, 1, clock.now() - 3_600_000, Quality.good);
    batch.add(0, 2, clock.now(), Quality.good);

    writer.accept(device, batch);
    await writer.flush();

    expect([...(store.appended[0]?.serverTimes ?? [])]).toEqual([clock.now(), Number.NaN]);
  });

  it("counts a sample of the same series and time once as stored and once as merged", async () => {
    const { store, writer, send } = setup();
    send(1);
    send(2);

    await writer.flush();

    expect(store.values).toEqual([2]);
    expect(writer.counters()).toMatchObject({ accepted: 2, stored: 1, merged: 1 });
    expect(balance(writer.counters())).toBe(0);
  });

  it("holds what a store that is down does not take and writes it in order when it is back", async () => {
    const { store, clock, writer, send } = setup(small);
    store.failure = down();
    send(1);
    await settle();
    clock.advance(1);
    send(2);
    await settle();
    expect(writer.trouble()).toMatchObject({ place: "store", text: "no route" });
    await expect(writer.flush()).rejects.toMatchObject({ code: "history-unavailable" });

    store.failure = undefined;
    clock.advance(250);
    await settle();

    expect(store.values).toEqual([1, 2]);
    expect(writer.trouble()).toBeUndefined();
    expect(writer.counters()).toMatchObject({ accepted: 2, stored: 2, queued: 0 });
  });

  it("waits twice as long after each failure, up to ten seconds", async () => {
    const { store, clock, send } = setup(small);
    let attempts = 0;
    store.ensureSeries = async () => {
      attempts += 1;
      throw down();
    };
    send(1);
    await settle();

    const after: number[] = [];
    for (let second = 1; second <= 40; second += 1) {
      const before = attempts;
      clock.advance(1000);
      await settle();
      if (attempts > before) after.push(second);
    }

    expect(after).toEqual([1, 2, 3, 5, 9, 17, 27, 37]);
  });

  it("confirms samples as durable once the journal has them, whether or not the store is there", async () => {
    const { store, clock, journal, writer, send } = setup();
    store.failure = down();
    send(1);
    let isDurable = false;
    const durable = writer.durable().then(() => {
      isDurable = true;
    });

    await settle();
    expect(isDurable).toBe(false);
    clock.advance(100);
    await durable;

    expect(journal.records).toHaveLength(1);
  });

  it("confirms nothing while the journal takes nothing, keeps the samples and saves them later", async () => {
    const { store, journal, clock, writer, send } = setup();
    journal.failure = new JournalFull("full");
    send(1);
    let isDurable = false;
    const durable = writer.durable().then(() => {
      isDurable = true;
    });
    clock.advance(100);
    await settle();
    expect(writer.trouble()).toMatchObject({ place: "journal", isFull: true, text: "full" });
    expect(writer.counters().queued).toBe(1);
    await expect(writer.flush()).rejects.toMatchObject({ code: "history-unavailable" });
    expect(isDurable).toBe(false);

    journal.failure = undefined;
    clock.advance(1000);
    await durable;
    await writer.flush();

    expect(store.values).toEqual([1]);
  });

  it("drops and counts what neither the journal nor memory can hold, and does not confirm it", async () => {
    const { journal, writer, send } = setup({ limits: { recordRows: 2, maxUnsavedRows: 3 } });
    journal.failure = new JournalFull("full");

    send(1, 2);
    send(3, 4);
    send(5);
    await settle();

    expect(writer.counters()).toMatchObject({ accepted: 5, queued: 4, dropped: { "queue-full": 1 } });
    expect(balance(writer.counters())).toBe(0);
    await expect(writer.durable()).rejects.toMatchObject({ code: "history-unavailable" });
  });

  it("drops and counts what no store can hold", async () => {
    const { store, clock, writer } = setup();
    const batch = new SampleBatch();
    batch.reset(clock.now());
    batch.add(0, 1, Number.NaN, Quality.good);
    batch.add(0, 2, 1e300, Quality.good);
    batch.addText(1, "a\0b", clock.now(), Quality.good);
    batch.add(0, 3, clock.now(), Quality.good);

    writer.accept(device, batch);
    await writer.flush();

    expect(store.values).toEqual([3]);
    expect(writer.counters().dropped).toMatchObject({ "time-out-of-range": 2, "text-not-storable": 1 });
    expect(balance(writer.counters())).toBe(0);
  });

  it("leaves out only the rows that the store refuses", async () => {
    const { store, writer, send, refused } = setup();
    store.refuses = (value) => value === 3 || value === 8;

    send(...Array.from({ length: 100 }, (_, i) => i));
    await writer.flush();

    expect(refused).toEqual([3, 8]);
    expect(store.values).toHaveLength(98);
    expect(writer.counters()).toMatchObject({ stored: 98, queued: 0, dropped: { "refused-by-store": 2 } });
    expect(balance(writer.counters())).toBe(0);
  });

  it("stores what an earlier run left in the journal", async () => {
    const left = [1, 2, 3].map((seq) => ({ seq, batch: columnsOf(0, seq, [seq]) }));
    const series = new SeriesTable();
    series.numberOfInfo(testSeries(0));
    const { store, writer } = setup({ series }, new MemoryJournal(left));

    await writer.flush();

    expect(store.values).toEqual([1, 2, 3]);
  });

  it("reads back from the journal what it does not hold in memory", async () => {
    const { store, clock, writer, send } = setup({ limits: { recordRows: 1, batchRows: 10, maxHeldRows: 3 } });
    store.failure = down();
    for (let i = 0; i < 20; i += 1) {
      send(i);
      clock.advance(1);
      await settle();
    }

    store.failure = undefined;
    for (let i = 0; i < 20 && writer.counters().queued > 0; i += 1) {
      clock.advance(1000);
      await settle();
    }

    expect(store.values).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(writer.counters()).toMatchObject({ stored: 20, queued: 0 });
    expect(balance(writer.counters())).toBe(0);
  });

  it("stores new samples ahead of a backlog, but none that could be overwritten by it", async () => {
    const left = [1, 2, 3].map((seq) => ({ seq, batch: columnsOf(0, seq, [seq]) }));
    const series = new SeriesTable();
    series.numberOfInfo({ ...testSeries(0), key: "CB-1/Current" });
    const tally = new WriterTally();
    tally.recovered(3);
    const store = new MemoryStore();
    let release: (() => void) | undefined;
    store.append = async (rows) => {
      // The first batch of the backlog takes its time.
      if (store.appended.push(rows) === 1) await new Promise<void>((resolve) => (release = resolve));
    };
    const { clock, writer, send } = setup({ ...small, store, series, tally }, new MemoryJournal(left));
    await settle();
    expect(store.values).toEqual([1]);

    send(9);
    const late = new SampleBatch();
    late.reset(clock.now());
    late.add(0, 8, 2, Quality.good, SampleFlag.historical);
    writer.accept(device, late);
    await settle();
    expect(store.values).toEqual([1, 9]);

    release?.();
    await writer.flush();
    // The two in one batch, by time.
    expect(store.values).toEqual([1, 9, 2, 3, 8, 9]);
    expect(balance(writer.counters())).toBe(0);
  });

  it("asks for the names of series again when the store was away", async () => {
    const { store, clock, writer, send } = setup(small);
    send(1);
    await writer.flush();
    let asked = 0;
    const ask = store.ensureSeries.bind(store);
    store.ensureSeries = async (series) => {
      asked += 1;
      return ask(series);
    };

    clock.advance(1);
    send(2);
    await writer.flush();
    expect(asked).toBe(0);

    store.generation += 1;
    clock.advance(1);
    send(3);
    await writer.flush();
    expect(asked).toBe(1);
  });

  it("writes everything out when it is closed, even while a retry waits", async () => {
    const { store, journal, clock, writer, send } = setup(small);
    store.failure = down();
    send(1);
    await settle();
    store.failure = undefined;
    clock.advance(1);
    send(2);

    await writer.close();

    expect(store.values).toEqual([1, 2]);
    expect(journal.committed).toBe(2);
    expect(balance(writer.counters())).toBe(0);
  });

  it("leaves in the journal what a store that stays down never took, and takes nothing after close", async () => {
    const { store, journal, clock, writer, send } = setup();
    store.failure = down();
    send(1);

    await writer.close();
    send(2);

    expect(journal.records).toHaveLength(1);
    expect(journal.committed).toBe(0);
    expect(writer.counters()).toMatchObject({ queued: 1, dropped: { "not-stored-before-close": 1 } });
    expect(balance(writer.counters())).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it("counts what it could not even save when it is closed", async () => {
    const { journal, clock, writer, send } = setup();
    journal.failure = new JournalFull("full");
    send(1);

    await writer.close();

    expect(writer.counters()).toMatchObject({ queued: 0, dropped: { "not-stored-before-close": 1 } });
    expect(clock.pending).toBe(0);
  });
});
