import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Sequence } from "#transport/sparkplug/sequence.ts";

const payload = new Uint8Array(10);

/** Runs messages numbered from 0 in the given order through a sequence that starts at `first`; returns those processed. */
function run(order: readonly number[], first: number, budget = { bytesLeft: 10_000 }): number[] {
  const sequence = new Sequence<number>(budget);
  sequence.restart((first + 255) & 255, Number.NaN);
  const done: number[] = [];
  for (const message of order) {
    const seq = (first + message) & 255;
    const verdict = sequence.judge(seq, message);
    if (verdict === "held") sequence.hold(seq, { kind: message, payload, receivedAt: 0, timestamp: message });
    if (verdict !== "next") continue;
    sequence.advance(message);
    done.push(message);
    for (let held = sequence.takeNext(); held !== undefined; held = sequence.takeNext()) {
      sequence.advance(held.timestamp);
      done.push(held.kind);
    }
  }
  return done;
}

describe("Sequence", () => {
  it("puts any order within its window back in order, over the wrap at 256 too", () => {
    const order = fc.shuffledSubarray([...Array(40).keys()], { minLength: 40 });
    fc.assert(
      fc.property(order, fc.nat(255), (messages, first) => {
        const budget = { bytesLeft: 10_000 };

        expect(run(messages, first, budget)).toEqual([...Array(40).keys()]);
        expect(budget.bytesLeft).toBe(10_000);
      }),
    );
  });

  it("processes nothing twice, whatever is repeated", () => {
    const order = fc.array(fc.nat(30), { maxLength: 80 });
    fc.assert(
      fc.property(order, fc.nat(255), (messages, first) => {
        const done = run(messages, first);

        expect(done).toEqual([...Array(done.length).keys()]);
      }),
    );
  });

  it.each([
    ["the expected number", 10, 5, "next"],
    ["one after a gap", 12, 5, "held"],
    ["the furthest that is waited for", 73, 5, "held"],
    ["one too far ahead", 74, 5, "lost"],
    ["a number just processed, not newer", 9, 4, "repeated"],
    ["a number just processed, but of a newer message", 9, 6, "lost"],
    ["a number from long ago", 200, 4, "lost"],
    ["a number beyond 255", 266, 5, "lost"],
  ])("takes %s", (_case, seq, timestamp, verdict) => {
    const sequence = new Sequence<number>({ bytesLeft: 100 });
    sequence.restart(9, 5);

    expect(sequence.judge(seq, timestamp)).toBe(verdict);
  });

  it("refuses to hold what there is no room for", () => {
    const budget = { bytesLeft: 15 };
    const sequence = new Sequence<number>(budget);
    const message = { kind: 0, payload, receivedAt: 0, timestamp: 0 };

    expect([sequence.hold(3, message), sequence.hold(4, message)]).toEqual([true, false]);
    expect(budget.bytesLeft).toBe(5);
  });
});
