import { describe, expect, it } from "vitest";
import { ruleOperators } from "#fleet/alarms/rules/rule-definition.ts";
import { fires, ruleFleet } from "../../../support/rule-fleet.ts";

type Value = number | string;

/** Operators of one value: a threshold, values that fire and values that do not. */
const plain: Readonly<Record<string, readonly [threshold: unknown, fires: readonly Value[], not: readonly Value[]]>> = {
  eq: ["125.0", [125], [124, 126]],
  ne: [125, [124, 126], [125]],
  gt: ["125.0", [125.1], [125, 124]],
  gte: [125, [125, 126], [124.9]],
  lt: [115, [114], [115, 116]],
  lte: [115, [115, 114], [116]],
  between: [{ min: 20, max: 75 }, [20, 50, 75], [19, 76]],
  not_between: [{ min: 20, max: 75 }, [19, 76], [20, 50, 75]],
  in_range: [{ min: "59.5", max: "60.5" }, [60], [59, 61]],
  out_of_range: [{ min: 59.5, max: 60.5 }, [59, 61], [60]],
  in: [[1, "2"], [1, 2], [3]],
  not_in: [[1, 2], [3], [1]],
  contains: ["fault", ["ground fault"], ["overload"]],
  not_contains: ["fault", ["overload"], ["ground fault"]],
  starts_with: ["ground", ["ground fault"], ["a ground"]],
  ends_with: ["fault", ["ground fault"], ["faulty"]],
  regex: ["^[A-Z]\\d+$", ["E17"], ["E17x"]],
  not_regex: ["^E", ["W1"], ["E1"]],
  array_contains: ["b", ['["a","b"]', "a, b"], ['["a"]', "c"]],
  array_not_contains: ["b", ['["a"]'], ['["b"]']],
  array_size: [2, ["[1,2]"], ["[1]", "[1,2,3]"]],
  array_empty: [null, ["[]"], ["[0]"]],
};

const texts = new Set([
  "contains",
  "not_contains",
  "starts_with",
  "ends_with",
  "regex",
  "not_regex",
  "array_contains",
  "array_not_contains",
  "array_size",
  "array_empty",
]);

describe("operators of one value", () => {
  for (const [operator, [threshold_value, firing, quiet]] of Object.entries(plain)) {
    it(`${operator} ${JSON.stringify(threshold_value)}`, () => {
      const field_path = texts.has(operator) ? "TripReason" : "CurrentPhaseA";
      const fleet = ruleFleet({ field_path, operator, threshold_value });
      expect(fires(fleet)).toBe(false);

      for (const [values, expected] of [
        [firing, true],
        [quiet, false],
      ] as const) {
        for (const value of values) {
          fleet.sample(field_path, value);
          expect([value, fires(fleet)]).toEqual([value, expected]);
          fleet.clock.advance(60_000);
        }
      }
    });
  }

  it("eq compares enumerations by name", () => {
    const fleet = ruleFleet({ field_path: "Position", operator: "eq", threshold_value: "Open" });

    fleet.sample("Position", 1);

    expect(fires(fleet)).toBe(true);
  });

  it("is_null holds once the device reports without the field, is_not_null when the field is there", () => {
    const missing = ruleFleet({ field_path: "CurrentPhaseA", operator: "is_null", threshold_value: null });
    const there = ruleFleet({ field_path: "CurrentPhaseA", operator: "is_not_null" });
    expect([fires(missing), fires(there)]).toEqual([false, false]);

    for (const fleet of [missing, there]) fleet.sample("Position", 1);
    expect([fires(missing), fires(there)]).toEqual([true, false]);
    for (const fleet of [missing, there]) fleet.sample("CurrentPhaseA", 1);

    expect([fires(missing), fires(there)]).toEqual([false, true]);
  });
});

describe("operators of several fields", () => {
  const other = { field: "Position", threshold: 10 };
  const cases: Readonly<Record<string, readonly (readonly [current: number, position: number, fires: boolean])[]>> = {
    any_field_gt: [
      [11, 1, true],
      [5, 1, false],
    ],
    all_fields_gt: [
      [11, 1, false],
      [11, 11, true],
    ],
    field_ratio_gt: [
      [30, 2, true],
      [20, 2, false],
      [20, 0, false],
    ],
    field_difference_gt: [
      [14, 3, true],
      [13, 3, false],
      [3, 14, true],
    ],
  };
  for (const [operator, rows] of Object.entries(cases)) {
    it(operator, () => {
      for (const [current, position, expected] of rows) {
        const fleet = ruleFleet({ field_path: "CurrentPhaseA", operator, threshold_value: other });
        fleet.sample("Position", position);
        fleet.sample("CurrentPhaseA", current);
        expect([current, position, fires(fleet)]).toEqual([current, position, expected]);
      }
    });
  }
});

