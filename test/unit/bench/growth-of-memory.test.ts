import { describe, expect, it } from "vitest";
import { complaintsOf, type Footprint, growthOfMemory } from "../../../bench/suite/growth-of-memory.ts";

/** A footprint every six seconds. */
function footprints(count: number, of: (i: number) => Partial<Footprint>): Footprint[] {
  return Array.from({ length: count }, (_, i) => ({
    minute: i / 10,
    heapMiB: 100,
    handles: 10,
    openFiles: 50,
    ...of(i),
  }));
}

describe("the growth of memory in a soak", () => {
  it("is what leaks in each round, whatever single rounds do", () => {
    const leaking = footprints(12, (i) => ({ heapMiB: 100 + 0.5 * i + (i === 7 ? 30 : 0) }));

    expect(growthOfMemory(leaking).heapSlopeMiBPerMin).toBeCloseTo(5);
  });

  it("is nothing when handles only come and go", () => {
    const { heapSlopeMiBPerMin, handleDelta, openFileDelta } = growthOfMemory(
      footprints(12, (i) => ({ handles: 10 + (i % 3), openFiles: 50 + (i % 2) })),
    );

    expect([heapSlopeMiBPerMin, handleDelta, openFileDelta]).toEqual([0, 0, 0]);
  });

  it("counts handles and files that stay", () => {
    const { handleDelta, openFileDelta } = growthOfMemory(
      footprints(12, (i) => ({ handles: 10 + i + (i % 3), openFiles: 50 + 2 * i })),
    );

    expect(handleDelta).toBeGreaterThanOrEqual(8);
    expect(openFileDelta).toBe(16);
  });

  it("needs enough footprints", () => {
    expect(() => growthOfMemory(footprints(5, () => ({})))).toThrow("5 footprints");
  });
});

describe("the judgement of a soak", () => {
  const still = { heapSlopeMiBPerMin: 1.5, handleDelta: 0, openFileDelta: 2, lost: 0 };

  it("lets a host settle for 1 MiB, which is little in a long run and much in a short one", () => {
    expect(complaintsOf(still, 0.3)).toEqual([]);
    expect(complaintsOf(still, 30)).toEqual(["heapSlopeMiBPerMin is 1.50, at most 0.28 is allowed"]);
  });

  it("tells everything that grew or was lost, with its limit", () => {
    const leaking = { heapSlopeMiBPerMin: 11.06, handleDelta: 9, openFileDelta: 40, lost: 1 };

    expect(complaintsOf(leaking, 0.3)).toEqual([
      "heapSlopeMiBPerMin is 11.06, at most 3.58 is allowed",
      "handleDelta is 9.00, at most 3.00 is allowed",
      "openFileDelta is 40.00, at most 8.00 is allowed",
      "lost is 1.00, at most 0.00 is allowed",
    ]);
  });
});
