import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DeviceTransport } from "#fleet/ports.ts";
import type { Clock } from "#lib/clock.ts";
import { systemClock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import { isBad, isGood, Quality } from "#model/quality.ts";
import type { BrokerSettings } from "#transport/shared/broker-session.ts";
import { failureOf } from "../support/failure-of.ts";
import type { ScriptedDevice } from "../support/scripted/scripted-device.ts";
import { initialValues } from "../support/scripted/scripted-device.ts";
import { silentLogger } from "../support/silent-logger.ts";
import { TestBroker } from "../support/test-broker.ts";
import { TransportFleet } from "../support/transport-fleet.ts";
import { until } from "../support/until.ts";
import { wirePackage } from "../support/wire-package.ts";

/** A transport under test, and a device that speaks its protocol with another codec. */
export interface ProtocolUnderTest {
  /** True when the broker tells that a device died (Last Will); otherwise its silence has to, within a few seconds. */
  readonly hasWill: boolean;
  openTransport(settings: BrokerSettings, clock: Clock, log: Logger): DeviceTransport;
  openDevice(brokerUrl: string): ScriptedDevice;
}

const hostClient = "host-under-test";
const by = { user: "anna", roles: ["administrator" as const], origin: "test" };
const patienceMs = 5_000;

/** What every protocol owes to the fleet, over a real broker. */
export function describeTransport(name: string, protocol: ProtocolUnderTest): void {
  describe(`${name} transport`, () => {
    let broker: TestBroker;
    let fleet: TransportFleet;
    let transport: DeviceTransport;
    let device: ScriptedDevice;

    beforeEach(async () => {
      broker = await TestBroker.open();
      fleet = new TransportFleet({ packages: [wirePackage], clock: systemClock });
      transport = protocol.openTransport({ url: broker.url, clientId: hostClient }, systemClock, silentLogger());
      fleet.transports.push(transport);
      await transport.start(fleet.ingest);
      await until("the host to be connected", patienceMs, () => transport.health().connected);
      device = protocol.openDevice(broker.url);
    });

    afterEach(async () => {
      await device[Symbol.asyncDispose]();
      await transport[Symbol.asyncDispose]();
      await broker[Symbol.asyncDispose]();
    });

    const value = (parameter: string): unknown => fleet.value("CB-1", parameter).value;
    const quality = (parameter: string): number => fleet.value("CB-1", parameter).quality;
    const stateIs = (state: string): Promise<boolean> =>
      until(`the device to be ${state}`, patienceMs, () => fleet.state("CB-1") === state);
    const valueIs = (parameter: string, wanted: unknown): Promise<boolean> =>
      until(`${parameter} to be ${String(wanted)}`, patienceMs, () => {
        return fleet.registry.find("CB-1") !== undefined && value(parameter) === wanted && isGood(quality(parameter));
      });
    const online = async (): Promise<void> => {
      await device.join();
      await stateIs("online");
      for (const [parameter, wanted] of Object.entries(initialValues)) await valueIs(parameter, wanted);
    };
    const execute = (command: string, reason = "by hand") =>
      fleet.control.commands.execute({ device: fleet.device("CB-1"), command, inputs: [reason], by });
    const write = (pickup: number) =>
      fleet.control.writes.write({ device: fleet.device("CB-1"), parameter: "ThermalPickup", value: pickup, by });
    const counted = () => {
      const { messages, accepted, rejectedTotal, pending } = fleet.traffic;
      return { messages, accepted, rejectedTotal, pending };
    };

    it("admits a device that introduces itself, with all of its values", async () => {
      await online();

      expect(fleet.device("CB-1").package).toBe(wirePackage);
      expect(fleet.presence.of(fleet.device("CB-1")).lastSeen).toBeGreaterThan(Date.now() - 10_000);
    });

    it("follows numbers, texts and states as they change", async () => {
      await online();

      await device.report({ CurrentPhaseA: 72.5, TripReason: "Overcurrent", ArcFaultDetected: true, TripCount: 4 });

      await valueIs("CurrentPhaseA", 72.5);
      await valueIs("TripReason", "Overcurrent");
      await valueIs("ArcFaultDetected", true);
      await valueIs("TripCount", 4);
      expect(value("Temperature")).toBe(initialValues["Temperature"]);
    });

    it("marks a value out of range, and one that the device could not measure", async () => {
      await online();

      await device.report({ CurrentPhaseA: 900 });
      await until(
        "a doubtful current",
        patienceMs,
        () => quality("CurrentPhaseA") === Quality.uncertainEngineeringUnitsExceeded,
      );
      await device.reportBad("Temperature");
      await until("a bad temperature", patienceMs, () => isBad(quality("Temperature")));

      expect(value("CurrentPhaseA")).toBe(900);
      expect(quality("Temperature")).not.toBe(Quality.badNoCommunication);
    });

    it("keeps measured values as doubtful and gives up the position when the device leaves, and takes all back when it returns", async () => {
      await online();

      await device.leave();
      await stateIs("offline");
      expect(fleet.value("CB-1", "CurrentPhaseA")).toMatchObject({
        value: initialValues["CurrentPhaseA"],
        quality: Quality.uncertainLastUsable,
      });
      expect(quality("Position")).toBe(Quality.badNoCommunication);
      expect((await failureOf(execute("Trip"))).code).toBe("device-offline");

      await device.join();
      await online();
    });

    it("notices that a device died without a word", async () => {
      await online();

      await device[Symbol.asyncDispose]();

      await stateIs(protocol.hasWill ? "offline" : "stale");
      expect(quality("Position")).toBe(Quality.badNoCommunication);
    });

    it("sends a command with its argument, and confirms it by the state that the device reports", async () => {
      await online();

      await expect(execute("Trip")).resolves.toMatchObject({ result: "confirmed" });
      await expect(execute("Close")).resolves.toMatchObject({ result: "confirmed" });
      await expect(execute("SelfTest")).resolves.toMatchObject({ result: "accepted" });

      expect(device.orders).toEqual(["Trip(by hand)", "Close(by hand)", "SelfTest(by hand)"]);
      expect(value("Position")).toBe(2);
    });

    it("says that the device refused, and why", async () => {
      await online();
      device.behaviour = "reject";

      const failure = await failureOf(execute("Trip"));

      expect(failure.code).toBe("command-rejected");
      expect(failure.message).toContain("blocked by interlocking");
    });

    it("says that the outcome is unknown when the device is silent", async () => {
      await online();
      device.behaviour = "silent";

      expect((await failureOf(execute("Trip"))).code).toBe("command-unconfirmed");
      expect(device.orders.length).toBeGreaterThan(0);
    });

    it("never turns a late answer into a success, but shows the state that came of it", async () => {
      await online();
      device.behaviour = "late";

      expect((await failureOf(execute("Trip"))).code).toBe("command-unconfirmed");
      await valueIs("Position", 1);
      device.behaviour = "obey";
      await expect(execute("Close")).resolves.toMatchObject({ result: "confirmed" });
    });

    it("takes the first of two answers, and none of them for the next command", async () => {
      await online();
      device.behaviour = "twice";
      await expect(execute("SelfTest")).resolves.toMatchObject({ result: "accepted" });
      device.behaviour = "silent";

      expect((await failureOf(execute("SelfTest"))).code).toBe("command-unconfirmed");
    });

    it("writes a setting and confirms it by the value that the device reports back", async () => {
      await online();

      await expect(write(200)).resolves.toMatchObject({ result: "confirmed" });
      expect(value("ThermalPickup")).toBe(200);
      expect(device.orders).toEqual(["ThermalPickup=200"]);

      device.behaviour = "reject";
      expect((await failureOf(write(150))).code).toBe("command-rejected");
      expect(value("ThermalPickup")).toBe(200);
    });

    it("never takes for data what the host published itself", async () => {
      await online();
      await execute("Trip");
      await write(200);
      await execute("Close");

      const fromDevice = (): number => broker.count(device.clientId);
      await until("the counters to meet", patienceMs, () => fleet.traffic.messages === fromDevice());
      await sleep(200);
      expect(fleet.traffic.messages).toBe(fromDevice());
      expect(broker.count(hostClient)).toBeGreaterThan(0);
    });

    it("loses its values with its connection to the broker, tries again by itself and has them back", async () => {
      await online();

      broker.cut(hostClient);
      await stateIs("stale");
      expect(quality("CurrentPhaseA")).toBe(Quality.uncertainLastUsable);
      expect(fleet.presence.nextRetry(fleet.device("CB-1"))).toBeGreaterThan(Date.now() - 1_000);

      await until("the host to be back", patienceMs, () => transport.health().connected);
      await device.report({ CurrentPhaseA: 64 });
      await valueIs("CurrentPhaseA", 64);
      await stateIs("online");
    });

    it("survives a restart of the broker", async () => {
      await online();

      await broker.stop();
      await stateIs("stale");
      // Opening is tried even when nobody vouches for the device any more; closing is not.
      expect((await failureOf(execute("Trip"))).code).toBe("command-not-sent");
      expect((await failureOf(execute("Close"))).code).toBe("device-offline");

      await broker.start();
      await until("the host to be back", 15_000, () => transport.health().connected);
      await device.join();
      await device.report({ CurrentPhaseA: 65 });
      await valueIs("CurrentPhaseA", 65);
      await stateIs("online");
      await expect(execute("Trip")).resolves.toMatchObject({ result: "confirmed" });
    });

    it.each([
      ["an hour ahead", 3_600_000],
      ["years behind", -20 * 365 * 86_400_000],
    ])("gives values its own time when the device's clock is %s, and still confirms commands", async (_how, skewMs) => {
      device.clockSkewMs = skewMs;
      await online();

      await device.report({ CurrentPhaseA: 66 });
      await valueIs("CurrentPhaseA", 66);

      expect(Math.abs((fleet.value("CB-1", "CurrentPhaseA").sourceTime ?? 0) - Date.now())).toBeLessThan(5_000);
      await expect(execute("Trip")).resolves.toMatchObject({ result: "confirmed" });
    });

    it("counts every message as accepted or rejected, and lets no garbage near a value", async () => {
      await online();
      const before = counted();

      for (let i = 0; i < 3; i += 1) await device.reportGarbage();
      await until("the garbage to be counted", patienceMs, () => counted().rejectedTotal >= before.rejectedTotal + 3);
      await device.report({ CurrentPhaseA: 67 });
      await valueIs("CurrentPhaseA", 67);

      expect(counted().rejectedTotal).toBe(before.rejectedTotal + 3);
      await until("the counters to balance", patienceMs, () => fleet.traffic.pending === 0);
    });

    it("leaves its devices stale when it stops", async () => {
      await online();

      await transport[Symbol.asyncDispose]();

      expect(fleet.state("CB-1")).toBe("stale");
      expect(transport.health().connected).toBe(false);
    });
  });
}
