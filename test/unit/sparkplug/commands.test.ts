import { describe, expect, it } from "vitest";
import type { OutgoingWrite } from "#fleet/ports.ts";
import type { ParameterValue } from "#model/data-type.ts";
import { SparkplugType, WireKind } from "#transport/sparkplug/codec/data-type.ts";
import { numberOf } from "#transport/sparkplug/codec/metric-value.ts";
import { PayloadDecoder } from "#transport/sparkplug/codec/payload-decoder.ts";
import { breakerPackage, tripCommand } from "./breaker-package.ts";
import type { PeerMetric } from "./edge-peer.ts";
import { answeringBirth, breakerBirth, connectedTransport } from "./panel-peer.ts";

const { signal } = new AbortController();

async function bornBreaker(options: { strict?: boolean } = {}, birth: PeerMetric[] = breakerBirth) {
  const connected = await connectedTransport(options);
  connected.panel.nodeBirth();
  connected.panel.deviceBirth(birth);
  return { ...connected, device: connected.uplink.device("Demo/panel-1/CB-0001") };
}

function write(name: string, value: ParameterValue): OutgoingWrite {
  const parameter = breakerPackage.parameterByName.get(name);
  if (parameter === undefined) throw new Error(`no parameter ${name}`);
  return { correlationId: "w-1", parameter, value };
}

describe("SparkplugTransport with the option strict", () => {
  it("sends the alias instead of the name, and no datatype", async () => {
    const birth = breakerBirth.map((metric) => (metric.name === "Command/Trip" ? { ...metric, alias: 40 } : metric));
    const { transport, device, broker } = await bornBreaker({ strict: true }, birth);

    await transport.send(device, { correlationId: "c", spec: tripCommand, inputs: ["x"], sentAt: 0 }, signal);

    const decoder = new PayloadDecoder();
    decoder.decode(Buffer.from(broker.last.published.at(-1)?.payload ?? ""));
    const { columns } = decoder;
    expect(columns.names.slice(0, 2)).toEqual(["", "Command/Reason"]);
    expect([columns.aliases[0], columns.datatypes[0], columns.datatypes[1]]).toEqual([40, 0, 0]);
    expect([columns.kinds[0], numberOf(columns, 0, SparkplugType.Boolean)]).toEqual([WireKind.boolean, 1]);
  });
});

describe("SparkplugTransport.write", () => {
  const writable: PeerMetric[] = [
    ...answeringBirth,
    { name: "Breaker/ActivePower", type: "Int32", value: 0 },
    { name: "Breaker/Tripped", type: "Boolean", value: false },
  ];

  it.each([
    ["in the device's unit", "ActivePower", 23, "Breaker/ActivePower=22000"],
    ["as a Boolean", "Tripped", true, "Breaker/Tripped=true"],
    ["as the number it is", "Position", 2, "Breaker/Position=2"],
  ])("sends the value %s, with an id where the device echoes ids", async (_case, name, value, expected) => {
    const { transport, device, panel } = await bornBreaker({}, writable);

    await transport.write(device, write(name, value), signal);

    expect(panel.commands[0]).toMatch(new RegExp(`^DCMD panel-1/CB-0001 ${expected} Command/Id=\\d+$`));
  });

  it("sends the device's own word for an enumeration value where its metric is a text", async () => {
    const birth = breakerBirth.map((metric) =>
      metric.name === "Breaker/Position"
        ? { name: "Breaker/Position", type: "String" as const, value: "open" }
        : metric,
    );
    const { transport, device, panel } = await bornBreaker({}, birth);

    await transport.write(device, write("Position", 2), signal);

    expect(panel.commands).toEqual(["DCMD panel-1/CB-0001 Breaker/Position=closed"]);
  });

  it("refuses a value that the metric's datatype cannot hold", async () => {
    const { transport, device, panel } = await bornBreaker({}, writable);

    const writing = transport.write(device, write("ActivePower", 3e9), signal);

    await expect(writing).rejects.toMatchObject({
      code: "value-type-mismatch",
      message: "Demo/panel-1/CB-0001: Breaker/ActivePower = 2999999999000 is no Int32",
    });
    expect(panel.commands).toEqual([]);
  });

  it("refuses a parameter that the BIRTH does not have", async () => {
    const { transport, device } = await bornBreaker();

    await expect(transport.write(device, write("ActivePower", 1), signal)).rejects.toMatchObject({
      code: "command-not-sent",
    });
  });
});

it("sends a repeated command with the id of the first one, so that the device can tell", async () => {
  const { transport, device, panel } = await bornBreaker({}, answeringBirth);
  const command = { correlationId: "c-7", spec: tripCommand, inputs: [undefined], sentAt: 0 };

  await transport.send(device, command, signal);
  await transport.send(device, command, signal);

  const ids = panel.commands.map((line) => /Command\/Id=(\d+)/.exec(line)?.[1]);
  expect(ids[0]).toBeDefined();
  expect(ids[1]).toBe(ids[0]);
});

it("asks for a rebirth when a device is to introduce itself again", async () => {
  const { transport, panel, uplink } = await bornBreaker();

  transport.readmit("Demo/panel-1/CB-0001");
  panel.nodeBirth();
  panel.deviceBirth();

  expect(panel.commands).toEqual(["NCMD panel-1 Node Control/Rebirth=true"]);
  expect(uplink.announcements).toHaveLength(2);
});

it("asks for the births of an edge node that it has not heard of, on every broker", async () => {
  const { transport, panel } = await connectedTransport();

  transport.readmit("Demo/panel-1/CB-0001");

  expect(panel.commands).toEqual(["NCMD panel-1 Node Control/Rebirth=true"]);
});

it("announces a host of Sparkplug 2.2 in text as well, over a connection of its own", async () => {
  const { broker, transport } = await connectedTransport({ profile: "sparkplug-2.2" });
  const text = broker.sessions.find(({ settings }) => settings.clientId === "host-1-state");

  await transport[Symbol.asyncDispose]();

  const message = { topic: "STATE/host-1", qos: 1, retain: true };
  expect(text?.will).toEqual({ ...message, payload: "OFFLINE" });
  expect(text?.published).toEqual([
    { ...message, payload: "ONLINE" },
    { ...message, payload: "OFFLINE" },
  ]);
});
