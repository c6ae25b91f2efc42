import {
  AttributeIds,
  DataType,
  type EventFilterResult,
  FilterOperator,
  LiteralOperand,
  type MonitoredItemCreateResult,
  resolveNodeId,
  SimpleAttributeOperand,
} from "node-opcua-client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { boundQueuedEvents } from "#opcua/engine/event-items.ts";
import { watchEvents } from "../conformance/opcua/events.ts";
import { createItem, subscribe } from "../conformance/opcua/subscribe.ts";
import { AlarmDesk, eventFilterOf, localized } from "../support/alarm-desk.ts";
import type { ScadaClient } from "../support/opcua-client.ts";
import { OpcUaFixture } from "../support/opcua-fixture.ts";
import { until } from "../support/until.ts";

/** Alarms over the wire, beyond what the conformance units show: roles, notifiers, filters, queues. */

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

describe("a call on an alarm", () => {
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

describe("what is told besides alarms", () => {
  it("is what a device reports, with its own fields", async () => {
    const { device } = fresh("");
    const own = await client.indexOf("urn:fdi-host:types:breaker");
    const seen = await watchEvents(client, `ns=${own};i=1100`, [
      "SourceName",
      "Message",
      `${own}:EventName`,
      `${own}:peak_ka`,
    ]);

    fixture.fleet.ingest.event(fixture.device(device), { type: "switch_notice", at: 1_000, fields: { peak_ka: 12.5 } });
    const [event] = await until("the event", 5_000, () => (seen.length > 0 ? seen : undefined));

    expect([event?.[0], event?.[2], event?.[3]]).toEqual([device, "switch_notice", 12.5]);
  });

  it("is who acknowledged what, to auditors", async () => {
    const { device, name } = fresh("TemperatureHigh");
    const seen = await watchEvents(client, "AuditConditionAcknowledgeEventType", [
      "SourceName",
      "ClientUserId",
      "Comment",
      "ConditionEventId",
      "Status",
    ]);
    fixture.feed(device, { Temperature: 81 });
    const active = await desk.see(name);

    await desk.answer("Acknowledge", active, "seen");
    const [audit] = await until("the audit event", 5_000, () => (seen.length > 0 ? seen : undefined));

    expect([audit?.[0], audit?.[1], audit?.[3], audit?.[4]]).toEqual([
      "Method/Acknowledge",
      "admin",
      active.EventId,
      true,
    ]);
    expect(String(audit?.[2])).toContain("seen");
  });
});

describe("a monitored item for events", () => {
  const createdWith = async (parameters: object) => {
    const subscription = await subscribe(client);
    const item = { nodeId: "i=2253", attributeId: AttributeIds.EventNotifier };
    const result = await createItem(client, subscription, item, parameters);
    await subscription.terminate();
    return result;
  };

  it("needs a filter, and one that makes sense", async () => {
    const filter = eventFilterOf(["Severity", "Nonsense"]);
    const wrong = eventFilterOf(["Severity"], {
      elements: [{ filterOperator: FilterOperator.Not, filterOperands: [] }],
    });

    const [none, partly, refused] = [
      await createdWith({}),
      await createdWith({ filter }),
      await createdWith({ filter: wrong }),
    ];

    expect(none.statusCode.name).toBe("BadEventFilterInvalid");
    expect(partly.statusCode.name).toBe("Good");
    expect(clauses(partly)).toEqual(["Good", "BadNodeIdUnknown", "Good"]);
    expect(refused.statusCode.name).toBe("BadFilterOperandCountMismatch");
    const { whereClauseResult } = refused.filterResult as EventFilterResult;
    expect(whereClauseResult?.elementResults?.map(({ statusCode }) => statusCode.name)).toEqual([
      "BadFilterOperandCountMismatch",
    ]);
  });

  const clauses = ({ filterResult }: MonitoredItemCreateResult) =>
    (filterResult as EventFilterResult).selectClauseResults?.map(({ name }) => name);

  it("gets the queue that it asks for, and one for a whole fleet when it leaves it to the server", async () => {
    const filter = eventFilterOf(["Severity"]);
    const sizes = [];
    for (const queueSize of [0, 1, 500, 4_294_967_295]) {
      sizes.push((await createdWith({ filter, queueSize })).revisedQueueSize);
    }

    expect(sizes).toEqual([20_000, 1_000, 500, 20_000]);
  });

  it("says where events are missing when its queue was too short", async () => {
    const { device } = fresh("TemperatureHigh");
    const slow = await AlarmDesk.open(client, await subscribe(client, { requestedPublishingInterval: 1_000 }), {
      notifier: `ns=1;s=${device}`,
      queueSize: 100,
    });

    for (let i = 0; i < 75; i += 1) {
      fixture.fleet.clock.advance(60_000);
      fixture.feed(device, { Temperature: 81 });
      fixture.fleet.clock.advance(60_000);
      fixture.feed(device, { Temperature: 20 });
    }
    await until("what was left", 5_000, () => (slow.events.length > 100 ? true : undefined));

    const marks = slow.events.map(({ EventType }) => EventType === "ns=0;i=3035");
    expect(marks.filter(Boolean)).toHaveLength(1);
    expect(marks[0]).toBe(true);
    expect(slow.events).toHaveLength(101);
  });

  it("is not alone in its queue's length: what nobody fetches is bounded for the whole server", async () => {
    const { device } = fresh("TemperatureHigh");
    const mostFields = 10_000;
    boundQueuedEvents(mostFields);
    const subscription = await subscribe(client, { publishingEnabled: false });
    const desks: AlarmDesk[] = [];
    for (let i = 0; i < 20; i += 1)
      desks.push(await AlarmDesk.open(client, subscription, { notifier: `ns=1;s=${device}` }));

    for (let i = 0; i < 50; i += 1) {
      fixture.fleet.clock.advance(60_000);
      fixture.feed(device, { Temperature: 81 });
      fixture.fleet.clock.advance(60_000);
      fixture.feed(device, { Temperature: 20 });
    }
    await subscription.setPublishingMode(true);
    await until("what was left", 5_000, () => desks.every(({ events }) => events.length > 0) || undefined);

    const fields = desks.flatMap(({ events }) => events).reduce((sum, event) => sum + Object.keys(event).length, 0);
    expect(fields).toBeGreaterThan(mostFields / 2);
    expect(fields).toBeLessThanOrEqual(mostFields);
    for (const { events } of desks) expect(events[0]?.EventType).toBe("ns=0;i=3035");
  });
});
