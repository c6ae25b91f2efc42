import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigurationFile } from "#app/configuration-file.ts";
import { ReportFolder } from "#app/report-folder.ts";
import type { TestReport } from "#fleet/tests/test-report.ts";
import { controlFleet } from "../../support/control-fleet.ts";
import { silentLogger } from "../../support/silent-logger.ts";
import type { TestFleet } from "../../support/test-fleet.ts";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fdi-host-app-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

function fileOf(fleet: TestFleet): ConfigurationFile {
  const { registry, clock, control } = fleet;
  return new ConfigurationFile({
    folder,
    registry,
    clock,
    configurations: control.configurations,
    log: silentLogger(),
  });
}

describe("the file of settings", () => {
  it("brings back what a device reported and how often it changed", async () => {
    const before = controlFleet();
    {
      await using file = fileOf(before);
      await file.load();
      before.sample("ThermalPickup", 180);
    }
    const after = controlFleet();
    await using file = fileOf(after);
    await file.load();

    const { configurations } = after.control;
    expect(configurations.recordOf(after.breaker)).toEqual(before.control.configurations.recordOf(before.breaker));
    expect(configurations.differencesOf(after.breaker)).toEqual([
      { parameter: "ThermalPickup", accepted: 250, reported: 180 },
    ]);
  });

  it("is saved a moment after a change, not with each of them", async () => {
    const fleet = controlFleet();
    await using file = fileOf(fleet);
    await file.load();
    for (const value of [180, 190, 200]) fleet.sample("ThermalPickup", value);
    expect(fleet.clock.pending).toBe(1);

    fleet.clock.advance(2_000);
    await file[Symbol.asyncDispose]();

    expect(JSON.parse(await readFile(join(folder, "configurations.json"), "utf8"))).toMatchObject({
      "CB-1": { revision: 3, reported: { ThermalPickup: 200 } },
    });
  });

  it("that is damaged is put aside: the devices report again", async () => {
    await writeFile(join(folder, "configurations.json"), '{"CB-1": {"revision": "many"}}');
    const fleet = controlFleet();
    await using file = fileOf(fleet);

    await file.load();

    expect(fleet.control.configurations.revisionOf(fleet.breaker)).toBe(0);
    expect(await readFile(join(folder, "configurations.json.damaged"), "utf8")).toContain("many");
  });
});

describe("the folder of test reports", () => {
  const id = "0c0ffee0-1111-2222-3333-444444444444";
  const report: TestReport = {
    id,
    device: "CB-1",
    test: "SelfTest",
    user: "anna",
    startedAt: 0,
    endedAt: 1_000,
    verdict: "passed",
    progressPercent: 100,
    steps: [],
    detail: "",
  };

  it("gives back a report of an earlier run, and takes no path for an id", async () => {
    new ReportFolder(join(folder, "reports"), silentLogger()).keep(report);
    const reports = new ReportFolder(join(folder, "reports"), silentLogger());

    await expect.poll(() => reports.find(id)).toEqual(report);
    expect(await reports.find("../../etc/passwd")).toBeUndefined();
    expect(await reports.find(id.replace("0", "1"))).toBeUndefined();
  });
});
