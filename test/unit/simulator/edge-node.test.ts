import sparkplug from "sparkplug-payload";
import { beforeEach, describe, expect, it } from "vitest";
import { buildPanels, type Panel } from "#simulator/fleet/panel.ts";
import { planDevices } from "#simulator/fleet/plan.ts";
import type { SimulatedDevice } from "#simulator/fleet/simulated-device.ts";
import { ManualClock } from "#simulator/fleet/simulation-clock.ts";
import type { SpeakerContext } from "#simulator/fleet/speaker.ts";
import { Random } from "#simulator/random.ts";
import { EdgeNode } from "#simulator/sparkplug/edge-node.ts";
import { breakerMetrics } from "#simulator/sparkplug/metrics.ts";

const startMs = 1_773_042_000_000;
const found = sparkplug.get("spBv1.0");
if (found === null) throw new Error("sparkplug-payload does not know spBv1.0");
const codec = found;

interface Sent {
  readonly topic: string;
  readonly seq: number;
  readonly metrics: ReadonlyMap<string, unknown>;
}

const clock = new ManualClock(startMs);
let sent: Sent[] = [];
let panel: Panel;
let node: EdgeNode;

function decoded(topic: string, payload: Uint8Array): Sent {
  const { seq, metrics } = codec.decodePayload(payload);
  const nameOf = (alias: unknown): string => breakerMetrics[Number(alias) % 1000]?.name ?? `alias ${String(alias)}`;
  const values = (metrics ?? []).map(({ name, alias, value }) => [name ?? nameOf(alias), value] as const);
  return { topic, seq: Number(seq), metrics: new Map(values) };
}

function dcmd(id: string, values: Record<string, number | boolean | string>): void {
  const metrics = Object.entries(values).map(([name, value]) => ({ name, value, type: typeOf(name, value) }));
  node.message(`spBv1.0/Demo/DCMD/panel-1/${id}`, codec.encodePayload({ timestamp: startMs, metrics }));
}

function typeOf(name: string, value: unknown): "Int64" | "Boolean" | "Float" | "String" {
  if (name === "Command/Id") return "Int64";
  if (typeof value === "boolean") return "Boolean";
  return typeof value === "number" ? "Float" : "String";
}

function device(): SimulatedDevice {
  const [first] = panel.devices;
  if (first === undefined) throw new Error("no device");
  return first;
}

function context(send: SpeakerContext["send"]): SpeakerContext {
  return { send, wallMs: () => startMs, commanded: (each) => node.reportChanges(each), periodMs: 1_000 };
}

function pass(toMs: number): void {
  clock.now = toMs;
  panel.advanceTo(toMs);
}

beforeEach(() => {
  clock.now = 0;
  sent = [];
  const [built] = buildPanels(planDevices(2, 1, "sparkplug"), { random: new Random("1"), clock, stepMs: 100 });
  if (built === undefined) throw new Error("no panel");
  panel = built;
  const { devices } = panel;
  const sending = context(({ topic, payload }) => sent.push(decoded(topic, payload)));
  node = new EdgeNode({ group: "Demo", node: "panel-1", devices }, sending);
  node.will();
  node.connected();
});

describe("births", () => {
  it("are one NBIRTH with seq 0 and bdSeq, then a DBIRTH per device with the next seq", () => {
    expect(sent.map(({ topic, seq }) => [topic, seq])).toEqual([
      ["spBv1.0/Demo/NBIRTH/panel-1", 0],
      ["spBv1.0/Demo/DBIRTH/panel-1/CB-0001", 1],
      ["spBv1.0/Demo/DBIRTH/panel-1/CB-0002", 2],
    ]);
    expect(Number(sent[0]?.metrics.get("bdSeq"))).toBe(0);
    expect(sent[0]?.metrics.get("Node Control/Rebirth")).toBe(false);
    expect(sent[1]?.metrics.get("Device/Type")).toBe("fdi-host/lsig-mccb");
  });

  it("use every alias once within the edge node", () => {
    const aliases: unknown[] = [];
    const watching = new EdgeNode(
      { group: "Demo", node: "panel-1", devices: panel.devices },
      context(({ payload }) => {
        for (const { alias } of codec.decodePayload(payload).metrics ?? [])
          if (alias !== undefined) aliases.push(String(alias));
      }),
    );

    watching.connected();

    expect(aliases).toHaveLength(2 * breakerMetrics.length);
    expect(new Set(aliases).size).toBe(aliases.length);
  });

  it("are repeated with the same bdSeq and seq 0 when the host asks for a rebirth", () => {
    sent = [];
    const metrics = [{ name: "Node Control/Rebirth", type: "Boolean" as const, value: true }];

    node.message("spBv1.0/Demo/NCMD/panel-1", codec.encodePayload({ timestamp: startMs, metrics }));

    expect(sent.map(({ topic }) => topic.split("/")[2])).toEqual(["NBIRTH", "DBIRTH", "DBIRTH"]);
    expect(sent[0]?.seq).toBe(0);
    expect(Number(sent[0]?.metrics.get("bdSeq"))).toBe(0);
  });

  it("take a new bdSeq in each session, the one of that session's Will", () => {
    const will = decoded("", node.will().payload);
    node.connected();

    expect(Number(will.metrics.get("bdSeq"))).toBe(1);
    expect(Number(sent.at(-3)?.metrics.get("bdSeq"))).toBe(1);
  });
});

