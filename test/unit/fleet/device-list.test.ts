import { expect, it } from "vitest";
import { DeviceList, type DeviceRow, type DeviceSortKey, deviceSortKeys } from "#fleet/device-list.ts";
import { TestFleet } from "../../support/test-fleet.ts";

/** What a row is sorted by, as a number. */
function keyOf({ device, presence, position }: DeviceRow, sort: DeviceSortKey): string | number {
  const keys = { id: device.id, type: device.package.typeName, presence: presence.state, position };
  return sort === "lastSeen" ? (presence.lastSeen ?? 0) : keys[sort];
}

it.each(deviceSortKeys)("sorts by %s in both directions, equal ones by their names", (sort) => {
  const fleet = new TestFleet();
  const states = ["online", "stale", "offline"] as const;
  for (let i = 1; i <= 60; i += 1) {
    const device = fleet.announce(`CB-X${(i * 37) % 61}`, `G/N/CB-X${i}`);
    if (device === undefined) throw new Error("not admitted");
    fleet.sampleOf(device, "Position", i % 4);
    // Some were seen at the same instant, some never.
    if (i % 5 > 0) fleet.ingest.presence(device, "online", fleet.clock.now() + (i % 7), "");
    fleet.ingest.presence(device, states[i % 3] ?? "stale", fleet.clock.now(), "");
  }
  const list = new DeviceList(fleet);
  const namesOf = (descending: boolean) => {
    const rows = list.page({ sort, descending, offset: 0, limit: 100 }).rows;
    const sign = descending ? -1 : 1;
    const wanted = rows.toSorted((a, b) => {
      const [x, y] = [keyOf(a, sort), keyOf(b, sort)];
      return (x < y ? -sign : x > y ? sign : 0) || (a.device.id < b.device.id ? -1 : 1);
    });
    return { got: rows.map(({ device }) => device.id), wanted: wanted.map(({ device }) => device.id) };
  };

  for (const { got, wanted } of [namesOf(false), namesOf(true)]) {
    expect(got).toEqual(wanted);
    expect(new Set(got).size).toBe(61);
  }
});
