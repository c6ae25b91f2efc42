import { describe, expect, it } from "vitest";
import { AlarmFleet, maintainer, operator, principal } from "../../../support/alarm-fleet.ts";
import { refusalOf } from "../../../support/failure-of.ts";

const id = "CB-1/Overload";

function activeFleet(more: object = {}): AlarmFleet {
  const fleet = new AlarmFleet([{ name: "Overload", when: "CurrentPhaseA > 100", ...more }]);
  fleet.sample("CurrentPhaseA", 120);
  return fleet;
}

describe("acknowledging", () => {
  it("keeps an active alarm in the list, and takes it off when it has gone", () => {
    const fleet = activeFleet();

    fleet.alarms.acknowledge(id, operator, "on my way");
    expect(fleet.retained).toEqual([id]);
    fleet.sample("CurrentPhaseA", 50);

    expect(fleet.retained).toEqual([]);
    expect(fleet.state("Overload").comment).toMatchObject({ text: "on my way", user: "olga" });
  });

  it("keeps an alarm that has gone in the list until it is acknowledged", () => {
    const fleet = activeFleet();
    fleet.sample("CurrentPhaseA", 50);
    expect(fleet.retained).toEqual([id]);

    fleet.alarms.acknowledge(id, operator, "");

    expect(fleet.retained).toEqual([]);
  });

  it("is refused the second time, with the event that was acknowledged as well", () => {
    const fleet = activeFleet();
    const { eventId } = fleet.state("Overload");
    fleet.alarms.acknowledge(id, operator, "", eventId);

    expect(refusalOf(() => fleet.alarms.acknowledge(id, operator, "", eventId))).toBe("alarm-acknowledged");
  });

  it("is refused for the event of an earlier activity", () => {
    const fleet = activeFleet();
    const { eventId } = fleet.state("Overload");
    fleet.sample("CurrentPhaseA", 50);
    fleet.sample("CurrentPhaseA", 120);

    expect(refusalOf(() => fleet.alarms.acknowledge(id, operator, "", eventId))).toBe("alarm-event-unknown");
    expect(fleet.state("Overload").acknowledged).toBe(false);
  });

  it("is asked for again when the alarm becomes active again", () => {
    const fleet = activeFleet();
    fleet.alarms.acknowledge(id, operator, "");

    fleet.sample("CurrentPhaseA", 50);
    fleet.sample("CurrentPhaseA", 120);

    expect(fleet.state("Overload").acknowledged).toBe(false);
  });

  it("is not asked for where the rule acknowledges by itself", () => {
    const fleet = activeFleet({ autoAcknowledge: true });

    expect(fleet.state("Overload").acknowledged).toBe(true);
  });

  it("needs the role operator, says who did it, and both are in the audit", () => {
    const fleet = activeFleet();

    expect(refusalOf(() => fleet.alarms.acknowledge(id, principal("vera", "viewer"), ""))).toBe("access-denied");
    fleet.alarms.acknowledge(id, operator, "seen");

    expect(fleet.events.at(-1)).toMatchObject({ kind: "acknowledged", user: "olga", device: "CB-1" });
    expect(fleet.audit.entries).toMatchObject([
      { kind: "refused", user: "vera", action: "Acknowledge Overload" },
      { kind: "alarm", user: "olga", device: "CB-1", action: "Acknowledge Overload", detail: "seen" },
    ]);
  });

  it("is refused for an alarm that is not there", () => {
    const fleet = activeFleet();

    for (const unknown of ["CB-1/Nothing", "CB-2/Overload", "Overload", ""]) {
      expect(refusalOf(() => fleet.alarms.acknowledge(unknown, operator, ""))).toBe("alarm-unknown");
    }
  });
});

describe("confirming", () => {
  it("follows acknowledging, and only where it is asked for", () => {
    const fleet = activeFleet({ requiresConfirmation: true });
    expect(refusalOf(() => fleet.alarms.confirm(id, operator, ""))).toBe("alarm-state");

    fleet.alarms.acknowledge(id, operator, "");
    fleet.sample("CurrentPhaseA", 50);
    expect(fleet.retained).toEqual([id]);
    fleet.alarms.confirm(id, operator, "cable replaced");

    expect(fleet.retained).toEqual([]);
    expect(refusalOf(() => fleet.alarms.confirm(id, operator, ""))).toBe("alarm-confirmed");
  });
});

