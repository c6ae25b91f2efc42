import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OutgoingCommand } from "#model/command.ts";
import { SparkplugType } from "#transport/sparkplug/codec/data-type.ts";
import { MetricReader } from "#transport/sparkplug/codec/metric-reader.ts";
import type { Metric } from "#transport/sparkplug/codec/payload.ts";
import { PayloadDecoder } from "#transport/sparkplug/codec/payload-decoder.ts";
import { tripCommand } from "../../unit/sparkplug/breaker-package.ts";
import { tahu } from "../../unit/sparkplug/edge-peer.ts";
import { breakerMetrics, Edge } from "./edge.ts";
import { hostId, startHost, until } from "./host-under-test.ts";
import type { WireMessage } from "./mqtt-wire.ts";

const { signal } = new AbortController();
const nodeTopic = "spBv1.0/Plant/NCMD/N1";
const deviceTopic = "spBv1.0/Plant/DCMD/N1/D1";

function trip(value: boolean | string = true, address = "Command/Trip"): OutgoingCommand {
  const spec = { ...tripCommand, bindings: { sparkplug: { address, value } } };
  return { correlationId: "c-1", spec, inputs: ["storm"], sentAt: Date.now() };
}

/** Metrics as they are on the wire, by a reader that does not need datatypes. */
function metricsOf({ payload }: WireMessage): Metric[] {
  const decoder = new PayloadDecoder();
  if (!decoder.decode(payload).ok) throw new Error("the command is no payload");
  return new MetricReader().metrics(decoder);
}

/** A host with edge node N1 (a breaker itself) and its device D1, to both of which it has sent a Trip. */
async function commandedHost(strict: boolean) {
  const host = await startHost({ strict });
  const edge = new Edge(host.broker, "N1");
  await edge.birth(
    ["D1"],
    breakerMetrics.map(({ alias, ...metric }) => ({ ...metric, alias: Number(alias ?? 5) })),
  );
  await until(() => host.uplink.presences.length === 2);
  const sentAt = Date.now();
  await host.transport.send(host.uplink.device("Plant/N1"), trip(), signal);
  await host.transport.send(host.uplink.device("Plant/N1/D1"), trip(), signal);
  const sent = (topic: string): WireMessage[] =>
    host.broker.published(hostId).filter((message) => message.topic === topic);
  await until(() => sent(deviceTopic).length === 1);
  return { host, edge, sentAt, sent };
}

function only(messages: readonly WireMessage[]): WireMessage {
  const [message] = messages;
  if (message === undefined || messages.length > 1) throw new Error(`${messages.length} messages, expected one`);
  return message;
}

