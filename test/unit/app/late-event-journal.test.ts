import { describe, expect, it } from "vitest";
import { LateEventJournal } from "#app/late-event-journal.ts";
import { MemoryEvents } from "../../support/memory-events.ts";
import { silentLogger } from "../../support/silent-logger.ts";
import { testEvent } from "../../support/test-events.ts";

describe("LateEventJournal", () => {
  it("hands over what came before the journal was open, in order, but no more than it may keep", () => {
    const late = new LateEventJournal(silentLogger());
    for (let i = 0; i < 50_010; i += 1) late.append(testEvent(i, i));
    const journal = new MemoryEvents();

    late.open(journal);
    late.append(testEvent(70_000, 70_000));

    expect(journal.events).toHaveLength(50_001);
    expect([0, 1, 49_999, 50_000].map((i) => journal.events[i]?.at)).toEqual([0, 1, 49_999, 70_000]);
  });
});
