import { describe, expect, it } from "vitest";
import type { Device } from "#fleet/device.ts";
import { defaultOnboardingPolicy, type OnboardingLimits } from "#fleet/onboarding/onboarding-policy.ts";
import type { Announcement, OfferedPoint } from "#fleet/ports.ts";
import type { PackageRole } from "#model/command-spec.ts";
import { type DevicePackage, packageKey } from "#model/device-package.ts";
import { Quality } from "#model/quality.ts";
import { SampleBatch } from "#model/sample-batch.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { MemoryTransport } from "../../support/memory-transport.ts";
import { TransportFleet } from "../../support/transport-fleet.ts";
import { wirePackage, wireType } from "../../support/wire-package.ts";

const clock = new FakeClock();
const humidity: OfferedPoint = { address: "Climate/Humidity", dataType: "float", unit: "%", low: 0, high: 100 };
const door: OfferedPoint = { address: "Door open?", dataType: "boolean" };

interface Options {
  readonly mode?: "auto" | "matching" | "manual";
  readonly limits?: Partial<OnboardingLimits>;
  readonly packages?: readonly DevicePackage[];
}

function fleetOf({ mode = "auto", limits = {}, packages = [wirePackage] }: Options = {}): TransportFleet {
  const policy = { mode, limits: { ...defaultOnboardingPolicy.limits, ...limits } };
  const fleet = new TransportFleet({ packages, clock, policy });
  fleet.transports.push(new MemoryTransport());
  return fleet;
}

function announce(fleet: TransportFleet, name: string, change: Partial<Announcement> = {}): Device | undefined {
  const offers = change.offers ?? [humidity];
  return fleet.ingest.announced({
    protocol: "sparkplug",
    name,
    address: `Plant/N1/${name}`,
    declaredType: undefined,
    points: offers.map(({ address }) => address),
    offers,
    at: clock.now(),
    ...change,
  });
}

function by(role: PackageRole = "maintenance") {
  return { user: "anna", roles: [role], origin: "test" };
}

const names = (fleet: TransportFleet): string[] => [...fleet.registry.all()].map(({ id }) => id);
const typeOf = (fleet: TransportFleet, id: string): string => fleet.device(id).package.typeName;

describe("policy", () => {
  it.each([
    ["auto", wireType, ["D1"], 0],
    ["auto", undefined, ["D1"], 0],
    ["matching", wireType, ["D1"], 0],
    ["matching", undefined, [], 1],
    ["manual", wireType, [], 1],
    ["manual", undefined, [], 1],
  ] as const)("%s with declared type %s: devices %j, waiting %i", (mode, declaredType, devices, waiting) => {
    const fleet = fleetOf({ mode });

    announce(fleet, "D1", { declaredType });

    expect(names(fleet)).toEqual(devices);
    expect(fleet.onboarding.counts().pending).toBe(waiting);
    expect(fleet.traffic.rejectedTotal).toBe(waiting);
  });

  it("knows a device by the type definition that its metrics refer to", () => {
    const fleet = fleetOf({ mode: "matching" });

    announce(fleet, "D1", { references: ["Motor", wireType] });

    expect(typeOf(fleet, "D1")).toBe(wirePackage.typeName);
  });

  it("lets a device that says nothing of itself wait even where everybody is welcome", () => {
    const fleet = fleetOf({ mode: "auto" });

    announce(fleet, "D1", { offers: [] });

    expect(fleet.onboarding.list()).toMatchObject([{ name: "D1", pointCount: 0 }]);
  });
});

describe("a device without a package", () => {
  it("has what it offers as read-only points with type, unit and range", () => {
    const fleet = fleetOf();

    announce(fleet, "D1", { offers: [humidity, door] });

    expect(fleet.device("D1").package.parameters).toMatchObject([
      {
        name: "Climate.Humidity",
        displayName: "Climate/Humidity",
        dataType: "float",
        unit: { code: "P1" },
        range: { low: 0, high: 100 },
        access: "read",
        group: "DeviceSpecific",
        history: { historize: true },
        bindings: { sparkplug: { address: "Climate/Humidity" } },
      },
      { name: "Door_open", dataType: "boolean" },
    ]);
  });

  it("gets the package that is installed later when it introduces itself again, and keeps what only it has", () => {
    const fleet = fleetOf({ packages: [] });
    const transport = new MemoryTransport();
    fleet.transports[0] = transport;
    const offers = [humidity, ...offersOf(wirePackage)];
    announce(fleet, "D1", { offers });
    expect(typeOf(fleet, "D1")).toBe("GenericDevice");

    fleet.shelf.put(wirePackage);
    expect(transport.readmitted).toEqual(["Plant/N1/D1"]);
    announce(fleet, "D1", { offers });

    expect(typeOf(fleet, "D1")).toBe(wirePackage.typeName);
    expect(fleet.device("D1").package.parameters.slice(wirePackage.parameters.length)).toMatchObject([
      { name: "Climate.Humidity", group: "DeviceSpecific" },
    ]);
  });

  it("is only proposed a package where an operator decides", () => {
    const fleet = fleetOf({ mode: "manual", packages: [] });
    announce(fleet, "D1", { declaredType: wireType });
    fleet.onboarding.accept({ key: "D1", package: "generic", by: by() });

    fleet.shelf.put(wirePackage);
    announce(fleet, "D1", { declaredType: wireType });

    expect(typeOf(fleet, "D1")).toBe("GenericDevice");
    expect([...fleet.onboarding.upgrades()]).toMatchObject([["D1", [{ package: { id: wirePackage.id }, score: 1 }]]]);
  });
});

