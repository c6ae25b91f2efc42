import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { describe, expect, it } from "vitest";
import { freePorts, startHostProcess, temporaryFolder } from "../support/host-process.ts";
import { until } from "../support/until.ts";

interface Told {
  readonly alarm_type: string;
  readonly device_id: string;
  readonly device_type: string;
  readonly severity: string;
  readonly status: string;
  readonly alarm_message: string;
  readonly event_id: string;
}

describe("the demonstration", () => {
  it("raises the trip of CB-0003 for everyone who listens, and a kill does not forget it", {
    timeout: 240_000,
  }, async () => {
    await using folder = await temporaryFolder();
    const ports = await freePorts();
    await using host = startHostProcess(ports, folder.path);
    await host.printed(/is ready/, 90_000);
    const listener = await connectAsync(`mqtt://127.0.0.1:${ports.mqtt}`);
    const told: Told[] = [];
    listener.on("message", (_topic, payload) => told.push(JSON.parse(payload.toString("utf8")) as Told));
    await listener.subscribeAsync("iot.alarms", { qos: 1 });

    const trip = await until("the alarm of the trip", 120_000, () =>
      told.find(({ alarm_type, status }) => alarm_type === "LongTimeTrip" && status === "active"),
    );

    expect(trip).toMatchObject({ device_id: "CB-0003", severity: "critical" });
    expect(trip.event_id).toMatch(/^[0-9a-f]{32}$/);
    const overload = told.find(({ alarm_type }) => alarm_type === "Overload");
    expect(overload?.alarm_message).toMatch(/Current phase A [\d.]+ A/);
    await listener.endAsync();
    // What a killed host may forget is a tenth of a second.
    await new Promise((done) => setTimeout(done, 500));
    await host.stop("SIGKILL");

    const kept = await readFile(join(folder.path, "alarms", "states.jsonl"), "utf8");
    expect(kept).toContain(`"eventId":"${trip.event_id}"`);
  });
});