describe("data", () => {
  it("carries what changed only, and nothing when nothing did", () => {
    sent = [];

    node.reportChanges(device());
    expect(sent).toEqual([]);
    pass(1_000);
    node.reportChanges(device());

    expect(sent[0]?.metrics.has("Breaker/CurrentPhaseA")).toBe(true);
    expect(sent[0]?.metrics.has("Breaker/SwitchPosition")).toBe(false);
  });

  it("counts seq on from 255 to 0", () => {
    for (let i = 0; i < 256; i += 1) node.reportAll(device());

    expect(sent.map(({ seq }) => seq).slice(254, 259)).toEqual([254, 255, 0, 1, 2]);
  });
});

describe("a command", () => {
  it("Trip is answered with its id and ends in the open position", () => {
    sent = [];

    dcmd("CB-0001", { "Command/Trip": true, "Command/Id": 4_000_000_000 });
    pass(100);
    node.reportChanges(device());

    expect(Number(sent[0]?.metrics.get("Command/LastId"))).toBe(4_000_000_000);
    expect(sent[0]?.metrics.get("Command/LastResult")).toBe(0);
    expect(sent[1]?.metrics.get("Breaker/SwitchPosition")).toBe(1);
    expect(sent[1]?.metrics.get("Breaker/CurrentPhaseA")).toBe(0);
    expect(sent[1]?.metrics.has("Breaker/Tripped")).toBe(false);
  });

  it("repeats its evidence although nothing changed, so that a resent Trip is confirmed", () => {
    dcmd("CB-0001", { "Command/Trip": true, "Command/Id": 5 });
    pass(100);
    node.reportChanges(device());
    sent = [];

    dcmd("CB-0001", { "Command/Trip": true, "Command/Id": 5 });

    expect(sent[0]?.metrics.get("Breaker/SwitchPosition")).toBe(1);
    expect(Number(sent[0]?.metrics.get("Command/LastId"))).toBe(5);
  });

  it("is ignored by a silent device, whose telemetry goes on", () => {
    device().isSilent = true;
    sent = [];

    dcmd("CB-0001", { "Command/Trip": true });
    pass(1_000);
    node.reportChanges(device());

    expect(device().breaker.mechanism.isConducting).toBe(true);
    expect(sent[0]?.metrics.has("Breaker/CurrentPhaseA")).toBe(true);
  });

  it("writes a setting and echoes it, or refuses it with AddCause 26 and the old value", () => {
    sent = [];

    dcmd("CB-0001", { "Protection/ThermalPickup": 200, "Command/Id": 1 });
    dcmd("CB-0001", { "Protection/ThermalPickup": 400, "Command/Id": 2 });

    expect(sent[0]?.metrics.get("Protection/ThermalPickup")).toBe(200);
    expect(sent[0]?.metrics.get("Command/LastResult")).toBe(0);
    expect(sent[1]?.metrics.get("Protection/ThermalPickup")).toBe(200);
    expect(sent[1]?.metrics.get("Command/LastResult")).toBe(26);
  });
});

describe("a device that stops communicating", () => {
  it("dies with DDEATH, says nothing, and is born again when it is back", () => {
    const lost = new EdgeNode(
      { group: "Demo", node: "panel-1", devices: panel.devices },
      context(({ topic, payload }) => sent.push(decoded(topic, payload))),
    );
    lost.connected();
    sent = [];

    device().setLost(true);
    lost.setLost(device(), true);
    pass(1_000);
    lost.reportChanges(device());
    lost.message("spBv1.0/Demo/DCMD/panel-1/CB-0001", codec.encodePayload({ timestamp: startMs, metrics: [] }));
    device().setLost(false);
    lost.setLost(device(), false);

    expect(sent.map(({ topic, seq }) => [topic, seq])).toEqual([
      ["spBv1.0/Demo/DDEATH/panel-1/CB-0001", 3],
      ["spBv1.0/Demo/DBIRTH/panel-1/CB-0001", 4],
    ]);
  });
});

describe("a deadband", () => {
  it("keeps small movements back but always tells zero", () => {
    const narrow = new EdgeNode(
      { group: "Demo", node: "panel-1", devices: panel.devices, deadband: 0.05 },
      context(({ topic, payload }) => sent.push(decoded(topic, payload))),
    );
    narrow.connected();
    sent = [];

    pass(1_000);
    narrow.reportChanges(device());
    expect(sent[0]?.metrics.has("Breaker/VoltagePhaseA") ?? false).toBe(false);
    device().breaker.openByCommand();
    pass(2_000);
    narrow.reportChanges(device());

    expect(sent.at(-1)?.metrics.get("Breaker/CurrentPhaseA")).toBe(0);
    expect(sent.at(-1)?.metrics.get("Breaker/GroundFaultCurrent")).toBe(0);
  });
});
