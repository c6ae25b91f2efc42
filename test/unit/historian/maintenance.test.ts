import { describe, expect, it } from "vitest";
import { Maintenance } from "#historian/maintenance.ts";
import { HostError } from "#model/errors.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { MemoryStore } from "../../support/memory-store.ts";
import { silentLogger } from "../../support/silent-logger.ts";

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function setup(due: number, rawMs?: number) {
  const calls: string[] = [];
  const clock = new FakeClock(1_000_000_000);
  const store = new MemoryStore();
  store.maintain = async (now, { raw }) => {
    calls.push(`maintain ${now - 1_000_000_000} ${raw === undefined ? "all" : now - raw}`);
    if (store.failure !== undefined) throw store.failure;
  };
  let left = due;
  store.refreshRollups = async (until, limit) => {
    const done = Math.min(left, limit);
    left -= done;
    calls.push(`sum up ${done} until ${clock.now() - until} ms ago`);
    return done;
  };
  const maintenance = new Maintenance({ store, clock, logger: silentLogger(), keep: { rawMs } });
  return { calls, clock, store, maintenance };
}

async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let i = 0; i < ms; i += 250) {
    clock.advance(250);
    await settle();
  }
}

describe("Maintenance", () => {
  it("works at once, a few rollups at a time with rests, and again after ten minutes", async () => {
    const { calls, clock, maintenance } = setup(45, 5000);

    maintenance.start();
    await settle();
    expect(calls).toEqual(["maintain 0 5000", "sum up 20 until 300000 ms ago"]);
    await pass(clock, 1000);
    expect(calls.map((call) => call.slice(0, 9))).toEqual(["maintain ", "sum up 20", "sum up 20", "sum up 5 "]);

    await pass(clock, 601_000);
    expect(calls.filter((call) => call.startsWith("maintain"))).toHaveLength(2);
    maintenance.stop();
  });

  it("tries again after a failure, and does nothing after stop", async () => {
    const { calls, clock, store, maintenance } = setup(0);
    store.failure = new HostError("history-unavailable", "away");
    maintenance.start();
    await settle();
    store.failure = undefined;

    await pass(clock, 601_000);
    expect(calls.slice(0, 2)).toEqual(["maintain 0 all", "maintain 600000 all"]);

    maintenance.stop();
    await settle();
    clock.advance(3_600_000);
    expect(calls.filter((call) => call.startsWith("maintain"))).toHaveLength(2);
  });
});
