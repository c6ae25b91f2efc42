import { describe, expect, it } from "vitest";
import type { RuleStore } from "#fleet/alarms/ports.ts";
import { rulesOfTables } from "#fleet/alarms/rules/read-rule.ts";
import { tryRule } from "#fleet/alarms/rules/rule-trial.ts";
import type { HistoryReader } from "#fleet/ports.ts";
import { HostError } from "#model/errors.ts";
import { AlarmFleet, operator } from "../../../support/alarm-fleet.ts";
import { refusalOf } from "../../../support/failure-of.ts";
import { engineer } from "../../../support/rule-fleet.ts";

const high = { field_path: "CurrentPhaseA", operator: "gt", threshold_value: 100 };
const rule = { rule_name: "High", conditions: [high] };

function problemOf(value: unknown): string {
  try {
    new AlarmFleet([]).alarms.rules.add(value, engineer);
  } catch (error) {
    return HostError.from(error)?.message ?? "";
  }
  return "accepted";
}

describe("rules at run time", () => {
  it("work at once for devices that are there, and are told of", () => {
    const fleet = new AlarmFleet([]);
    const changes: (string | undefined)[] = [];
    fleet.alarms.onRulesChange((pkg) => changes.push(pkg?.id));
    fleet.sample("CurrentPhaseA", 120);

    const report = fleet.alarms.rules.add(rule, engineer);

    expect(fleet.state("High")).toMatchObject({ active: true, message: "High. (CurrentPhaseA 120 A)" });
    expect(report).toMatchObject({ types: ["TestBreaker"], problems: [] });
    expect(changes).toEqual(["test/breaker"]);
  });

  it("work for devices that come later", () => {
    const fleet = new AlarmFleet([]);
    fleet.alarms.rules.add(rule, engineer);
    const device = fleet.announce("CB-2", "G/N/CB-2");
    if (device === undefined) throw new Error("not admitted");

    fleet.sampleOf(device, "CurrentPhaseA", 120);

    expect(fleet.alarms.find("CB-2/High")?.state.active).toBe(true);
  });

  it("are changed at once; what stood by the old rule is cleared", () => {
    const fleet = new AlarmFleet([]);
    const { id } = fleet.alarms.rules.add(rule, engineer).rule;
    fleet.sample("CurrentPhaseA", 120);

    fleet.alarms.rules.change(id, { conditions: [{ ...high, threshold_value: 200 }] }, engineer);
    expect(fleet.told).toEqual(["active High", "cleared High"]);
    fleet.sample("CurrentPhaseA", 210);
    expect(fleet.state("High").active).toBe(true);
    fleet.alarms.rules.change(id, { is_active: false }, engineer);

    expect(fleet.alarms.find("CB-1/High")).toBeUndefined();
    expect(fleet.retained).toEqual([]);
    expect(fleet.alarms.kept()).toEqual([]);
  });

  it("are taken away", () => {
    const fleet = new AlarmFleet([]);
    const { id } = fleet.alarms.rules.add(rule, engineer).rule;

    fleet.alarms.rules.remove(id, engineer);

    expect(fleet.alarms.rules.list()).toEqual([]);
    expect(refusalOf(() => fleet.alarms.rules.get(id))).toBe("alarm-rule-unknown");
    expect(refusalOf(() => fleet.alarms.rules.change(id, {}, engineer))).toBe("alarm-rule-unknown");
  });

  it("need the role maintenance, and the audit says who changed what", () => {
    const fleet = new AlarmFleet([]);

    expect(refusalOf(() => fleet.alarms.rules.add(rule, operator))).toBe("access-denied");
    fleet.alarms.rules.add(rule, engineer);

    expect(fleet.audit.entries).toMatchObject([
      { kind: "refused", user: "olga", action: "add rule" },
      { kind: "alarm", user: "mika", action: "add rule High" },
    ]);
  });

  it("outlive the host", async () => {
    let kept: readonly unknown[] = [];
    const store: RuleStore = {
      load: () => Promise.resolve(kept),
      save: (rules) => {
        kept = structuredClone(rules);
        return Promise.resolve();
      },
    };
    const before = new AlarmFleet([]);
    await before.alarms.rules.load(store);
    const { id } = before.alarms.rules.add(rule, engineer).rule;
    await before.alarms.rules.saved();

    const after = new AlarmFleet([]);
    await after.alarms.rules.load(store);

    expect(after.alarms.rules.list().map((report) => [report.rule.id, report.rule.name])).toEqual([[id, "High"]]);
    after.sample("CurrentPhaseA", 120);
    expect(after.state("High").active).toBe(true);
  });

  it("may be expressions with hysteresis and delays", () => {
    const fleet = new AlarmFleet([]);
    const when = "CurrentPhaseA > 100 AND Position == 'Closed'";
    fleet.alarms.rules.add({ rule_name: "E", when, clear_when: "CurrentPhaseA < 90", on_delay: 1 }, engineer);

    fleet.sample("Position", 2);
    fleet.sample("CurrentPhaseA", 120);
    expect(fleet.state("E").active).toBe(false);
    fleet.clock.advance(1_000);
    fleet.sample("CurrentPhaseA", 95);

    expect(fleet.state("E").active).toBe(true);
  });
});

