import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readDevicePackage } from "#fdi/read-package.ts";
import { TestFleet } from "../../../support/test-fleet.ts";

const root = new URL("../../../../", import.meta.url);
const packageFile = new URL("fdi-packages/fdi-host/smart-breaker/smart-breaker.fdi", root);
const { package: pkg } = readDevicePackage(readFileSync(packageFile), "smart-breaker.fdi");

function rulesOf(file: string): readonly { readonly rule_name: string }[] {
  return (
    JSON.parse(readFileSync(new URL(`docs/examples/${file}`, root), "utf8")) as { rules: { rule_name: string }[] }
  ).rules;
}

/** A smart breaker with the rules of a file; its own alarms are not looked at. */
class ExampleFleet extends TestFleet {
  readonly names: ReadonlySet<string>;

  constructor(file: string) {
    super([], pkg, undefined, {}, "smart_breaker");
    const rules = rulesOf(file);
    this.names = new Set(rules.map(({ rule_name }) => rule_name));
    this.alarms.rules.addMissing(rules);
  }

  /** Values as the JSON message has them, below `measurements`. */
  message(values: Readonly<Record<string, number>>): void {
    for (const [path, value] of Object.entries(values)) {
      const spec = pkg.parameters.find(({ bindings }) => bindings.json?.address === path);
      if (spec === undefined) throw new Error(`no ${path}`);
      this.sample(spec.name, value * (spec.bindings.json?.scale ?? 1));
    }
  }

  get active(): string[] {
    const alarms = this.alarms.of(this.breaker).filter(({ spec, state }) => state.active && this.names.has(spec.name));
    return alarms.map(({ spec }) => spec.name).sort();
  }
}

const good = {
  "voltage.phase_a": 120,
  "voltage.phase_b": 120,
  "voltage.phase_c": 120,
  "current.phase_a": 50,
  "current.phase_b": 50,
  "current.phase_c": 50,
  "power.active": 5_000,
  "power.factor": 0.95,
  "frequency.value": 60,
  "temperature.value": 40,
  "protection.ground_fault_current": 0,
  "protection.arc_fault_detected": 0,
  "protection.trip_count": 1,
  "operational.load_percentage": 40,
  "operational.maintenance_due": 0,
};

describe("the rules of the breaker", () => {
  const cases: readonly (readonly [change: Record<string, number>, rules: readonly string[]])[] = [
    [{}, []],
    [{ "voltage.phase_a": 126 }, ["High Voltage Phase A"]],
    [{ "voltage.phase_b": 126, "voltage.phase_c": 114 }, ["High Voltage Phase B", "Low Voltage Phase C"]],
    [{ "voltage.phase_c": 126 }, ["High Voltage Phase C"]],
    [{ "voltage.phase_a": 114, "voltage.phase_b": 114 }, ["Low Voltage Phase A", "Low Voltage Phase B"]],
    [{ "temperature.value": 76 }, ["High Temperature"]],
    [{ "temperature.value": 81 }, ["Critical Temperature", "High Temperature"]],
    [
      { "current.phase_a": 91, "current.phase_b": 91, "current.phase_c": 91 },
      ["High Current Phase A", "High Current Phase B", "High Current Phase C"],
    ],
    [{ "power.active": 11_001 }, ["High Active Power"]],
    [{ "power.factor": 0.84 }, ["Low Power Factor"]],
    [{ "frequency.value": 60.6 }, ["Frequency Out of Range"]],
    [{ "protection.ground_fault_current": 3.1 }, ["Ground Fault Detected"]],
    [{ "protection.arc_fault_detected": 1 }, ["Arc Fault Detected"]],
    [{ "protection.trip_count": 9 }, ["High Trip Count"]],
    [{ "operational.load_percentage": 86 }, ["High Load Percentage"]],
    [{ "operational.maintenance_due": 1 }, ["Maintenance Due"]],
  ];

  it.each(cases)("%j fires %j", (change, rules) => {
    const fleet = new ExampleFleet("breaker-rules.json");
    expect(fleet.names.size).toBe(19);

    fleet.message({ ...good, ...change });

    expect(fleet.active).toEqual(rules);
  });

  it("have the severity and the acknowledgement of their action, and the class of their category", () => {
    const fleet = new ExampleFleet("breaker-rules.json");
    fleet.message({ ...good, "protection.ground_fault_current": 5, "power.factor": 0.5 });
    const alarm = (name: string) => fleet.alarms.find(`CB-1/${name}`);

    expect(alarm("Ground Fault Detected")).toMatchObject({
      spec: { severity: 1000, conditionClass: "safety", priority: 1 },
      state: { acknowledged: false },
    });
    expect(alarm("Low Power Factor")).toMatchObject({
      spec: { severity: 500, conditionClass: "process", priority: 3 },
      state: { acknowledged: true },
    });
  });
});

