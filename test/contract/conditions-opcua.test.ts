import { DataType, FilterOperator, LiteralOperand, resolveNodeId, SimpleAttributeOperand } from "node-opcua-client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { subscribe } from "../conformance/opcua/subscribe.ts";
import { AlarmDesk, conditionIdOf, conditionMethodIds, duration, localized } from "../support/alarm-desk.ts";
import type { ScadaClient } from "../support/opcua-client.ts";
import { OpcUaFixture } from "../support/opcua-fixture.ts";
import { until } from "../support/until.ts";

/** Alarms over the wire: what a client sees at each step of an alarm's life, and what it may do. */

let fixture: OpcUaFixture;
let client: ScadaClient;
let desk: AlarmDesk;

beforeAll(async () => {
  fixture = await OpcUaFixture.start();
  client = await fixture.admin();
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await fixture[Symbol.asyncDispose]();
});
beforeEach(async () => {
  desk = await AlarmDesk.open(client, await subscribe(client));
});

let used = 0;

/** A breaker that no other test touches, and the name of its alarm. */
function fresh(alarm: string): { readonly device: string; readonly name: string } {
  used += 1;
  const device = `CB-${String(used).padStart(4, "0")}`;
  return { device, name: `${device}/${alarm}` };
}

describe("an alarm", () => {
  it("becomes active, is acknowledged with comment and user, and goes", async () => {
    const { device, name } = fresh("TemperatureHigh");

    fixture.feed(device, { Temperature: 81 });
    const active = await desk.see(name, { "ActiveState/Id": true });
    const first = await desk.answer("Acknowledge", active, "fan was off");
    const acked = await desk.see(name, { "AckedState/Id": true });
    fixture.feed(device, { Temperature: 20 });
    const gone = await desk.see(name, { "ActiveState/Id": false });

    const common = { SourceName: device, ConditionName: "TemperatureHigh", Severity: 700, BranchId: "ns=0;i=0" };
    expect(active).toMatchObject({ ...common, "AckedState/Id": false, Retain: true, "EnabledState/Id": true });
    expect(active.InputNode).toBe(`ns=1;s=${device}/Temperature`);
    expect(first).toBe("Good");
    expect(acked).toMatchObject({
      Comment: "fan was off",
      ClientUserId: "admin",
      Retain: true,
      "ActiveState/Id": true,
    });
    expect(gone).toMatchObject({ Retain: false, Comment: "fan was off" });
  });

  it("is acknowledged once, and only with an event of its present activity", async () => {
    const { device, name } = fresh("TemperatureHigh");
    fixture.feed(device, { Temperature: 81 });
    const active = await desk.see(name, { "ActiveState/Id": true });

    const stale = await desk.answer("Acknowledge", { ...active, EventId: Buffer.alloc(16, 7) }, "");
    const none = await desk.answer("Acknowledge", { ...active, EventId: null }, "");
    const good = await desk.answer("Acknowledge", active, "");
    const again = await desk.answer("Acknowledge", active, "");

    expect([stale, none, good, again]).toEqual([
      "BadEventIdUnknown",
      "BadEventIdUnknown",
      "Good",
      "BadConditionBranchAlreadyAcked",
    ]);
  });

  it("is still there for who comes later, although somebody has acknowledged it", async () => {
    const { device, name } = fresh("TemperatureHigh");
    fixture.feed(device, { Temperature: 81 });
    await desk.answer("Acknowledge", await desk.see(name), "seen");
    await desk.see(name, { "AckedState/Id": true });

    const late = await AlarmDesk.open(client, await subscribe(client));
    const events = await late.refresh();

    const found = events.find(({ ConditionId }) => ConditionId === conditionIdOf(name));
    expect(found).toMatchObject({ "ActiveState/Id": true, "AckedState/Id": true, Comment: "seen", Retain: true });
  });

  it("takes comments at any time", async () => {
    const { device, name } = fresh("TemperatureHigh");
    fixture.feed(device, { Temperature: 81 });
    const active = await desk.see(name);

    expect(await desk.answer("AddComment", active, "on it")).toBe("Good");
    expect(await desk.see(name, { Comment: "on it" })).toMatchObject({ "AckedState/Id": false, ClientUserId: "admin" });
    // The event that the operator saw first still names this activity.
    expect(await desk.answer("Acknowledge", active, "")).toBe("Good");
  });

  it("is shelved for a time or once, and unshelved", async () => {
    const { device, name } = fresh("TemperatureHigh");
    fixture.feed(device, { Temperature: 81 });
    await desk.see(name);

    const tooLong = await desk.do("TimedShelve", name, [duration(1e12)]);
    const shelved = await desk.do("TimedShelve", name, [duration(60_000)]);
    const event = await desk.see(name, { "ShelvingState/CurrentState": "Timed Shelved" });
    const twice = await desk.do("OneShotShelve", name);
    fixture.fleet.clock.advance(61_000);
    const over = await desk.see(name, { "ShelvingState/CurrentState": "Unshelved" });
    const notShelved = await desk.do("Unshelve", name);
    const once = await desk.do("OneShotShelve", `${name}/ShelvingState`);
    await desk.see(name, { "ShelvingState/CurrentState": "One Shot Shelved" });
    const back = await desk.do("Unshelve", name);

    expect([tooLong, shelved, twice]).toEqual(["BadShelvingTimeOutOfRange", "Good", "BadConditionAlreadyShelved"]);
    expect(event).toMatchObject({ SuppressedOrShelved: true, "ShelvingState/UnshelveTime": 60_000, Retain: true });
    expect(over.SuppressedOrShelved).toBe(false);
    expect([notShelved, once, back]).toEqual(["BadConditionNotShelved", "Good", "Good"]);
  });

  it("is suppressed, taken out of service and disabled, and comes back", async () => {
    const { device, name } = fresh("TemperatureHigh");
    fixture.feed(device, { Temperature: 81 });
    await desk.see(name);

    expect(await desk.do("Suppress", name)).toBe("Good");
    await desk.see(name, { "SuppressedState/Id": true, SuppressedOrShelved: true });
    expect(await desk.do("Unsuppress", name)).toBe("Good");
    expect(await desk.do("RemoveFromService", name)).toBe("Good");
    await desk.see(name, { "OutOfServiceState/Id": true, "SuppressedState/Id": false });
    expect(await desk.do("PlaceInService", name)).toBe("Good");
    expect(await desk.do("Disable", name)).toBe("Good");
    const disabled = await desk.see(name, { "EnabledState/Id": false });
    expect(await desk.do("Disable", name)).toBe("BadConditionAlreadyDisabled");
    expect(await desk.answer("Acknowledge", disabled, "")).toBe("BadConditionDisabled");
    expect(await desk.do("Enable", name)).toBe("Good");
    await desk.see(name, { "EnabledState/Id": true, "ActiveState/Id": true });

    expect(disabled.Retain).toBe(false);
    expect(await desk.do("Enable", name)).toBe("BadConditionAlreadyEnabled");
  });

  it("stays latched until it is reset", async () => {
    const { device, name } = fresh("InstantaneousTrip");
    fixture.feed(device, { TripState: 1, TripReason: "Instantaneous" });
    const active = await desk.see(name, { "ActiveState/Id": true });
    const early = await desk.do("Reset", name);
    fixture.feed(device, { TripState: 0, TripReason: "" });
    const latched = await desk.see(name, { "LatchedState/Id": true });
    await desk.answer("Acknowledge", active, "");
    const reset = await desk.do("Reset", name);
    const gone = await desk.see(name, { "ActiveState/Id": false });

    expect(active.EventType).toBe("ns=0;i=10751");
    expect([early, reset]).toEqual(["BadInvalidState", "Good"]);
    expect(latched["ActiveState/Id"]).toBe(true);
    expect(gone).toMatchObject({ Retain: false, "LatchedState/Id": false });
  });

  it("is not everybody's to acknowledge", async () => {
    const { device, name } = fresh("TemperatureHigh");
    fixture.feed(device, { Temperature: 81 });
    const active = await desk.see(name);
    await using viewer = await fixture.as("viewer", "look");
    const other = await AlarmDesk.open(viewer, await subscribe(viewer));

    expect(await other.answer("Acknowledge", active, "")).toBe("BadUserAccessDenied");
  });

  it("answers a wrong call with its reason", async () => {
    const { name } = fresh("TemperatureHigh");
    const { session } = client;
    const wrongMethod = await session.call({
      objectId: `ns=1;s=${name.replace("/", "/Alarms/")}`,
      methodId: "i=16402",
    });

    expect(await desk.do("Unshelve", "CB-0001/Nonsense")).toBe("BadNodeIdUnknown");
    expect(await desk.do("Acknowledge", name)).toBe("BadArgumentsMissing");
    expect(await desk.do("AddComment", name, [localized("x"), localized("x")])).toBe("BadInvalidArgument");
    expect(wrongMethod.statusCode.name).toBe("BadMethodInvalid");
  });
});

