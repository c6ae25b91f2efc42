import { describe, expect, it } from "vitest";
import { SparkplugType } from "#transport/sparkplug/codec/data-type.ts";
import type { Metric, Template } from "#transport/sparkplug/codec/payload.ts";
import { PayloadEncoder } from "#transport/sparkplug/codec/payload-encoder.ts";
import { connectedTransport, type PanelPeer } from "./panel-peer.ts";

const { Double, Float, FloatArray, Int32, String: Text, Template: TemplateType, DataSet: DataSetType } = SparkplugType;

const type: Metric = { name: "Device/Type", datatype: Text, value: "test/breaker" };
const trip = (current: number): Template => instance([{ name: "Current", datatype: Float, value: current }], "Trip");

function instance(metrics: Metric[], reference = "Feeder"): Template {
  return { reference, isDefinition: false, metrics, parameters: [] };
}

function feeder(load: number, tripCurrent?: number): Metric {
  const members: Metric[] = [{ name: "Load", datatype: Float, value: load }];
  if (tripCurrent !== undefined) members.push({ name: "Trip", datatype: TemplateType, value: trip(tripCurrent) });
  return { name: "Feeder", alias: 5, datatype: TemplateType, value: instance(members) };
}

function harmonics(rows: readonly (readonly (number | undefined)[])[]): Metric {
  const value = { columns: ["order", "percent"], types: [Int32, Double], rows };
  return { name: "Harmonics", alias: 6, datatype: DataSetType, value };
}

/** Sends metrics with our encoder: the other one cannot write arrays, nor data sets of this kind. */
function send(panel: PanelPeer, messageType: string, metrics: Metric[]): void {
  const payload = new PayloadEncoder().encode({ timestamp: panel.clock.now(), metrics, seq: panel.seq });
  panel.seq += 1;
  panel.broker.deliver(`spBv1.0/Demo/${messageType}/panel-1/CB-0001`, payload);
}

async function bornDevice(metrics: Metric[]) {
  const connected = await connectedTransport();
  connected.panel.nodeBirth();
  send(connected.panel, "DBIRTH", [type, ...metrics]);
  return connected;
}

describe("templates, data sets and arrays", () => {
  it("are flattened at the BIRTH: members and cells are points of their own", async () => {
    const { uplink } = await bornDevice([
      feeder(1, 9),
      harmonics([
        [1, 100],
        [3, 4.5],
      ]),
    ]);

    expect(uplink.values).toEqual(["Feeder/Load=1", "Feeder/Trip/Current=9", "Harmonics/1/percent=4.5"]);
    expect(uplink.announcements[0]?.points).toEqual([
      "Device/Type",
      "Feeder/Load",
      "Feeder/Trip/Current",
      "Harmonics/0/order",
      "Harmonics/0/percent",
      "Harmonics/1/order",
      "Harmonics/1/percent",
    ]);
  });

  it("are read in DATA by alias, with only the members that changed", async () => {
    const { uplink, panel, clock } = await bornDevice([
      feeder(1, 9),
      harmonics([
        [1, 100],
        [3, 4.5],
      ]),
    ]);
    clock.advance(10);

    const { name: _name, ...byAlias } = feeder(2);
    send(panel, "DDATA", [{ ...byAlias, timestamp: clock.now() - 3 }]);
    send(panel, "DDATA", [
      harmonics([
        [1, 100],
        [3, 5.5],
        [5, 1.5],
      ]),
    ]);

    expect(uplink.values.slice(3)).toEqual(["Feeder/Load=2", "Harmonics/1/percent=5.5"]);
    expect(uplink.seen[3]?.time).toBe(clock.now() - 3);
    expect(panel.commands).toEqual([]);
  });

  it("ask for a rebirth when a template has a member that its BIRTH did not have", async () => {
    const { uplink, panel } = await bornDevice([feeder(1)]);

    send(panel, "DDATA", [feeder(2, 8)]);

    expect(uplink.values.slice(1)).toEqual(["Feeder/Load=2"]);
    expect(uplink.flaws).toEqual(["unknown-point CB-0001: template member Trip was not in the BIRTH"]);
    expect(panel.commands).toEqual(["NCMD panel-1 Node Control/Rebirth=true"]);
  });

  it("become JSON text where a text parameter is bound to the whole", async () => {
    const { uplink } = await bornDevice([{ name: "Waveform", datatype: FloatArray, value: [1.5, -2] }]);

    expect(uplink.values).toEqual(["Waveform=[1.5,-2]"]);
  });

  it("leave definitions alone, which have no values", async () => {
    const definition: Template = {
      isDefinition: true,
      metrics: [{ name: "Load", datatype: Float, value: 0 }],
      parameters: [],
    };

    const { uplink } = await bornDevice([{ name: "Feeder", datatype: TemplateType, value: definition }]);

    expect(uplink.values).toEqual([]);
    expect(uplink.announcements[0]?.points).toEqual(["Device/Type"]);
  });
});

describe("a BIRTH", () => {
  it("offers each point with type, unit and range as the device describes it", async () => {
    const properties = new Map([
      ["engUnit", { datatype: Text, value: "A" }],
      ["engLow", { datatype: Double, value: 0 }],
      ["engHigh", { datatype: Double, value: 630 }],
    ]);
    const { uplink } = await bornDevice([{ name: "Line/Current", datatype: Float, value: 1, properties }]);

    expect(uplink.announcements[0]?.offers).toEqual([
      { address: "Line/Current", dataType: "float", unit: "A", low: 0, high: 630 },
    ]);
  });

  it("retires the metrics that it no longer has", async () => {
    const { uplink, panel } = await bornDevice([
      feeder(1),
      { name: "Breaker/CurrentPhaseA", datatype: Float, value: 5 },
    ]);

    panel.nodeBirth();
    send(panel, "DBIRTH", [type, feeder(1)]);

    const retired = uplink.seen.filter(({ quality }) => quality === 0x808a0000);
    expect(retired.map(({ name }) => name)).toEqual(["CurrentPhaseA"]);
  });

  it("with another serial number while the device is online is counted and shown", async () => {
    const serial = (value: string): Metric => ({ name: "Device/SerialNumber", datatype: Text, value });
    const { uplink, panel } = await bornDevice([serial("A-1")]);

    send(panel, "DBIRTH", [type, serial("B-2")]);

    expect(uplink.flaws).toEqual(["foreign-device CB-0001: serial number B-2 while A-1 is online under this id"]);
  });

  it("with an alias for two metrics makes that alias unknown", async () => {
    const double = (name: string): Metric => ({ name, alias: 7, datatype: Float, value: 1 });
    const { uplink, panel } = await bornDevice([double("Breaker/CurrentPhaseA"), double("Feeder/Load")]);

    send(panel, "DDATA", [{ alias: 7, datatype: Float, value: 99 }]);

    expect(uplink.flaws).toEqual(["malformed CB-0001: alias 7 stands for Breaker/CurrentPhaseA and Feeder/Load"]);
    expect(uplink.rejections).toEqual(["unknown-point CB-0001: alias 7"]);
    expect(uplink.values).not.toContain("CurrentPhaseA=99");
  });
});
