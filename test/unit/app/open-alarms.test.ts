import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openAlarms } from "#app/open-alarms.ts";
import { AlarmFleet, maintainer, operator } from "../../support/alarm-fleet.ts";
import { failureOf } from "../../support/failure-of.ts";
import { silentLogger } from "../../support/silent-logger.ts";

const overload = { name: "Overload", when: "CurrentPhaseA > 100" };
const rule = { rule_name: "High", conditions: [{ field_path: "CurrentPhaseA", operator: "gt", threshold_value: 50 }] };

describe("alarms and rules of a data folder", () => {
  let folder = "";

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "open-alarms-"));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  async function open(ruleFiles: readonly string[] = []): Promise<{ fleet: AlarmFleet; close: () => Promise<void> }> {
    const fleet = new AlarmFleet([overload]);
    const { alarms, clock } = fleet;
    // The breaker comes after what is known of it, as it does in the host.
    fleet.registry.remove(fleet.breaker.id);
    const opened = await openAlarms({ folder, alarms, ruleFiles, clock, log: silentLogger() });
    fleet.announce("CB-1", "G/N/CB-1");
    return { fleet, close: async () => opened[Symbol.asyncDispose]() };
  }

  function report(fleet: AlarmFleet, current: number): void {
    const device = fleet.registry.get("CB-1");
    fleet.sampleOf(device, "CurrentPhaseA", current);
  }

  it("come back as they were, with the file that holds them", async () => {
    const before = await open();
    before.fleet.alarms.rules.add(rule, maintainer);
    report(before.fleet, 120);
    before.fleet.alarms.acknowledge("CB-1/Overload", operator, "seen");
    await before.close();

    const after = await open();

    expect(after.fleet.state("Overload")).toEqual(before.fleet.state("Overload"));
    expect(after.fleet.state("High")).toEqual(before.fleet.state("High"));
    expect(after.fleet.alarms.rules.list().map((entry) => entry.rule.name)).toEqual(["High"]);
    await after.close();
    expect(await readFile(join(folder, "alarms", "states.jsonl"), "utf8")).toContain('"text":"seen"');
  });

  it("take rules from files once, whatever became of them since", async () => {
    const path = join(folder, "rules.json");
    await writeFile(path, JSON.stringify({ rules: [rule] }));
    const before = await open([path]);
    before.fleet.alarms.rules.change(1, { is_active: false }, maintainer);
    await before.close();

    const after = await open([path]);

    expect(after.fleet.alarms.rules.list().map((entry) => [entry.rule.name, entry.rule.isActive])).toEqual([
      ["High", false],
    ]);
    await after.close();
  });

  it("say which file is wrong and where", async () => {
    const path = join(folder, "rules.json");
    await writeFile(path, JSON.stringify([{ ...rule, priority: 99 }]));

    const failure = await failureOf(open([path]));

    expect(failure.code).toBe("config-invalid");
    expect(failure.message).toBe(`${path}: rule.priority: 99: expected a number from 1 to 10`);
  });
});
