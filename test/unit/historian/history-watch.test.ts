import { describe, expect, it } from "vitest";
import { WarningBoard } from "#fleet/warning-board.ts";
import type { ForwardTrouble } from "#historian/forward/store-and-forward.ts";
import { HistoryWatch } from "#historian/history-watch.ts";
import type { StoreHealth } from "#historian/store/history-store.ts";
import { WriterTally } from "#historian/writer-tally.ts";
import { FakeClock } from "../../support/fake-clock.ts";

function setup() {
  const clock = new FakeClock();
  const warnings = new WarningBoard();
  const tally = new WriterTally();
  const facts: { health: StoreHealth; trouble: ForwardTrouble | undefined; lostEvents: number } = {
    health: { available: true, detail: "memory" },
    trouble: undefined,
    lostEvents: 0,
  };
  const watch = new HistoryWatch({
    warnings,
    clock,
    storeHealth: () => facts.health,
    samples: { trouble: () => facts.trouble, counters: () => tally.counters() },
    events: {
      trouble: () => undefined,
      counters: () => ({ appended: 0, recovered: 0, stored: 0, queued: 0, dropped: facts.lostEvents }),
    },
  });
  const names = (): string[] => warnings.all().map(({ name }) => name);
  return { clock, warnings, tally, facts, watch, names };
}

describe("HistoryWatch", () => {
  it("warns while the journal takes nothing, with the reason, and no longer than that", () => {
    const { clock, warnings, facts, names } = setup();
    facts.trouble = { place: "journal", isFull: true, text: "4 GiB reached" };
    clock.advance(1000);
    expect(warnings.find("history-journal-full", undefined)?.text).toBe("4 GiB reached");

    facts.trouble = undefined;
    clock.advance(1000);
    expect(names()).toEqual([]);
  });

  it("warns while the store is away, whether asking or writing showed it", () => {
    const { clock, facts, names } = setup();
    facts.trouble = { place: "store", isFull: false, text: "no route" };
    clock.advance(1000);
    expect(names()).toEqual(["history-unavailable"]);

    facts.trouble = undefined;
    facts.health = { available: false, detail: "no route" };
    clock.advance(1000);
    expect(names()).toEqual(["history-unavailable"]);
  });

  it("warns of losses and refused values with their number, until a minute after the last of them", () => {
    const { clock, warnings, tally, facts, names } = setup();
    tally.lost(3, "journal-damaged");
    tally.stored(2, 1, 1);
    facts.lostEvents = 1;
    clock.advance(1000);
    expect(warnings.find("history-lost", undefined)?.text).toBe("3 values (journal-damaged 3), 1 events lost");
    expect(warnings.find("history-refused", undefined)?.text).toContain("1 values");

    clock.advance(30_000);
    tally.lost(2, "journal-damaged");
    clock.advance(31_000);
    expect(names()).toEqual(["history-lost"]);
    clock.advance(30_000);
    expect(names()).toEqual([]);
  });

  it("says that the store was begun anew", () => {
    const { clock, facts, warnings } = setup();
    facts.health = { available: true, detail: "store", remark: "moved aside" };
    clock.advance(1000);
    expect(warnings.find("history-damaged", undefined)?.text).toBe("moved aside");
  });
});
