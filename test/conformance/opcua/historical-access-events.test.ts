import { type ContentFilter, constructEventFilter, ofType, ReadEventDetails, type Variant } from "node-opcua-client";
import { beforeAll, expect, it } from "vitest";
import { conformanceUnit } from "./conformance.ts";
import { readHistory } from "./history.ts";

const device = "CB-0009";
/** A time of which the fleet's own events are far. */
const start = Date.UTC(2026, 3, 1, 12);
const fields = ["EventType", "SourceName", "Message", "Severity", "Time"];

function textOf(message: Variant | undefined): string | undefined {
  return (message?.value as { readonly text?: string } | null | undefined)?.text;
}

conformanceUnit("Historical Access Events", (context) => {
  beforeAll(async () => {
    const { fixture } = context();
    const historian = await fixture.historian();
    for (const [i, id] of [device, "CB-0008", device, device].entries()) {
      historian.events.append({
        eventId: `${i + 1}`.padStart(32, "e"),
        kind: "device-event",
        at: start + i * 1000,
        receivedAt: start + i * 1000,
        device: fixture.device(id).id,
        name: "breaker_trip",
        severity: 500 + i,
        message: `trip ${i}`,
        user: undefined,
        alarm: undefined,
        fields: {},
      });
    }
  });

  interface Read {
    readonly where?: ContentFilter;
    readonly count?: number;
    readonly backwards?: boolean;
    readonly continuationPoint?: Buffer;
  }

  async function read(nodeId: string, { where, count = 0, backwards = false, continuationPoint }: Read = {}) {
    const [from, to] = [new Date(start), new Date(start + 60_000)];
    const details = new ReadEventDetails({
      numValuesPerNode: count,
      startTime: backwards ? to : from,
      endTime: backwards ? new Date(start - 1) : to,
      filter: constructEventFilter(fields, where),
    });
    const node = continuationPoint === undefined ? nodeId : { nodeId, continuationPoint };
    const [result] = await readHistory(context().client, details, [node]);
    const data = result?.historyData as { readonly events?: readonly { readonly eventFields: Variant[] }[] } | null;
    const messages = (data?.events ?? []).map(({ eventFields }) => textOf(eventFields[2]));
    return { result, messages, events: data?.events ?? [] };
  }

  it("gives the events of a device, or on the Server those of all, in both directions", async () => {
    expect((await read(`ns=1;s=${device}`)).messages).toEqual(["trip 0", "trip 2", "trip 3"]);
    expect((await read("i=2253")).messages).toEqual(["trip 0", "trip 1", "trip 2", "trip 3"]);
    expect((await read(`ns=1;s=${device}`, { backwards: true })).messages).toEqual(["trip 3", "trip 2", "trip 0"]);
  });

  it("gives the fields that were selected", async () => {
    const { events } = await read(`ns=1;s=${device}`, { count: 1 });

    const [, source, message, severity, time] = (events[0]?.eventFields ?? []).map(({ value }) => value as unknown);
    expect(source).toBe(device);
    expect(message).toMatchObject({ text: "trip 0" });
    expect(severity).toBe(500);
    expect(time).toEqual(new Date(start));
  });

  it("gives what the where clause lets pass, page by page", async () => {
    const nothing = await read("i=2253", { where: ofType("ConditionType") as unknown as ContentFilter });
    const all = await read("i=2253", { where: ofType("BaseEventType") as unknown as ContentFilter, count: 3 });
    const continuationPoint = all.result?.continuationPoint ?? Buffer.alloc(0);
    const rest = await read("i=2253", {
      where: ofType("BaseEventType") as unknown as ContentFilter,
      count: 3,
      continuationPoint,
    });

    expect(nothing.messages).toEqual([]);
    expect(all.messages).toEqual(["trip 0", "trip 1", "trip 2"]);
    expect(rest.messages).toEqual(["trip 3"]);
    expect(rest.result?.continuationPoint?.length ?? 0).toBe(0);
  });

  it("says which objects keep events, and has none of others", async () => {
    const { client } = context();
    const notifier = async (nodeId: string) =>
      Number((await client.session.read({ nodeId, attributeId: 12 })).value.value) & 4;

    expect(await notifier("i=2253")).toBe(4);
    expect(await notifier(`ns=1;s=${device}`)).toBe(4);
    expect((await read("i=85")).result?.statusCode.name).toBe("BadHistoryOperationUnsupported");
  });
});