describe("a latched alarm", () => {
  it("stays active until it is reset, which comes after the cause has gone and the acknowledgement", () => {
    const fleet = activeFleet({ latched: true });
    expect(refusalOf(() => fleet.alarms.reset(id, operator))).toBe("alarm-state");
    fleet.sample("CurrentPhaseA", 50);
    expect(fleet.state("Overload")).toMatchObject({ active: true, latched: true });
    expect(refusalOf(() => fleet.alarms.reset(id, operator))).toBe("alarm-state");
    fleet.alarms.acknowledge(id, operator, "");

    fleet.alarms.reset(id, operator);

    expect(fleet.state("Overload")).toMatchObject({ active: false, latched: false, clearedAt: fleet.clock.now() });
    expect(fleet.retained).toEqual([]);
  });

  it("has to be acknowledged anew when its cause comes back before the reset", () => {
    const fleet = activeFleet({ latched: true });
    fleet.sample("CurrentPhaseA", 50);
    fleet.alarms.acknowledge(id, operator, "");

    fleet.sample("CurrentPhaseA", 130);

    expect(fleet.state("Overload")).toMatchObject({ active: true, latched: false, acknowledged: false });
  });
});

describe("shelving", () => {
  it("ends by itself, and the alarm is still judged meanwhile", () => {
    const fleet = activeFleet();
    fleet.alarms.shelve(id, 60_000, operator, "known");
    expect(fleet.state("Overload")).toMatchObject({ shelving: "timed", shelvedUntil: fleet.clock.now() + 60_000 });
    fleet.sample("CurrentPhaseA", 50);

    fleet.clock.advance(59_999);
    expect(fleet.state("Overload").shelving).toBe("timed");
    fleet.clock.advance(1);

    expect(fleet.state("Overload")).toMatchObject({ shelving: "unshelved", shelvedUntil: undefined, active: false });
    expect(fleet.told.at(-1)).toBe("unshelved Overload");
  });

  it("for once ends with the alarm", () => {
    const fleet = activeFleet();
    fleet.alarms.shelve(id, undefined, operator);

    fleet.clock.advance(3_600_000);
    expect(fleet.state("Overload").shelving).toBe("one-shot");
    fleet.sample("CurrentPhaseA", 50);

    expect(fleet.state("Overload").shelving).toBe("unshelved");
  });

  it("is refused twice, for no time, for too long, and to be ended where there is none", () => {
    const fleet = activeFleet();

    expect(refusalOf(() => fleet.alarms.unshelve(id, operator))).toBe("alarm-not-shelved");
    for (const time of [0, -1, Number.NaN, 1e12]) {
      expect(refusalOf(() => fleet.alarms.shelve(id, time, operator))).toBe("shelving-time");
    }
    fleet.alarms.shelve(id, 1_000, operator);
    expect(refusalOf(() => fleet.alarms.shelve(id, 1_000, operator))).toBe("alarm-shelved");
    fleet.alarms.unshelve(id, operator);

    expect(fleet.state("Overload").shelving).toBe("unshelved");
  });
});

describe("what else people do", () => {
  it("suppresses and releases", () => {
    const fleet = activeFleet();

    fleet.alarms.setSuppressed(id, true, operator, "being tested");
    expect(fleet.state("Overload").suppressed).toBe(true);
    expect(refusalOf(() => fleet.alarms.setSuppressed(id, true, operator))).toBe("alarm-state");
    fleet.alarms.setSuppressed(id, false, operator);

    expect(fleet.told.slice(1)).toEqual(["suppressed Overload", "unsuppressed Overload"]);
  });

  it("takes an alarm out of service and back with the role maintenance", () => {
    const fleet = activeFleet();

    expect(refusalOf(() => fleet.alarms.setOutOfService(id, true, operator))).toBe("access-denied");
    fleet.alarms.setOutOfService(id, true, maintainer);
    expect(fleet.state("Overload").outOfService).toBe(true);
    fleet.alarms.setOutOfService(id, false, maintainer);

    expect(fleet.state("Overload").outOfService).toBe(false);
  });

  it("disables an alarm, which is not judged or shown then, and judges it at once when enabled", () => {
    const fleet = activeFleet();

    fleet.alarms.setEnabled(id, false, maintainer);
    expect(fleet.state("Overload")).toMatchObject({ enabled: false, active: false });
    expect(fleet.retained).toEqual([]);
    fleet.sample("CurrentPhaseA", 130);
    expect(fleet.state("Overload").active).toBe(false);
    expect(refusalOf(() => fleet.alarms.acknowledge(id, operator, ""))).toBe("alarm-disabled");
    expect(refusalOf(() => fleet.alarms.setEnabled(id, false, maintainer))).toBe("alarm-disabled");
    fleet.alarms.setEnabled(id, true, maintainer);

    expect(fleet.state("Overload")).toMatchObject({ enabled: true, active: true });
    expect(fleet.told).toEqual(["active Overload", "disabled Overload", "enabled Overload", "active Overload"]);
  });

  it("comments", () => {
    const fleet = activeFleet();

    fleet.alarms.comment(id, operator, "x".repeat(5_000));

    expect(fleet.state("Overload").comment?.text).toHaveLength(1_000);
  });
});
