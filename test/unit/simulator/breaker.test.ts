import { describe, expect, it } from "vitest";
import { AddCause } from "#simulator/breaker/add-cause.ts";
import { Breaker, Cradle } from "#simulator/breaker/breaker.ts";
import { execute, writeSetting } from "#simulator/breaker/control.ts";
import { Position } from "#simulator/breaker/mechanism.ts";
import { Supply } from "#simulator/physics/supply.ts";
import { Random } from "#simulator/random.ts";

function breaker(seed = "1"): Breaker {
  const random = new Random(seed);
  return new Breaker({
    id: "CB-0001",
    supply: new Supply(400, 50, random.fork("supply")),
    random: random.fork("CB-0001"),
  });
}

const trip = { kind: "trip" } as const;
const close = { kind: "close", client: "host" } as const;
const reset = { kind: "reset", resetType: "Full" } as const;

function opened(): Breaker {
  const device = breaker();
  execute(device, trip);
  device.advanceTo(100);
  return device;
}

describe("a breaker", () => {
  it("carries no current and no power once it is open", () => {
    const device = breaker();
    expect(device.readings.maxA).toBeGreaterThan(10);

    execute(device, trip);
    device.advanceTo(100);

    expect(device.readings.maxA).toBe(0);
    expect(device.readings.activeKw).toBe(0);
    expect(device.readings.voltagesV[0]).toBeGreaterThan(200);
  });

  it("needs 30 to 60 ms to open by command and passes the intermediate position", () => {
    const device = breaker();

    execute(device, trip);
    device.advanceTo(29);
    const during = device.mechanism.position;
    device.advanceTo(61);

    expect(during).toBe(Position.intermediate);
    expect(device.mechanism.position).toBe(Position.open);
    expect(device.lastTrip?.reason).toBe("RemoteCommand");
  });

  it("closes again at once after a Trip by command because nothing is latched", () => {
    const device = opened();

    const result = execute(device, close);
    device.advanceTo(300);

    expect(result.addCause).toBe(AddCause.accepted);
    expect(device.mechanism.position).toBe(Position.closed);
  });

  it("trips within 50 ms on a bolted fault and stays latched until reset", () => {
    const device = breaker();

    device.inject({ kind: "bolted", amps: 12_000 }, 1_000);
    device.advanceTo(2_000);

    expect(device.lastTrip?.reason).toBe("Instantaneous");
    expect(device.lastTrip?.clearMs).toBeLessThan(50);
    expect(execute(device, close)).toMatchObject({ addCause: AddCause.interlocking });
    execute(device, reset);
    expect(execute(device, close)).toMatchObject({ addCause: AddCause.accepted });
  });

  it("trips on a ground fault inside the published window of its delay", () => {
    const device = breaker();

    device.inject({ kind: "ground", amps: 150 }, 1_000);
    device.advanceTo(2_000);

    expect(device.lastTrip?.reason).toBe("GroundFault");
    expect(device.lastTrip?.clearMs).toBeGreaterThanOrEqual(140);
    expect(device.lastTrip?.clearMs).toBeLessThanOrEqual(200);
  });

  it("gives the same trips for the same seed", () => {
    const run = (seed: string): unknown => {
      const device = breaker(seed);
      device.inject({ kind: "overload", amps: 1_200 }, 5_000);
      device.advanceTo(5_000);
      return device.lastTrip;
    };

    expect(run("7")).toEqual(run("7"));
    expect(run("7")).not.toEqual(run("8"));
  });
});

describe("Close is refused", () => {
  it("while RemoteControlEnabled is false", () => {
    const device = opened();
    writeSetting(device, "RemoteControlEnabled", 0);

    expect(execute(device, close).addCause).toBe(AddCause.blockedByMode);
  });

  it("while the cradle is Disconnected", () => {
    const device = opened();
    device.cradle = Cradle.disconnected;

    expect(execute(device, close).addCause).toBe(AddCause.interlocking);
  });

  it("while the breaker is closed already", () => {
    expect(execute(breaker(), close).addCause).toBe(AddCause.positionReached);
  });
});

describe("a setting", () => {
  it("outside its range is refused with the numbers and stays as it was", () => {
    const device = breaker();

    const result = writeSetting(device, "ThermalPickup", 300);

    expect(result).toEqual({ addCause: AddCause.inconsistentParameters, reason: "ThermalPickup 300 A is above 250 A" });
    expect(device.settings.ThermalPickup).toBe(250);
  });

  it("that would put the short-time pickup above the instantaneous one is refused", () => {
    expect(writeSetting(breaker(), "InstantaneousPickup", 900).reason).toBe(
      "InstantaneousPickup 900 A must be above OvercurrentPickup 1000 A",
    );
  });
});
