import { describe, expect, it } from "vitest";
import { HostWatch } from "#app/host-watch.ts";
import { AlarmFleet } from "../../support/alarm-fleet.ts";

/** A host whose journal and broker do as they are told. */
function watched() {
  const fleet = new AlarmFleet([]);
  const journal = { bytes: 0, maxBytes: 1_000, minFreeBytes: 0, whenFull: "drop-oldest" as const };
  const { alarms, transport, clock } = fleet;
  const watch = new HostWatch({ alarms, transports: [transport], historian: { journalState: () => journal }, clock });
  const active = (name: string): boolean => alarms.find(`Server/${name}`)?.state.active === true;
  return { fleet, journal, watch, active };
}

describe("the alarms of the host's parts", () => {
  it("say that the broker is away for longer than a moment, once", () => {
    const { fleet, active } = watched();

    fleet.transport.connected = false;
    fleet.clock.advance(9_000);
    expect(active("BrokerUnavailable")).toBe(false);
    fleet.clock.advance(60_000);
    expect(active("BrokerUnavailable")).toBe(true);
    fleet.transport.connected = true;
    fleet.clock.advance(2_000);

    expect(fleet.told).toEqual(["active BrokerUnavailable", "cleared BrokerUnavailable"]);
  });

  it("say that the journal is nearly full, and not each time that it is emptied a little", () => {
    const { fleet, journal, active } = watched();

    for (const bytes of [850, 790, 850, 710]) {
      journal.bytes = bytes;
      fleet.clock.advance(2_000);
    }
    expect(active("JournalNearlyFull")).toBe(true);
    journal.bytes = 600;
    fleet.clock.advance(2_000);

    expect(fleet.told).toEqual(["active JournalNearlyFull", "cleared JournalNearlyFull"]);
    expect(fleet.events[0]?.message).toMatch(/^The journal is 85 % full/);
  });
});
