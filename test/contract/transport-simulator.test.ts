import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadPackageFolder } from "#fdi/package-folder.ts";
import type { Device } from "#fleet/device.ts";
import { systemClock } from "#lib/clock.ts";
import { isBad, Quality } from "#model/quality.ts";
import { Lwm2mTransport } from "#transport/lwm2m/lwm2m-transport.ts";
import { MqttJsonTransport } from "#transport/mqtt-json/mqtt-json-transport.ts";
import { SharedBroker } from "#transport/shared/shared-broker.ts";
import { SparkplugTransport } from "#transport/sparkplug/sparkplug-transport.ts";
import { silentLogger } from "../support/silent-logger.ts";
import { TestBroker } from "../support/test-broker.ts";
import { TransportFleet } from "../support/transport-fleet.ts";
import { until } from "../support/until.ts";

const devices = 8;
const by = { user: "anna", roles: ["administrator" as const], origin: "test" };
const log = silentLogger();

/** The simulator shares no codec with the host: here both read the same shipped package and must understand each other. */
describe("the simulator's breakers, each on another protocol", () => {
  let broker: TestBroker;
  let fleet: TransportFleet;
  let simulator: ChildProcess;

  beforeAll(async () => {
    broker = await TestBroker.open();
    const packages = (await loadPackageFolder("fdi-packages")).map((loaded) => loaded.package);
    fleet = new TransportFleet({ packages, clock: systemClock });
    const common = { clock: systemClock, random: Math.random, log };
    const shared = new SharedBroker({ ...common, settings: { url: broker.url, clientId: "host-data" } });
    const transports = [
      new SparkplugTransport({ ...common, hostId: "host", brokers: [{ url: broker.url, clientId: "host" }] }),
      new MqttJsonTransport({ ...common, connect: shared.join, hostId: "host" }),
      new Lwm2mTransport({ ...common, connect: shared.join }),
    ];
    for (const transport of transports) {
      fleet.transports.push(transport);
      await transport.start(fleet.ingest);
    }
    const options = ["--first", "5", "--devices", String(devices), "--protocol", "mixed", "--broker", broker.url];
    simulator = fork("simulator/main.ts", options, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    await until("the fleet to be online", 20_000, () => fleet.presence.count("online") === devices);
  });

  afterAll(async () => {
    simulator.kill();
    await once(simulator, "exit");
    for (const transport of fleet.transports) await transport[Symbol.asyncDispose]();
    await broker[Symbol.asyncDispose]();
  });

  const all = (): Device[] => [...fleet.registry.all()];
  const execute = (device: Device, command: string) =>
    fleet.control.commands.execute({ device, command, inputs: [undefined], by });

  it("speak four protocols", () => {
    const words = all().map(({ protocol, address }) => (address.startsWith("rd/") ? "oma" : protocol));

    expect([...new Set(words)].sort()).toEqual(["json", "lwm2m", "oma", "sparkplug"]);
  });

  it("fill every parameter that their protocol binds, none of them with a bad value", async () => {
    const open = (device: Device): string[] =>
      device.package.parameters
        .filter((spec) => spec.bindings[device.protocol] !== undefined)
        .filter((spec) => {
          const { quality, sourceTime } = fleet.live.get(device, spec);
          // No breaker has tripped yet: it has no time of that.
          return sourceTime === undefined || (isBad(quality) && quality !== Quality.badNoData);
        })
        .map(({ name }) => `${device.id} (${device.address}) ${name}`);

    await until("all values", 10_000, () => all().flatMap(open).length === 0).catch(() => undefined);
    expect(all().flatMap(open)).toEqual([]);
  });

  it("open and close on command, confirmed by their position", async () => {
    for (const command of ["Trip", "Close"]) {
      const outcomes = await Promise.all(all().map((device) => execute(device, command)));
      expect(outcomes.map(({ result }) => result)).toEqual(all().map(() => "confirmed"));
    }
  });

  it("take a setting and report it back", async () => {
    const outcomes = await Promise.all(
      all().map((device) => fleet.control.writes.write({ device, parameter: "ThermalPickup", value: 200, by })),
    );

    expect(outcomes.map(({ result }) => result)).toEqual(all().map(() => "confirmed"));
  });

  it("lose no message: all that arrived was accepted", () => {
    const { messages, accepted, rejectedTotal, pending } = fleet.traffic;

    expect(messages).toBeGreaterThan(devices);
    expect([accepted + rejectedTotal + pending, rejectedTotal]).toEqual([messages, 0]);
  });
});
