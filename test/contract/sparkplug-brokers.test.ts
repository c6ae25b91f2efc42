import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { brokerSettingsOf } from "#app/broker-settings.ts";
import { loadConfig } from "#config/load-config.ts";
import { systemClock } from "#lib/clock.ts";
import { SparkplugTransport } from "#transport/sparkplug/sparkplug-transport.ts";
import { SparkplugDevice } from "../support/scripted/sparkplug-device.ts";
import { silentLogger } from "../support/silent-logger.ts";
import { TestBroker } from "../support/test-broker.ts";
import { TransportFleet } from "../support/transport-fleet.ts";
import { until } from "../support/until.ts";
import { wirePackage } from "../support/wire-package.ts";

describe("two brokers of a configuration file", () => {
  let folder: string;
  let east: TestBroker;
  let west: TestBroker;
  let fleet: TransportFleet;
  let transport: SparkplugTransport;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "fdi-host-brokers-"));
    [east, west] = await Promise.all([TestBroker.open(), TestBroker.open()]);
    fleet = new TransportFleet({ packages: [wirePackage], clock: systemClock });
    await writeFile(join(folder, "west-password"), "sesame\n");
    const lines = [
      "sparkplug:",
      "  hostId: plant-1",
      "  brokers:",
      `    - { url: "${west.url}", username: fdi, passwordFile: west-password }`,
    ];
    await writeFile(join(folder, "host.yaml"), lines.join("\n"));
    const { mqtt, sparkplug } = await loadConfig({
      file: "host.yaml",
      demo: false,
      env: {},
      workingFolder: folder,
    });
    const clientId = "host";
    const brokers = [await brokerSettingsOf(mqtt, { url: east.url, clientId, section: "mqtt" })];
    for (const broker of sparkplug.brokers) {
      brokers.push(await brokerSettingsOf(broker, { url: broker.url, clientId, section: "sparkplug.brokers[0]" }));
    }
    expect(brokers[1]).toMatchObject({ url: west.url, username: "fdi", password: "sesame" });
    const about = { clock: systemClock, random: Math.random, log: silentLogger() };
    transport = new SparkplugTransport({ ...sparkplug, ...about, brokers });
    fleet.transports.push(transport);
    await transport.start(fleet.ingest);
    await until("both connections", 5_000, () => transport.health().connected);
  });

  afterEach(async () => {
    await transport[Symbol.asyncDispose]();
    await Promise.all([east[Symbol.asyncDispose](), west[Symbol.asyncDispose]()]);
    await rm(folder, { recursive: true });
  });

  it("announces the host on both, and hears and commands a breaker that is behind the second", async () => {
    await using breaker = new SparkplugDevice(west.url);
    await breaker.join();
    await until("the breaker", 5_000, () => fleet.state("CB-1") === "online");
    const by = { user: "anna", roles: ["administrator" as const], origin: "test" };
    const trip = { device: fleet.device("CB-1"), command: "Trip", inputs: [undefined], by };

    await expect(fleet.control.commands.execute(trip)).resolves.toMatchObject({ result: "confirmed" });

    for (const { published } of [east, west]) {
      expect(published.find(({ client }) => client === "host")?.topic).toBe("spBv1.0/STATE/plant-1");
    }
    expect(east.published.filter(({ topic }) => topic.includes("DCMD"))).toEqual([]);
  });

  it("names the broker that is lost, and only what is behind it is stale", async () => {
    await using breaker = new SparkplugDevice(east.url);
    await breaker.join();
    await until("the breaker", 5_000, () => fleet.state("CB-1") === "online");

    await west.stop();
    await until("the loss", 5_000, () => !transport.health().connected);

    expect(transport.health().detail).toContain(`connected to ${east.url}; ${west.url}: `);
    expect(fleet.state("CB-1")).toBe("online");
    await east.stop();
    await until("the loss of the other", 5_000, () => fleet.state("CB-1") === "stale");
  });
});
