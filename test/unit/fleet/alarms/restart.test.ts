import { describe, expect, it } from "vitest";
import { AlarmKeeper } from "#fleet/alarms/alarm-keeper.ts";
import type { AlarmStore, KeptAlarm } from "#fleet/alarms/ports.ts";
import type { AlarmState } from "#model/alarm-state.ts";
import { AlarmFleet, operator } from "../../../support/alarm-fleet.ts";
import { refusalOf } from "../../../support/failure-of.ts";
import { silentLogger } from "../../../support/silent-logger.ts";

class MemoryStore implements AlarmStore {
  readonly kept = new Map<string, AlarmState>();
  saves = 0;
  failure: Error | undefined;

  load(): Promise<readonly KeptAlarm[]> {
    return Promise.resolve([...structuredClone(this.kept)].map(([id, state]) => ({ id, state })));
  }

  save(changes: readonly KeptAlarm[]): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    this.saves += 1;
    for (const { id, state } of structuredClone(changes)) {
      if (state === undefined) this.kept.delete(id);
      else this.kept.set(id, state);
    }
    return Promise.resolve();
  }
}

const overload = { name: "Overload", when: "CurrentPhaseA > 100", onDelayMs: 1_000, ne107: "S" as const };
const id = "CB-1/Overload";

async function running(store: MemoryStore): Promise<AlarmFleet> {
  const fleet = new AlarmFleet([overload], { kept: await store.load() });
  const { clock } = fleet;
  const keeper = new AlarmKeeper({ store, clock, log: silentLogger(), all: () => fleet.alarms.kept() });
  fleet.alarms.onState((name, state) => keeper.note(name, state));
  return fleet;
}

async function written(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

describe("a restart", () => {
  it("restores what was active, who acknowledged it, the comment and the shelving with its end", async () => {
    const store = new MemoryStore();
    const before = await running(store);
    before.sample("CurrentPhaseA", 120);
    before.clock.advance(1_000);
    before.alarms.acknowledge(id, operator, "on my way");
    before.alarms.shelve(id, 60_000, operator);
    before.clock.advance(100);
    await written();

    const after = await running(store);

    expect(after.state("Overload")).toEqual(before.state("Overload"));
    expect(after.retained).toContain(id);
    expect(after.alarms.health.of(after.breaker)).toBe("off-spec");
    after.clock.advance(61_000);
    expect(after.state("Overload").shelving).toBe("unshelved");
  });

  it("clears what has gone meanwhile once the device says so, and not before", async () => {
    const store = new MemoryStore();
    const before = await running(store);
    before.sample("CurrentPhaseA", 120);
    before.clock.advance(1_100);
    await written();

    const after = await running(store);
    after.clock.advance(60_000);
    expect(after.state("Overload").active).toBe(true);
    after.sample("CurrentPhaseA", 50);

    expect(after.state("Overload")).toMatchObject({ active: false, acknowledged: false });
    expect(after.alarms.health.of(after.breaker)).toBe("normal");
  });

  it("still knows the event that the user saw", async () => {
    const store = new MemoryStore();
    const before = await running(store);
    before.sample("CurrentPhaseA", 120);
    before.clock.advance(1_100);
    await written();
    const after = await running(store);

    expect(refusalOf(() => after.alarms.acknowledge(id, operator, "", "f".repeat(32)))).toBe("alarm-event-unknown");
    after.alarms.acknowledge(id, operator, "", before.state("Overload").eventId);

    expect(after.state("Overload").acknowledged).toBe(true);
  });

  it("does not know an alarm any more that was over", async () => {
    const store = new MemoryStore();
    const fleet = await running(store);
    fleet.sample("CurrentPhaseA", 120);
    fleet.clock.advance(1_000);
    fleet.sample("CurrentPhaseA", 50);
    fleet.alarms.acknowledge(id, operator, "");
    fleet.clock.advance(100);
    await written();

    expect([...store.kept.keys()]).toEqual([]);
  });

  it("writes a storm at once, and again what could not be written", async () => {
    const store = new MemoryStore();
    const fleet = await running(store);
    store.failure = new Error("disk full");
    for (let n = 2; n <= 200; n += 1) {
      const device = fleet.announce(`CB-${n}`, `G/N/CB-${n}`);
      if (device !== undefined) fleet.sampleOf(device, "CurrentPhaseA", 120);
    }
    fleet.clock.advance(1_100);
    await written();
    store.failure = undefined;
    fleet.clock.advance(5_000);
    await written();

    expect(store.saves).toBe(1);
    expect([...store.kept.keys()].filter((name) => name.endsWith("/Overload"))).toHaveLength(199);
  });
});