describe("notifiers", () => {
  it("tell of the events below them only", async () => {
    const { device, name } = fresh("TemperatureHigh");
    const other = fresh("TemperatureHigh");
    const subscription = await subscribe(client);
    const notifiers = ["Fleet", "Fleet/Demo", "Fleet/Demo/panel-1", device].map((path) => `ns=1;s=${path}`);
    const desks: AlarmDesk[] = [];
    for (const notifier of notifiers) desks.push(await AlarmDesk.open(client, subscription, { notifier }));

    fixture.feed(device, { Temperature: 81 });
    fixture.feed(other.device, { Temperature: 81 });
    for (const each of desks) await each.see(name);
    for (const each of desks.slice(0, 3)) await each.see(other.name);
    const [, , , ofDevice] = desks;
    await until("a refresh of the device alone", 5_000, async () => (await ofDevice?.refresh()) ?? undefined);

    expect(new Set(ofDevice?.events.map(({ SourceName }) => SourceName))).toEqual(new Set(["Server", device]));
  });
});

describe("filters", () => {
  const severityAbove = (limit: number) => ({
    elements: [
      {
        filterOperator: FilterOperator.GreaterThan,
        filterOperands: [
          new SimpleAttributeOperand({
            typeDefinitionId: resolveNodeId("i=2041"),
            browsePath: [{ name: "Severity" }],
            attributeId: 13,
          }),
          new LiteralOperand({ value: { dataType: DataType.UInt16, value: limit } }),
        ],
      },
    ],
  });

  it("apply to events and to a refresh, whose start and end pass always", async () => {
    const { device, name } = fresh("TemperatureHigh");
    const strict = await AlarmDesk.open(client, await subscribe(client), { where: severityAbove(900) });
    fixture.feed(device, { Temperature: 81 });
    await desk.see(name);

    const events = await strict.refresh();

    expect(events.filter(({ Severity }) => Number(Severity) <= 900)).toEqual([]);
    expect(strict.events.some(({ ConditionName }) => ConditionName === "TemperatureHigh")).toBe(false);
  });
});

