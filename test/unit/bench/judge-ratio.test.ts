import { describe, expect, it } from "vitest";
import { plannedRuns, ratioFigures } from "../../../bench/suite/benchmarks.ts";
import { judgeRatio } from "../../../bench/suite/judge-ratio.ts";

const faster = { run: "codec", figure: "encodeRatio", better: "higher" } as const;
const cheaper = { run: "notify", figure: "cpuUs", per: "limitUs", better: "lower" } as const;

describe("the comparison of ratios with committed results", () => {
  it("lets through what scatters, and tells a loss of more than 30 % with both numbers", () => {
    expect(judgeRatio(faster, { encodeRatio: 4 }, { encodeRatio: 3.2 }).isWorse).toBe(false);
    expect(judgeRatio(faster, { encodeRatio: 4 }, { encodeRatio: 3 })).toMatchObject({
      before: 4,
      now: 3,
      isWorse: true,
    });
  });

  it("divides a figure by its limit of the same run, so that a slower machine is no loss", () => {
    const committed = { cpuUs: 10, limitUs: 2 };

    expect(judgeRatio(cheaper, committed, { cpuUs: 30, limitUs: 6 })).toMatchObject({
      before: 5,
      now: 5,
      isWorse: false,
    });
    expect(judgeRatio(cheaper, committed, { cpuUs: 14, limitUs: 2 }).isWorse).toBe(true);
  });

  it("says which figure is missing where, rather than passing", () => {
    expect(() => judgeRatio(cheaper, { cpuUs: 10 }, { cpuUs: 10, limitUs: 2 })).toThrow(
      "notify: no cpuUs and limitUs in the committed results",
    );
    expect(() => judgeRatio(faster, { encodeRatio: 4 }, { encodeRatio: null })).toThrow(
      "codec: no encodeRatio in this run",
    );
  });

  it("only compares runs that are planned", () => {
    const names = new Set(plannedRuns.map(({ name }) => name));

    expect(ratioFigures.filter(({ run }) => !names.has(run))).toEqual([]);
  });
});
