import { describe, expect, it } from "vitest";
import { measurements } from "../../../bench/ratios/measurements.ts";
import { ratioFigures } from "../../../bench/suite/benchmarks.ts";
import { judgeBest, judgeRatio } from "../../../bench/suite/judge-ratio.ts";

const faster = { part: "codec", figure: "encodeRatio", better: "higher" } as const;
const cheaper = { part: "notify", figure: "notifyRatio", better: "lower" } as const;

/** Gives one answer after the other, and counts how often it was asked. */
function scripted(...ratios: readonly number[]) {
  const asked = { times: 0 };
  const measure = () => Promise.resolve({ notifyRatio: ratios[asked.times++] });
  return { asked, measure };
}

describe("the comparison of ratios with committed results", () => {
  it("lets through what scatters, and tells a loss of more than 30 % with both numbers", () => {
    expect(judgeRatio(faster, { encodeRatio: 4 }, { encodeRatio: 3.2 }).isWorse).toBe(false);
    expect(judgeRatio(faster, { encodeRatio: 4 }, { encodeRatio: 3 })).toMatchObject({
      before: 4,
      now: 3,
      isWorse: true,
    });
    expect(judgeRatio(cheaper, { notifyRatio: 2 }, { notifyRatio: 2.5 }).isWorse).toBe(false);
    expect(judgeRatio(cheaper, { notifyRatio: 2 }, { notifyRatio: 2.7 }).isWorse).toBe(true);
  });

  it("says which figure is missing where, rather than passing", () => {
    expect(() => judgeRatio(cheaper, {}, { notifyRatio: 2 })).toThrow("no notifyRatio in the committed results");
    expect(() => judgeRatio(faster, { encodeRatio: 4 }, { encodeRatio: null })).toThrow("no encodeRatio in this run");
  });

  it("measures again what looks worse, and lets it pass when one of three is not", async () => {
    const { asked, measure } = scripted(3, 2.9, 2.1);

    const verdicts = await judgeBest([cheaper], { notifyRatio: 2 }, measure, 3);

    expect(verdicts).toMatchObject([{ now: 2.1, isWorse: false }]);
    expect(asked.times).toBe(3);
  });

  it("fails with the best of three when it stays worse, and does not repeat what is not", async () => {
    const slow = scripted(3, 2.8, 2.9);
    const good = scripted(2.2);

    const verdicts = await judgeBest([cheaper], { notifyRatio: 2 }, slow.measure, 3);
    await judgeBest([cheaper], { notifyRatio: 2 }, good.measure, 3);

    expect(verdicts).toMatchObject([{ before: 2, now: 2.8, isWorse: true }]);
    expect(good.asked.times).toBe(1);
  });

  it("looks at every part that is measured", () => {
    expect([...new Set(ratioFigures.map(({ part }) => part))]).toEqual(Object.keys(measurements));
  });
});