describe("points beyond the package", () => {
  it("appear behind those of the package, but not what the package knows as commands", () => {
    const fleet = fleetOf();
    const trip: OfferedPoint = { address: "Command/Trip", dataType: "boolean" };

    announce(fleet, "D1", { declaredType: wireType, offers: [...offersOf(wirePackage), trip, humidity] });

    const { parameters } = fleet.device("D1").package;
    expect(parameters.map(({ name }) => name)).toEqual([
      ...wirePackage.parameters.map(({ name }) => name),
      "Climate.Humidity",
    ]);
  });

  it("come when a later BIRTH has them, and the values that were there stay", () => {
    const fleet = fleetOf();
    const first = announce(fleet, "D1", { declaredType: wireType });
    const batch = new SampleBatch(1);
    batch.reset(clock.now());
    batch.add(first?.package.parameterByName.get("Climate.Humidity")?.index ?? -1, 44, clock.now(), Quality.good);
    if (first !== undefined) fleet.ingest.samples(first, batch);

    const second = announce(fleet, "D1", { declaredType: wireType, offers: [door, humidity] });

    expect(second).not.toBe(first);
    expect(fleet.value("D1", "Climate.Humidity").value).toBe(44);
    expect(fleet.device("D1").package.parameterByName.has("Door_open")).toBe(true);
    expect(announce(fleet, "D1", { declaredType: wireType, offers: [door] })).toBe(second);
  });

  it("get names of their own where addresses would give the same, or one that nodes of devices have", () => {
    const fleet = fleetOf();
    const offers = ["a b", "a_b", "Lock", "Position", "???"].map(
      (address): OfferedPoint => ({
        address,
        dataType: "double",
      }),
    );

    announce(fleet, "D1", { declaredType: wireType, offers });

    expect(
      fleet
        .device("D1")
        .package.parameters.slice(wirePackage.parameters.length)
        .map(({ name }) => name),
    ).toEqual(["a_b", "a_b_2", "Lock_2", "Position_2", "Point"]);
  });

  it("are bounded per device and over all devices; what is left out is counted", () => {
    const fleet = fleetOf({ limits: { pointsPerDevice: 3, points: 5 } });
    const many = Array.from({ length: 10 }, (_, i): OfferedPoint => ({ address: `p${i}`, dataType: "double" }));

    for (const name of ["D1", "D2", "D3"]) announce(fleet, name, { offers: many });

    expect(names(fleet).map((id) => fleet.device(id).package.parameters.length)).toEqual([3, 2, 0]);
    expect(fleet.onboarding.counts()).toMatchObject({ points: 5, pointsLeftOut: 25 });
    fleet.registry.remove(fleet.device("D1").id);
    expect(fleet.onboarding.counts().points).toBe(2);
  });

  it("does not grow beyond the limit, however often the metrics change", () => {
    const fleet = fleetOf({ limits: { pointsPerDevice: 20 } });

    for (let i = 0; i < 200; i += 1) announce(fleet, "D1", { offers: [{ address: `p${i}`, dataType: "double" }] });

    expect(fleet.device("D1").package.parameters).toHaveLength(20);
  });
});

