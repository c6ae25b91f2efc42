import { describe, expect, it } from "vitest";
import { FacadeFixture } from "../../support/facade-fixture.ts";

/** Every sample of a metrics answer by its name and labels. */
async function metricsOf(facade: FacadeFixture): Promise<ReadonlyMap<string, number>> {
  const { body, statusCode } = await facade.as("viewer", { url: "/metrics" });
  expect(statusCode).toBe(200);
  const lines = body.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]),
  );
}

/** What is not 0 of the metrics of one name. */
function grown(metrics: ReadonlyMap<string, number>, name: string): Record<string, number> {
  const found = [...metrics].filter(([key, value]) => value !== 0 && (key === name || key.startsWith(`${name}{`)));
  return Object.fromEntries(found.map(([key, value]) => [key.slice(name.length), value]));
}

describe("/metrics", () => {
  it("counts exactly what happened: messages, values, lag, commands, alarms, devices", async () => {
    await using facade = await FacadeFixture.open();
    const { fleet } = facade;
    const { ingest, clock } = fleet;
    const before = await metricsOf(facade);
    for (let i = 1; i <= 7; i += 1) {
      ingest.received();
      ingest.accepted("CB-1");
      fleet.sample("CurrentPhaseA", i, clock.now() - 300);
    }
    for (const reason of ["malformed", "malformed", "oversized"] as const) {
      ingest.received();
      ingest.rejected("somebody", reason, "");
    }
    ingest.received();
    ingest.accepted("CB-1");
    ingest.flawed("CB-1", "unknown-point", "");
    fleet.transport.onSend = () => fleet.sample("Position", 1);
    await facade.as("operator", { method: "POST", url: "/api/v1/devices/CB-1/commands/Trip", payload: {} });
    await facade.as("viewer", { method: "POST", url: "/api/v1/devices/CB-1/commands/Trip", payload: {} });
    fleet.control.warnings.raise({ name: "history-damaged", device: undefined, since: clock.now(), text: "down" });
    const after = await metricsOf(facade);
    const alarm = ((await facade.get("/api/v1/alarms")) as { readonly items: readonly { readonly id: string }[] })
      .items[0];
    const payload = { ids: [alarm?.id] };
    await facade.as("operator", { method: "POST", url: "/api/v1/alarms/acknowledge", payload });
    const acknowledged = await metricsOf(facade);

    const more = (name: string): number => (after.get(name) ?? 0) - (before.get(name) ?? 0);
    expect(grown(after, "fdi_messages_total")).toEqual({ '{protocol="sparkplug"}': 11 });
    expect(grown(after, "fdi_messages_accepted_total")).toEqual({ '{protocol="sparkplug"}': 8 });
    expect(grown(after, "fdi_messages_rejected_total")).toEqual({
      '{reason="malformed"}': 2,
      '{reason="oversized"}': 1,
    });
    expect(grown(after, "fdi_message_flaws_total")).toEqual({ '{reason="unknown-point"}': 1 });
    expect(more('fdi_values_total{protocol="sparkplug"}')).toBe(8);
    expect(more('fdi_lag_seconds_bucket{le="0.25"}')).toBe(1);
    expect(more('fdi_lag_seconds_bucket{le="0.5"}')).toBe(8);
    expect(more("fdi_lag_seconds_sum")).toBeCloseTo(2.1);
    expect(grown(after, "fdi_commands_total")).toEqual({ '{outcome="confirmed"}': 1, '{outcome="refused"}': 1 });
    expect(grown(after, "fdi_commands_under_way")).toEqual({});
    expect(grown(after, "fdi_devices_by_presence")).toEqual({ '{state="online"}': 1 });
    expect(grown(before, "fdi_alarms")).toEqual({});
    expect(grown(after, "fdi_alarms")).toEqual({ '{state="active_unacknowledged"}': 1 });
    expect(grown(acknowledged, "fdi_alarms")).toEqual({ '{state="active_acknowledged"}': 1 });
  });

  it("tells of store, journal, queues, sockets and the event loop what they tell themselves", async () => {
    const dropped = { "queue-full": 2 };
    const samples = { accepted: 100, recovered: 5, stored: 90, merged: 3, queued: 10, unchanged: 40, dropped };
    await using facade = await FacadeFixture.open({}, async () => ({
      storeCounters: () => samples,
      waiting: () => ({
        journal: { bytes: 4_096, maxBytes: 1_048_576 },
        events: { appended: 8, recovered: 1, stored: 6, queued: 3, dropped: 0 },
        notifications: 4,
      }),
    }));

    const metrics = await metricsOf(facade);
    const states = { accepted: 100, recovered: 5, stored: 90, merged: 3, unchanged: 40 };
    expect(grown(metrics, "fdi_store_samples_total")).toEqual(
      Object.fromEntries(Object.entries(states).map(([state, count]) => [`{state="${state}"}`, count])),
    );
    expect(grown(metrics, "fdi_store_dropped_total")).toEqual({ '{reason="queue-full"}': 2 });
    const told = ["fdi_store_queue", "fdi_journal_bytes", "fdi_journal_limit_bytes", "fdi_notifications_pending"];
    expect(told.map((name) => metrics.get(name))).toEqual([10, 4_096, 1_048_576, 4]);
    expect([metrics.get("fdi_store_events_queue"), metrics.get('fdi_store_events_total{state="stored"}')]).toEqual([
      3, 6,
    ]);
    expect([metrics.get("fdi_websocket_clients"), metrics.get('fdi_ready{part="opcua"}')]).toEqual([0, 1]);
    expect(metrics.get('fdi_event_loop_delay_seconds{quantile="0.99"}')).toBeGreaterThanOrEqual(0);
  });
});