describe("a rule that cannot work", () => {
  it.each([
    [{ conditions: [high] }, /^rule\.rule_name: nothing: expected a text/],
    [{ rule_name: "a/b", conditions: [high] }, /without \//],
    [{ rule_name: "R" }, /conditions: .*at least one/],
    [{ rule_name: "R", when: "1 > 0", conditions: [high] }, /conditions/],
    [
      { rule_name: "R", conditions: [{ ...high, operator: "above" }] },
      /^conditions\[0\]\.operator: "above": expected one of eq, /,
    ],
    [
      { rule_name: "R", conditions: [{ ...high, threshold_value: "x" }] },
      /^conditions\[0\]\.threshold_value: "x": expected a number/,
    ],
    [{ rule_name: "R", conditions: [{ ...high, operator: "avg_gt" }] }, /time_window: .*seconds above 0 for avg_gt/],
    [
      { rule_name: "R", conditions: [{ ...high, field_path: "measurements.nothing" }] },
      /TestBreaker has no measurements\.nothing/,
    ],
    [{ rule_name: "R", conditions: Array.from({ length: 51 }, () => high) }, /at most 50/],
    [{ rule_name: "R", conditions: [high], priority: 11 }, /priority: 11: expected a number from 1 to 10/],
    [{ rule_name: "R", when: "Nothing > 1" }, /when, character 1: unknown name Nothing/],
    [{ rule_name: "R", when: "CurrentPhaseA > 'x'" }, /when, character \d+: a number cannot be compared with a string/],
    [{ rule_name: "R", when: "CurrentPhaseA" }, /expected a condition/],
    [{ rule_name: "R", when: "(".repeat(999) }, /more than (32 levels|250 words)/],
    [{ rule_name: "R", when: `CurrentPhaseA > ${"1".repeat(65_536)}` }, /up to 1000 characters/],
    [{ rule_name: "R", when: "CurrentPhaseA > 1", clear_when: "1 +" }, /clear_when, character/],
    [{ rule_name: "R", conditions: [{ ...high, operator: "regex", threshold_value: "(a+)+$" }] }, /regular expression/],
    [{ rule_name: "R", conditions: [{ ...high, operator: "between", threshold_value: { min: 2, max: 1 } }] }, /min/],
    ["x", /is not an object/],
    [null, /is not an object/],
  ])("%j is refused with the place", (value, problem) => {
    expect(problemOf(value)).toMatch(problem);
  });

  it("divides by nothing without raising, clearing or failing", () => {
    const fleet = new AlarmFleet([]);
    fleet.alarms.rules.add({ rule_name: "Ratio", when: "100 / CurrentPhaseA > 10" }, engineer);

    fleet.sample("CurrentPhaseA", 5);
    fleet.sample("CurrentPhaseA", 0);
    expect(fleet.state("Ratio").active).toBe(true);
    fleet.sample("CurrentPhaseA", 50);
    fleet.sample("CurrentPhaseA", 0);

    expect(fleet.state("Ratio").active).toBe(false);
  });
});

describe("rules of the tables", () => {
  it("are put together by their ids, in their order", () => {
    const rules = rulesOfTables({
      device_types: [{ id: 3, device_type: "test/breaker" }],
      alarm_categories: [{ id: 1, category_name: "safety" }],
      alarm_rules: [{ id: 7, rule_name: "High", device_type_id: 3, category_id: 1, is_active: true, priority: 2 }],
      rule_conditions: [
        { id: 2, rule_id: 7, condition_order: 2, field_path: "Position", operator: "eq", threshold_value: "2" },
        { id: 1, rule_id: 7, condition_order: 1, ...high, threshold_value: "100.0", logical_operator: "AND" },
      ],
      rule_actions: [{ id: 1, rule_id: 7, action_type: "publish_alarm", action_config: { auto_acknowledge: true } }],
    });
    const fleet = new AlarmFleet([]);
    fleet.alarms.rules.addMissing(rules);

    fleet.sample("CurrentPhaseA", 120);
    fleet.sample("Position", 2);

    expect(fleet.alarms.find("CB-1/High")).toMatchObject({
      spec: { severity: 800, conditionClass: "safety", when: { text: "CurrentPhaseA gt 100 AND Position eq 2" } },
      state: { active: true, acknowledged: true },
    });
  });
});

describe("a rule tried on history", () => {
  it("says how often it would have fired, when and for how long, by the same evaluation", async () => {
    const fleet = new AlarmFleet([]);
    const from = Date.UTC(2026, 0, 1);
    const minute = 60_000;
    // Above 100 in the first ten minutes of each hour, but for one minute only in every second hour.
    const rows: [number, number][] = [];
    for (let hour = 0; hour < 48; hour += 1) {
      const start = from + hour * 60 * minute;
      rows.push([start, 120], [start + (hour % 2 === 0 ? 10 : 1) * minute, 50]);
    }
    const history: HistoryReader = {
      raw: ({ from: low = 0, to: end = 0, after = low - 1, limit }) => {
        const found = rows.filter(([time]) => time >= low && time < end && time > after);
        const page = found.slice(0, Math.min(limit, 7));
        return Promise.resolve({
          times: Float64Array.from(page, ([time]) => time),
          values: Float64Array.from(page, ([, value]) => value),
          qualities: new Uint32Array(page.length),
          texts: undefined,
          more: page.length < found.length,
        });
      },
    };
    const draft = fleet.alarms.rules.draft({ ...rule, on_delay: 300 });

    const result = await tryRule(draft, fleet.breaker, { from, to: from + 48 * 60 * minute }, history);

    expect(result).toMatchObject({ device: "CB-1", fired: 24, activeMs: 24 * 5 * minute, samples: 96, isCut: false });
    expect(result.firings[0]).toEqual({
      activeAt: from + 5 * minute,
      clearedAt: from + 10 * minute,
      message: "High. (CurrentPhaseA 120 A)",
    });
    expect(fleet.events).toEqual([]);
  });
});