describe("ConditionRefresh", () => {
  it("reaches the subscription that asked, and no other", async () => {
    const before = desk.events.length;
    const other = await AlarmDesk.open(client, await subscribe(client));

    await other.refresh();

    expect(desk.events.slice(before).filter(({ EventType }) => EventType === "ns=0;i=2787")).toEqual([]);
  });

  it("reaches one item with ConditionRefresh2", async () => {
    const second = await AlarmDesk.open(client, desk.subscription);
    const refresh2 = (subscription: number, item: number) =>
      client.session.call({
        objectId: "i=2782",
        methodId: conditionMethodIds.ConditionRefresh2,
        inputArguments: [subscription, item].map((value) => ({ dataType: DataType.UInt32, value })),
      });

    const good = await refresh2(desk.subscription.subscriptionId, second.itemId);
    await second.bracket();
    const noItem = await refresh2(desk.subscription.subscriptionId, 999_999);
    const noSubscription = await refresh2(999_999, second.itemId);

    expect([good, noItem, noSubscription].map(({ statusCode }) => statusCode.name)).toEqual([
      "Good",
      "BadMonitoredItemIdInvalid",
      "BadSubscriptionIdInvalid",
    ]);
    expect(desk.events.filter(({ EventType }) => EventType === "ns=0;i=2787")).toEqual([]);
  });
});
