import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DeviceFile } from "#app/device-file.ts";
import { LiveValues } from "#fleet/live-values.ts";
import { PackageShelf } from "#fleet/package-shelf.ts";
import { DeviceRegistry } from "#fleet/registry.ts";
import { HostError } from "#model/errors.ts";
import { breakerPackage } from "../../support/breaker-package.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { silentLogger } from "../../support/silent-logger.ts";

let folder: string;
const pkg = breakerPackage();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "device-file-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function restarted(change: (registry: DeviceRegistry) => void): Promise<DeviceRegistry> {
  const registry = new DeviceRegistry(new LiveValues());
  const shelf = new PackageShelf();
  shelf.put(pkg);
  const file = new DeviceFile(folder, registry, new FakeClock(), silentLogger());
  await file.load(shelf);
  change(registry);
  await file[Symbol.asyncDispose]();
  return registry;
}

describe("the device file", () => {
  it("brings devices and what people call them back after a restart", async () => {
    await restarted((registry) => {
      const device = registry.add("CB-1", pkg, "sparkplug", "G/N/CB-1");
      registry.add("CB-2", pkg, "lwm2m", "cb-2");
      registry.setTag(device, { assetId: "A-17", componentName: "Feeder 3" });
    });

    const registry = await restarted(() => {});

    expect([...registry.all()].map(({ id, address }) => [id, address])).toEqual([
      ["CB-1", "G/N/CB-1"],
      ["CB-2", "cb-2"],
    ]);
    expect(registry.tagOf(registry.get("CB-1"))).toEqual({ assetId: "A-17", componentName: "Feeder 3" });
    expect(registry.tagOf(registry.get("CB-2"))).toEqual({ assetId: "", componentName: "CB-2" });
  });

  it("stops the start with the file and the cause when it is damaged, rather than forgetting devices", async () => {
    writeFileSync(join(folder, "devices.json"), '[{"id":"CB-1"}]');

    const error = await restarted(() => {}).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );

    expect(HostError.from(error)).toMatchObject({
      code: "config-invalid",
      message: expect.stringMatching(/devices\.json is damaged \(a device without/) as unknown,
    });
  });
});