describe("operators of time", () => {
  const field_path = "CurrentPhaseA";

  it("duration_gt holds after the whole time, also when nothing more arrives, and starts anew", () => {
    const fleet = ruleFleet({ field_path, operator: "duration_gt", threshold_value: 75, time_window: 300 });

    fleet.sample(field_path, 80);
    fleet.clock.advance(200_000);
    fleet.sample(field_path, 70);
    fleet.sample(field_path, 80);
    fleet.clock.advance(299_999);
    expect(fires(fleet)).toBe(false);
    fleet.clock.advance(1);

    expect(fires(fleet)).toBe(true);
  });

  it("duration_lt holds after the whole time", () => {
    const fleet = ruleFleet({ field_path, operator: "duration_lt", threshold_value: 10, time_window: 60 });

    fleet.sample(field_path, 5);
    fleet.clock.advance(59_999);
    expect(fires(fleet)).toBe(false);
    fleet.clock.advance(1);

    expect(fires(fleet)).toBe(true);
  });

  it("time_since_last holds in silence, and a message ends it", () => {
    const fleet = ruleFleet({
      field_path: "timestamp",
      operator: "time_since_last",
      threshold_value: 120,
      time_window: 120,
    });

    fleet.sample("Position", 1);
    fleet.clock.advance(120_000);
    expect(fires(fleet)).toBe(false);
    fleet.clock.advance(2);
    expect(fires(fleet)).toBe(true);
    fleet.sample("Position", 1);

    expect(fires(fleet)).toBe(false);
  });

  it("time_since_last is not ended by what the host says of a silent device", () => {
    const fleet = ruleFleet({ field_path: "timestamp", operator: "time_since_last", threshold_value: 120 });
    fleet.sample("Position", 1);

    fleet.clock.advance(100_000);
    fleet.ingest.presence(fleet.breaker, "stale", fleet.clock.now(), "silent");
    fleet.clock.advance(20_002);

    expect(fires(fleet)).toBe(true);
  });

  it("consecutive_gt counts samples in a row, also equal ones", () => {
    const fleet = ruleFleet({ field_path, operator: "consecutive_gt", threshold_value: 130, consecutive_count: 3 });

    for (const value of [140, 140, 120, 140, 140]) fleet.sample(field_path, value);
    expect(fires(fleet)).toBe(false);
    fleet.sample(field_path, 140);

    expect(fires(fleet)).toBe(true);
  });

  it("consecutive_lt counts samples in a row", () => {
    const fleet = ruleFleet({ field_path, operator: "consecutive_lt", threshold_value: 10, consecutive_count: 2 });

    fleet.sample(field_path, 5);
    expect(fires(fleet)).toBe(false);
    fleet.sample(field_path, 5);

    expect(fires(fleet)).toBe(true);
  });
});

describe("operators of a window", () => {
  const field_path = "CurrentPhaseA";
  const window = { field_path, time_window: 600 };

  it("avg_gt and avg_lt look at the mean, and forget what is older", () => {
    const above = ruleFleet({ ...window, operator: "avg_gt", threshold_value: 100 });
    const below = ruleFleet({ ...window, operator: "avg_lt", threshold_value: 100 });
    for (const fleet of [above, below]) {
      fleet.sample(field_path, 300);
      fleet.sample(field_path, 0);
    }
    expect([fires(above), fires(below)]).toEqual([true, false]);
    for (const fleet of [above, below]) {
      fleet.clock.advance(300_000);
      fleet.sample(field_path, 20);
      fleet.clock.advance(310_000);
    }

    expect([fires(above), fires(below)]).toEqual([false, true]);
  });

  it("max_gt and min_lt stay until the extreme has left the window", () => {
    const high = ruleFleet({ ...window, operator: "max_gt", threshold_value: 95 });
    const low = ruleFleet({ ...window, operator: "min_lt", threshold_value: 5 });
    high.sample(field_path, 100);
    low.sample(field_path, 1);
    for (const fleet of [high, low]) {
      fleet.clock.advance(400_000);
      fleet.sample(field_path, 50);
      expect(fires(fleet)).toBe(true);
      fleet.clock.advance(205_000);
      expect(fires(fleet)).toBe(false);
    }
  });

  it("sum_gt adds up, count_gt counts", () => {
    const sum = ruleFleet({ ...window, operator: "sum_gt", threshold_value: 100 });
    const count = ruleFleet({ ...window, operator: "count_gt", threshold_value: 2 });
    for (const fleet of [sum, count]) {
      fleet.sample(field_path, 50);
      fleet.sample(field_path, 50);
      expect(fires(fleet)).toBe(false);
      fleet.sample(field_path, 1);
      expect(fires(fleet)).toBe(true);
      fleet.clock.advance(620_000);
      expect(fires(fleet)).toBe(false);
    }
  });
});

describe("joins", () => {
  const high = { field_path: "CurrentPhaseA", operator: "gt", threshold_value: 100 };
  const open = { field_path: "Position", operator: "eq", threshold_value: 1 };

  it.each([
    ["AND", [120, 1], true],
    ["AND", [120, 2], false],
    ["OR", [50, 1], true],
    ["OR", [50, 2], false],
    ["NOT", [120, 2], true],
    ["NOT", [120, 1], false],
  ] as const)("%s of %j is %s", (logical_operator, [current, position], expected) => {
    const fleet = ruleFleet(high, { ...open, logical_operator });

    fleet.sample("Position", position);
    fleet.sample("CurrentPhaseA", current);

    expect(fires(fleet)).toBe(expected);
  });

  it("tell nothing while a value that matters is not known", () => {
    const fleet = ruleFleet(high, { ...open, logical_operator: "NOT" });

    fleet.sample("CurrentPhaseA", 120);

    expect(fires(fleet)).toBe(false);
  });
});

it("every operator is tested here", () => {
  const elsewhere = [
    "is_null",
    "is_not_null",
    "duration_gt",
    "duration_lt",
    "time_since_last",
    "consecutive_gt",
    "consecutive_lt",
    "avg_gt",
    "avg_lt",
    "max_gt",
    "min_lt",
    "sum_gt",
    "count_gt",
    "any_field_gt",
    "all_fields_gt",
    "field_ratio_gt",
    "field_difference_gt",
  ];

  expect([...Object.keys(plain), ...elsewhere].sort()).toEqual([...ruleOperators].sort());
  expect(ruleOperators).toHaveLength(39);
});
