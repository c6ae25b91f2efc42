import { describe, expect, it } from "vitest";
import type { PresenceRecord, PresenceStore } from "#fleet/ports.ts";
import { PresenceBoard } from "#fleet/presence.ts";
import { PresenceAging } from "#fleet/presence-aging.ts";
import { PresenceKeeper } from "#fleet/presence-keeper.ts";
import { HostError } from "#model/errors.ts";
import { silentLogger } from "../../support/silent-logger.ts";
import { TestFleet } from "../../support/test-fleet.ts";

const day = 86_400_000;

class MemoryStore implements PresenceStore {
  records: readonly PresenceRecord[] = [];

  load(): Promise<readonly PresenceRecord[]> {
    return Promise.resolve(this.records);
  }

  save(records: readonly PresenceRecord[]): Promise<void> {
    this.records = structuredClone(records);
    return Promise.resolve();
  }
}

async function turns(): Promise<void> {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
}

describe("presence", () => {
  it("forgets a device with all the ways to it", () => {
    const fleet = new TestFleet();
    const way = fleet.registry.link(fleet.breaker, "json", "iot/CB-1");
    fleet.presence.set(way, "online", 1, "it reports");

    fleet.presence.forget(fleet.breaker);

    expect([fleet.breaker, way].map((record) => fleet.presence.of(record).state)).toEqual(["unknown", "unknown"]);
  });

  it("notes when a device was last seen, without calling that a change", () => {
    const fleet = new TestFleet();
    const { since } = fleet.presence.of(fleet.breaker);

    fleet.clock.advance(5_000);
    fleet.sample("CurrentPhaseA", 10);
    fleet.clock.advance(1_000);

    expect(fleet.presence.of(fleet.breaker)).toMatchObject({ state: "online", since, lastSeen: since + 5_000 });
  });

  it("keeps when it was last seen while it is gone", () => {
    const fleet = new TestFleet();
    const seen = fleet.clock.now();
    fleet.clock.advance(60_000);

    fleet.ingest.presence(fleet.breaker, "stale", fleet.clock.now(), "silence");

    expect(fleet.presence.of(fleet.breaker)).toMatchObject({ state: "stale", since: seen + 60_000, lastSeen: seen });
  });

  it("tells when the host tries again, as long as there is something to try", () => {
    const fleet = new TestFleet();
    const board = new PresenceBoard({ nextAttemptOf: () => 4_711 });
    board.set(fleet.breaker, "stale", 0, "broker lost");

    expect(board.nextRetry(fleet.breaker)).toBe(4_711);
    board.set(fleet.breaker, "online", 0, "birth");
    expect(board.nextRetry(fleet.breaker)).toBeUndefined();
  });
});

describe("presence over a restart", () => {
  it("is never just now: a device that was online is stale, and was last seen when it was", async () => {
    const store = new MemoryStore();
    const before = new TestFleet();
    const seen = before.clock.now();
    {
      await using _keeper = await PresenceKeeper.open({
        board: before.presence,
        store,
        clock: before.clock,
        log: silentLogger(),
      });
      before.clock.advance(20_000);
    }
    const after = new PresenceBoard();
    after.restore(store.records, seen + day);

    expect(after.of(before.breaker)).toEqual({
      state: "stale",
      since: seen + day,
      reason: "not heard of since the host started",
      lastSeen: seen,
    });
  });

  it("keeps what was offline or retired as it was", () => {
    const fleet = new TestFleet();
    const board = new PresenceBoard();
    const record = { id: fleet.breaker.id, since: 5, reason: "it said goodbye", lastSeen: 4 };

    for (const state of ["offline", "retired"] as const) {
      board.restore([{ ...record, state }], 1_000);
      expect(board.of(fleet.breaker)).toMatchObject({ state, since: 5, reason: "it said goodbye", lastSeen: 4 });
    }
  });

  it("is saved now and then, so that a killed host forgets a minute at most, and keeps devices that nobody asked about", async () => {
    const store = new MemoryStore();
    const fleet = new TestFleet();
    const other: PresenceRecord = {
      id: fleet.announce("CB-2", "G/N/CB-2")?.id ?? fleet.breaker.id,
      state: "offline",
      since: 1,
      reason: "",
    };
    store.records = [other];
    await using _keeper = await PresenceKeeper.open({
      board: fleet.presence,
      store,
      clock: fleet.clock,
      log: silentLogger(),
    });

    fleet.clock.advance(59_000);
    fleet.sample("CurrentPhaseA", 1);
    fleet.clock.advance(1_000);
    await turns();

    expect(store.records.map(({ id, state, lastSeen }) => [id, state, lastSeen])).toEqual([
      ["CB-2", "offline", undefined],
      ["CB-1", "online", fleet.clock.now() - 1_000],
    ]);
  });

  it("starts empty when what was kept cannot be read", async () => {
    const fleet = new TestFleet();
    const store: PresenceStore = {
      load: () => Promise.reject(new HostError("config-invalid", "damaged")),
      save: () => Promise.resolve(),
    };

    await using _keeper = await PresenceKeeper.open({
      board: new PresenceBoard(),
      store,
      clock: fleet.clock,
      log: silentLogger(),
    });
    expect(fleet.presence.of(fleet.breaker).state).toBe("online");
  });
});

describe("a silent device", () => {
  it("ages from stale over offline to retired, and is online again with its first word", () => {
    const fleet = new TestFleet();
    const { clock, registry, presence, ingest } = fleet;
    using _aging = new PresenceAging({ board: presence, registry, uplink: ingest, clock });
    ingest.presence(fleet.breaker, "stale", clock.now(), "no message for 30 s");
    const state = (): string => presence.of(fleet.breaker).state;

    clock.advance(14 * 60_000);
    expect(state()).toBe("stale");
    clock.advance(60_000);
    expect(presence.of(fleet.breaker)).toMatchObject({
      state: "offline",
      reason: "stale for 15 min: no message for 30 s",
    });
    clock.advance(31 * day);
    expect(state()).toBe("retired");

    ingest.presence(fleet.breaker, "online", clock.now(), "it reports");
    expect(state()).toBe("online");
  });
});
