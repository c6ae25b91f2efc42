import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DeviceFile } from "#app/device-file.ts";
import { PendingFile } from "#app/pending-file.ts";
import { defaultOnboardingPolicy } from "#fleet/onboarding/onboarding-policy.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { silentLogger } from "../../support/silent-logger.ts";
import { TransportFleet } from "../../support/transport-fleet.ts";
import { wirePackage, wireType } from "../../support/wire-package.ts";

const offers = [{ address: "Climate/Humidity", dataType: "float", unit: "%", low: 0, high: 100 }] as const;

describe("onboarding over a restart", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "fdi-host-onboarding-"));
  });
  afterEach(async () => rm(folder, { recursive: true }));

  /** A run of the host on the folder, until it is disposed of. */
  async function run(mode: "auto" | "manual") {
    const clock = new FakeClock();
    const policy = { ...defaultOnboardingPolicy, mode };
    const fleet = new TransportFleet({ packages: [wirePackage], clock, policy });
    const devices = new DeviceFile(folder, fleet.registry, clock, silentLogger());
    await devices.load(fleet.shelf);
    const pending = new PendingFile(folder, fleet.onboarding, clock, silentLogger());
    await pending.load();
    const announce = (name: string, declaredType?: string): unknown =>
      fleet.ingest.announced({
        protocol: "sparkplug",
        name,
        address: `Plant/N1/${name}`,
        declaredType,
        points: ["Climate/Humidity"],
        offers,
        at: 1,
      });
    const stop = async (): Promise<void> => {
      await devices[Symbol.asyncDispose]();
      await pending[Symbol.asyncDispose]();
    };
    return { fleet, announce, stop };
  }

  it("keeps devices without a package, and what devices have beyond theirs, under the same names", async () => {
    const before = await run("auto");
    before.announce("D1");
    before.announce("D2", wireType);
    await before.stop();

    const after = await run("auto");

    for (const id of ["D1", "D2"]) {
      expect(after.fleet.device(id).package.parameters).toEqual(before.fleet.device(id).package.parameters);
      expect(after.fleet.device(id).package.parameterByName.get("Climate.Humidity")?.unit?.code).toBe("P1");
    }
    expect(after.announce("D1")).toBe(after.fleet.device("D1"));
    await after.stop();
  });

  it("keeps who waits and who was rejected", async () => {
    const before = await run("manual");
    before.announce("D1");
    before.announce("D2");
    before.fleet.onboarding.reject("D2", { user: "anna", roles: ["maintenance"], origin: "test" });
    await before.stop();

    const after = await run("manual");

    expect(after.fleet.onboarding.list()).toEqual(before.fleet.onboarding.list());
    await after.stop();
  });

  it("starts without those who waited when the file is damaged", async () => {
    await writeFile(join(folder, "pending-devices.json"), "[{");

    const { fleet, stop } = await run("manual");

    expect(fleet.onboarding.list()).toEqual([]);
    await stop();
  });
});