// Sparkplug 3.0, sections 5.10, 6.4.24 and 6.4.25: NCMD and DCMD messages.
describe("commands", () => {
  let commanded: Awaited<ReturnType<typeof commandedHost>>;
  let ncmd: WireMessage;
  let dcmd: WireMessage;
  let rebirth: WireMessage;

  beforeAll(async () => {
    commanded = await commandedHost(false);
    ncmd = only(commanded.sent(nodeTopic));
    dcmd = only(commanded.sent(deviceTopic));
    // Data of an edge node that was never born: the reason to ask for its births.
    await new Edge(commanded.host.broker, "N2").data(1, "D1");
    const requests = (): WireMessage[] => commanded.sent("spBv1.0/Plant/NCMD/N2");
    await until(() => requests().length === 1);
    rebirth = only(requests());
  });

  afterAll(async () => {
    await commanded.host[Symbol.asyncDispose]();
  });

  it("operational-behavior-data-commands-ncmd-verb", () => {
    expect(ncmd.topic.split("/")[2]).toBe("NCMD");
  });

  it("operational-behavior-data-commands-dcmd-verb", () => {
    expect(dcmd.topic.split("/")[2]).toBe("DCMD");
  });

  it("operational-behavior-data-commands-ncmd-rebirth-verb", () => {
    expect(rebirth.topic).toBe("spBv1.0/Plant/NCMD/N2");
  });

  it("topics-ncmd-topic", () => {
    expect(ncmd.topic).toBe(nodeTopic);
  });

  it("topics-dcmd-topic", () => {
    expect(dcmd.topic).toBe(deviceTopic);
  });

  it("topics-ncmd-mqtt", () => {
    for (const message of [ncmd, rebirth]) expect(message).toMatchObject({ qos: 0, retain: false });
  });

  it("topics-dcmd-mqtt", () => {
    expect(dcmd).toMatchObject({ qos: 0, retain: false });
  });

  it("payloads-ncmd-qos", () => {
    for (const message of [ncmd, rebirth]) expect(message.qos).toBe(0);
  });

  it("payloads-dcmd-qos", () => {
    expect(dcmd.qos).toBe(0);
  });

  it("payloads-ncmd-retain", () => {
    for (const message of [ncmd, rebirth]) expect(message.retain).toBe(false);
  });

  it("payloads-dcmd-retain", () => {
    expect(dcmd.retain).toBe(false);
  });

  const expectSentNow = ({ payload }: WireMessage): void => {
    const timestamp = Number(tahu.decodePayload(payload).timestamp);
    expect(timestamp).toBeGreaterThanOrEqual(commanded.sentAt);
    expect(timestamp).toBeLessThan(commanded.sentAt + 2000);
  };

  it("topics-ncmd-timestamp", () => {
    expectSentNow(ncmd);
  });

  it("topics-dcmd-timestamp", () => {
    expectSentNow(dcmd);
  });

  it("payloads-ncmd-timestamp", () => {
    expectSentNow(ncmd);
    expectSentNow(rebirth);
  });

  it("payloads-dcmd-timestamp", () => {
    expectSentNow(dcmd);
  });

  const hasSeq = ({ payload }: WireMessage): boolean => {
    const decoder = new PayloadDecoder();
    return decoder.decode(payload).ok && decoder.columns.hasSeq;
  };

  it("payloads-ncmd-seq", () => {
    expect([ncmd, rebirth].map(hasSeq)).toEqual([false, false]);
  });

  it("payloads-dcmd-seq", () => {
    expect(hasSeq(dcmd)).toBe(false);
  });

  const expected = [
    { name: "Command/Trip", datatype: SparkplugType.Boolean, value: true },
    { name: "Command/Reason", datatype: SparkplugType.String, value: "storm" },
  ];

  it("topics-ncmd-payload", () => {
    expect(metricsOf(ncmd)).toMatchObject(expected);
  });

  it("topics-dcmd-payload", () => {
    expect(metricsOf(dcmd)).toMatchObject(expected);
  });

  it("operational-behavior-data-commands-ncmd-rebirth-name", () => {
    expect(metricsOf(rebirth).map(({ name }) => name)).toEqual(["Node Control/Rebirth"]);
  });

  it("operational-behavior-data-commands-ncmd-rebirth-value", () => {
    expect(metricsOf(rebirth)).toMatchObject([{ datatype: SparkplugType.Boolean, value: true }]);
  });

  it("payloads-name-cmd-requirement", () => {
    for (const message of [ncmd, dcmd]) {
      for (const { name, timestamp } of metricsOf(message)) {
        expect(breakerMetrics.map((metric) => metric.name)).toContain(name);
        expect(timestamp).toBeGreaterThanOrEqual(commanded.sentAt);
      }
    }
  });

  const refuses = async (address: string, command: OutgoingCommand, code: string): Promise<void> => {
    const { host } = commanded;
    const before = host.broker.published(hostId).length;

    await expect(host.transport.send(host.uplink.device(address), command, signal)).rejects.toMatchObject({ code });

    expect(host.broker.published(hostId)).toHaveLength(before);
  };

  it("operational-behavior-data-commands-ncmd-metric-name", async () => {
    await refuses("Plant/N1", trip(true, "Command/Unheard"), "command-not-sent");
  });

  it("operational-behavior-data-commands-dcmd-metric-name", async () => {
    await refuses("Plant/N1/D1", trip(true, "Command/Unheard"), "command-not-sent");
  });

  it("operational-behavior-data-commands-ncmd-metric-value", async () => {
    await refuses("Plant/N1", trip("yes"), "value-type-mismatch");
  });

  it("operational-behavior-data-commands-dcmd-metric-value", async () => {
    await refuses("Plant/N1/D1", trip("yes"), "value-type-mismatch");
  });
});

// Two rules that many devices cannot live with (they need name and datatype): kept with the option `strict`.
describe("commands with the option strict", () => {
  let commanded: Awaited<ReturnType<typeof commandedHost>>;

  beforeAll(async () => {
    commanded = await commandedHost(true);
  });

  afterAll(async () => {
    await commanded.host[Symbol.asyncDispose]();
  });

  it("payloads-alias-data-cmd-requirement", () => {
    const [aliased, named] = metricsOf(only(commanded.sent(deviceTopic)));
    expect(aliased).toMatchObject({ name: undefined, alias: 113, value: true });
    expect(named).toMatchObject({ name: "Command/Reason", alias: undefined });
  });

  it("payloads-metric-datatype-not-req", () => {
    for (const topic of [nodeTopic, deviceTopic]) {
      for (const { datatype } of metricsOf(only(commanded.sent(topic)))) expect(datatype).toBeUndefined();
    }
  });
});