describe("the richer rules", () => {
  it("stay quiet for a breaker that is well", () => {
    const fleet = new ExampleFleet("richer-rules.json");
    expect(fleet.names.size).toBe(15);

    for (let minute = 0; minute < 15; minute += 1) {
      fleet.message({ ...good, "power.active": 5_000 + minute });
      fleet.clock.advance(60_000);
    }

    expect(fleet.active).toEqual([]);
  });

  it.each([
    [{ "voltage.phase_a": 126 }, ["High Voltage Phase A", "Voltage Out of Range"]],
    [{ "voltage.phase_a": 114 }, ["Low Voltage Phase A", "Voltage Out of Range"]],
    [{ "voltage.phase_c": 126 }, ["Voltage Out of Range"]],
    [{ "temperature.value": 76 }, ["High Temperature", "Temperature Range Check"]],
    [{ "temperature.value": 19 }, ["Temperature Range Check"]],
    [{ "power.factor": 0.8 }, ["Low Power Factor"]],
    [{ "power.active": 10_500, "temperature.value": 71 }, ["High Load with High Temperature"]],
    [{ "power.active": 10_500 }, []],
    [{ "current.phase_b": 96 }, ["Peak Current Exceeded"]],
    [{ "power.active": 11_500 }, ["Average Power Too High"]],
    [{ "voltage.phase_a": 116, "voltage.phase_b": 124 }, []],
    [
      { "voltage.phase_a": 126, "voltage.phase_b": 126, "voltage.phase_c": 126 },
      ["All Phases High Voltage", "High Voltage Phase A", "Voltage Out of Range"],
    ],
    [{ "voltage.phase_b": 131 }, ["Phase Imbalance", "Voltage Out of Range"]],
  ] as readonly (readonly [Record<string, number>, readonly string[]])[])("%j fires %j", (change, rules) => {
    const fleet = new ExampleFleet("richer-rules.json");

    fleet.message({ ...good, ...change });

    expect(fleet.active).toEqual(rules);
  });

  it("a temperature that stays high for five minutes is sustained", () => {
    const fleet = new ExampleFleet("richer-rules.json");

    for (let minute = 0; minute < 5; minute += 1) {
      fleet.message({ ...good, "temperature.value": 76 + minute / 10 });
      fleet.clock.advance(59_000);
    }
    expect(fleet.active).not.toContain("Sustained High Temperature");
    fleet.message({ "temperature.value": 77 });
    fleet.clock.advance(5_000);

    expect(fleet.active).toContain("Sustained High Temperature");
  });

  it("three spikes in a row count, two do not", () => {
    const fleet = new ExampleFleet("richer-rules.json");

    for (const volts of [131, 131, 120, 131, 131]) fleet.message({ "voltage.phase_c": volts });
    expect(fleet.active).not.toContain("Consecutive Voltage Spikes");
    fleet.message({ "voltage.phase_c": 131 });

    expect(fleet.active).toContain("Consecutive Voltage Spikes");
  });

  it("two minutes of silence are a loss of communication", () => {
    const fleet = new ExampleFleet("richer-rules.json");
    fleet.message(good);

    fleet.clock.advance(121_000);
    expect(fleet.active).toEqual(["Communication Loss"]);
    fleet.message(good);

    expect(fleet.active).toEqual([]);
  });

  it("a breaker that reports without a voltage has issues of data quality", () => {
    const fleet = new ExampleFleet("richer-rules.json");
    const { "voltage.phase_a": _missing, ...rest } = good;

    fleet.message(rest);
    expect(fleet.active).toEqual(["Data Quality Issues"]);
    fleet.message(good);

    expect(fleet.active).toEqual([]);
  });
});
