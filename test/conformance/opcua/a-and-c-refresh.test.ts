import { expect, it } from "vitest";
import { openDesk } from "./alarm-desks.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("A & C Refresh", (context) => {
  it("sends the alarms that should be seen between start and end, to the subscription that asked", async () => {
    const { fixture } = context();
    const desk = await openDesk(context());
    const other = await openDesk(context());
    fixture.feed("CB-0005", { Temperature: 81 });
    const active = await desk.see("CB-0005/TemperatureHigh", { "ActiveState/Id": true });

    const events = await desk.refresh();

    const found = events.find(({ ConditionId }) => ConditionId === active.ConditionId);
    expect(found?.EventId).toEqual(active.EventId);
    expect(events.filter(({ Retain }) => Retain !== true)).toEqual([]);
    expect(other.events.filter(({ EventType }) => EventType === "ns=0;i=2787")).toEqual([]);
    fixture.feed("CB-0005", { Temperature: 20 });
  });

  it("loses nothing when the queue of the client is short", async () => {
    const { fixture } = context();
    const devices = [...fixture.fleet.registry.all()].filter(({ id }) => /^CB-\d{4}$/.test(id));
    const alarms = { Temperature: 81, ArcFaultDetected: 1, MaintenanceDue: 1, LocalControl: 1, ContactWear: 100 };
    for (const { id } of devices) fixture.feed(id, { ...alarms, ProtectionEnabled: 0, ThermalCapacityUsed: 100 });
    const desk = await openDesk(context(), { queueSize: 100 });

    const events = await desk.refresh();

    const retained = Array.from(fixture.fleet.alarms.retained(), ({ id }) => id);
    expect(retained.length).toBeGreaterThan(100);
    expect(events).toHaveLength(retained.length);
    expect(events.filter(({ EventType }) => EventType === "ns=0;i=3035")).toEqual([]);
    const well = { Temperature: 20, ArcFaultDetected: 0, MaintenanceDue: 0, LocalControl: 0, ContactWear: 0 };
    for (const { id } of devices) fixture.feed(id, { ...well, ProtectionEnabled: 1, ThermalCapacityUsed: 0 });
  });
});
