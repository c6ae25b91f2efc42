import { describe, expect, it } from "vitest";
import { costRatio } from "../../../bench/ratios/in-turn.ts";

describe("the ratio of two costs that are measured in turn", () => {
  it("is the same however the machine slows both, and whatever single rounds meet", async () => {
    let round = 0;
    // Warm-up, then a busy neighbour in every other block of ten rounds and a search for garbage now and then.
    const machine = (): number => (Math.floor(round / 10) % 2 === 0 ? 1 : 2);
    const ours = (): number => (round < 8 ? 50 : 6 * machine() * (round % 9 === 0 ? 20 : 1));
    const limit = (): number => 2 * machine() * (round++ % 11 === 0 ? 20 : 1);

    const { ratio } = await costRatio(60, ours, limit);

    expect(ratio).toBeCloseTo(3);
  });
});