describe("an operator", () => {
  it("accepts a device with the package proposed, another one, or none, and under another name", () => {
    const other = { ...wirePackage, id: "test/other", detection: { declaredTypes: [] } };
    const fleet = fleetOf({ mode: "manual", packages: [wirePackage, other] });
    for (const name of ["D1", "D2", "D3"]) announce(fleet, name, { declaredType: wireType });

    fleet.onboarding.accept({ key: "sparkplug Plant/N1/D1", by: by() });
    fleet.onboarding.accept({ key: "D2", package: packageKey(other), by: by() });
    fleet.onboarding.accept({ key: "D3", package: "generic", name: "Pump 3", by: by() });

    expect(names(fleet).map((id) => [id, fleet.device(id).package.id])).toEqual([
      ["D1", wirePackage.id],
      ["D2", "test/other"],
      ["Pump 3", "fdi-host/generic"],
    ]);
    expect(fleet.onboarding.counts().pending).toBe(0);
    expect(announce(fleet, "D3")?.id).toBe("Pump 3");
  });

  it("asks the device to introduce itself at once", () => {
    const fleet = fleetOf({ mode: "manual" });
    const transport = new MemoryTransport();
    fleet.transports[0] = transport;
    announce(fleet, "D1");

    fleet.onboarding.accept({ key: "D1", package: "generic", by: by() });

    expect(transport.readmitted).toEqual(["Plant/N1/D1"]);
  });

  it.each([
    ["an operator", { key: "D1", by: by("operator") }, "access-denied"],
    ["a device that nobody heard of", { key: "D9", by: by() }, "device-unknown"],
    ["no package where none is proposed", { key: "D1", by: by() }, "argument-invalid"],
    ["a package that is not installed", { key: "D1", package: "no/such@1.0.0", by: by() }, "argument-invalid"],
    ["a name that is taken", { key: "D1", package: "generic", name: "D2", by: by() }, "argument-invalid"],
  ])("is refused: %s", (_what, request, code) => {
    const fleet = fleetOf({ mode: "matching" });
    announce(fleet, "D1");
    announce(fleet, "D2", { declaredType: wireType });

    expect(() => fleet.onboarding.accept(request)).toThrow(expect.objectContaining({ code }));
    expect(fleet.onboarding.counts().pending).toBe(1);
  });

  it("rejects a device for good, until he changes his mind", () => {
    const fleet = fleetOf({ mode: "manual" });
    announce(fleet, "D1", { declaredType: wireType });

    fleet.onboarding.reject("D1", by());
    announce(fleet, "D1", { declaredType: wireType });

    expect(fleet.onboarding.list()).toMatchObject([{ name: "D1", state: "rejected", reason: "rejected by anna" }]);
    fleet.onboarding.accept({ key: "D1", by: by() });
    expect(names(fleet)).toEqual(["D1"]);
  });

  it("removes a device for good: it does not come back by itself", () => {
    const fleet = fleetOf();
    announce(fleet, "D1");

    fleet.onboarding.remove(fleet.device("D1"), by("administrator"));

    expect(announce(fleet, "D1")).toBeUndefined();
    expect(names(fleet)).toEqual([]);
    expect(fleet.onboarding.counts().rejected).toBe(1);
  });

  it("finds everybody again after a restart", () => {
    const before = fleetOf({ mode: "manual" });
    announce(before, "D1", { declaredType: wireType });
    announce(before, "D2");
    before.onboarding.reject("D2", by());
    const after = fleetOf({ mode: "manual" });

    after.onboarding.restore(before.onboarding.records());

    expect(after.onboarding.list()).toEqual(before.onboarding.list());
  });
});

describe("strangers", () => {
  it("wait when their name is taken by another device, and can be taken in under another one", () => {
    const fleet = fleetOf();
    announce(fleet, "D1");

    expect(announce(fleet, "D1", { address: "Plant/N2/D1" })).toBeUndefined();

    expect(fleet.traffic.rejected["foreign-device"]).toBe(1);
    expect(fleet.onboarding.list()).toMatchObject([
      { key: "sparkplug Plant/N2/D1", reason: "device name D1 of Plant/N2/D1 is taken by Plant/N1/D1" },
    ]);
  });

  it("find no place beyond the limits, and are counted", () => {
    const fleet = fleetOf({ limits: { devices: 2, pending: 3 } });

    for (let i = 0; i < 10; i += 1) announce(fleet, `D${i}`);
    for (let i = 0; i < 10; i += 1) announce(fleet, "D0", { address: `Plant/X${i}/D0` });

    expect(names(fleet)).toEqual(["D0", "D1"]);
    expect(fleet.onboarding.counts()).toMatchObject({ pending: 0, turnedAway: 18 });
    expect(fleet.traffic.rejected["too-many"]).toBe(18);
  });

  it("do not push out those who wait", () => {
    const fleet = fleetOf({ mode: "manual", limits: { pending: 3 } });

    for (let i = 0; i < 10; i += 1) announce(fleet, `D${i}`);

    expect(fleet.onboarding.list().map(({ name }) => name)).toEqual(["D0", "D1", "D2"]);
    expect(fleet.onboarding.counts().turnedAway).toBe(7);
  });
});

function offersOf(pkg: DevicePackage): OfferedPoint[] {
  return pkg.parameters.flatMap(({ dataType, bindings }) => {
    const address = bindings.sparkplug?.address;
    return address === undefined ? [] : [{ address, dataType }];
  });
}
