import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "#lib/clock.ts";
import { SparkplugTransport } from "#transport/sparkplug/sparkplug-transport.ts";
import { recordingLog } from "../../unit/transport-shared/silent-log.ts";
import { type HostUnderTest, hostId, reconnect, startHost, stateOf, stateTopic, until } from "./host-under-test.ts";
import { type Connection, connectOf, publishedIn, RecordingBroker } from "./recording-broker.ts";

// Sparkplug 3.0, sections 3.5, 5.2, 5.8 and 6.4.28: what a host application does when it connects.
describe("session establishment", () => {
  let host: HostUnderTest;
  let first: Connection;
  let second: Connection;

  beforeAll(async () => {
    host = await startHost();
    await reconnect(host);
    const [one, two] = host.broker.of(hostId);
    if (one === undefined || two === undefined) throw new Error("the host did not connect twice");
    [first, second] = [one, two];
  });

  afterAll(async () => {
    await host[Symbol.asyncDispose]();
  });

  const birthIn = (connection: Connection) => {
    const [birth] = publishedIn(connection);
    if (birth === undefined) throw new Error("nothing was published");
    return birth;
  };
  const willOf = (connection: Connection) => {
    const { will } = connectOf(connection);
    if (will === undefined) throw new Error("CONNECT had no Will");
    return will;
  };
  const kinds = (connection: Connection): string[] => connection.events.map(({ kind }) => kind);
  const filtersOf = (connection: Connection): readonly string[] =>
    connection.events.flatMap((event) => (event.kind === "subscribe" ? event.filters : []));

  it("intro-sparkplug-host-state", () => {
    expect(stateOf(birthIn(first).payload).online).toBe(true);
    expect(stateOf(willOf(first).payload).online).toBe(false);
  });

  it("components-ph-state", () => {
    expect(publishedIn(first).map(({ topic }) => topic)).toContain(stateTopic);
    expect(willOf(first).topic).toBe(stateTopic);
  });

  it("conformance-primary-host", () => {
    for (const connection of [first, second]) {
      expect(stateOf(birthIn(connection).payload)).toMatchObject({ online: true });
      expect(connectOf(connection).will).toBeDefined();
    }
  });

  it("principles-birth-certificates-order", () => {
    for (const connection of [first, second]) {
      expect(birthIn(connection).topic).toBe(stateTopic);
      expect(stateOf(birthIn(connection).payload).online).toBe(true);
    }
  });

  it("host-topic-phid-birth-message", () => {
    expect(publishedIn(second)[0]).toMatchObject({ topic: stateTopic });
  });

  it("operational-behavior-host-application-connect-birth", () => {
    expect(kinds(first).indexOf("publish")).toBeGreaterThan(kinds(first).indexOf("connect"));
    expect(stateOf(birthIn(first).payload).online).toBe(true);
  });

  it("host-topic-phid-birth-sub-required", () => {
    expect(filtersOf(first)[0]).toBe(stateTopic);
    expect(kinds(first).indexOf("subscribe")).toBeLessThan(kinds(first).indexOf("publish"));
  });

  it("host-topic-phid-birth-required", () => {
    const order = kinds(first);
    expect(order.lastIndexOf("suback")).toBeLessThan(order.indexOf("publish"));
    expect(birthIn(first).topic).toBe(stateTopic);
  });

  it("message-flow-phid-sparkplug-subscription", () => {
    expect(kinds(first).slice(0, 2)).toEqual(["connect", "subscribe"]);
    for (const type of ["NBIRTH", "NDATA", "NDEATH"]) expect(filtersOf(first)).toContain(`spBv1.0/+/${type}/+`);
    for (const type of ["DBIRTH", "DDATA", "DDEATH"]) expect(filtersOf(first)).toContain(`spBv1.0/+/${type}/+/+`);
  });

  it("message-flow-phid-sparkplug-state-publish", () => {
    for (const connection of [first, second]) {
      expect(
        kinds(connection)
          .filter((kind) => kind !== "suback")
          .slice(0, 3),
      ).toEqual(["connect", "subscribe", "publish"]);
      expect(birthIn(connection).topic).toBe(stateTopic);
    }
  });

  it("payloads-state-subscribe", () => {
    for (const connection of [first, second]) expect(filtersOf(connection)).toContain(stateTopic);
  });

  it("payloads-state-birth", () => {
    expect(birthIn(first)).toMatchObject({ topic: stateTopic, qos: 1, retain: true });
  });

  it("host-topic-phid-birth-topic", () => {
    expect(birthIn(first).topic).toBe(`spBv1.0/STATE/${hostId}`);
  });

  it("operational-behavior-host-application-connect-birth-topic", () => {
    expect(birthIn(second).topic).toBe(`spBv1.0/STATE/${hostId}`);
  });

  it("host-topic-phid-birth-qos", () => {
    expect(birthIn(first).qos).toBe(1);
  });

  it("operational-behavior-host-application-connect-birth-qos", () => {
    expect(birthIn(second).qos).toBe(1);
  });

  it("host-topic-phid-birth-retain", () => {
    expect(birthIn(first).retain).toBe(true);
  });

  it("operational-behavior-host-application-connect-birth-retained", () => {
    expect(birthIn(second).retain).toBe(true);
  });

  it("host-topic-phid-birth-payload", () => {
    expect(Object.keys(JSON.parse(birthIn(first).payload.toString("utf8")) as object).sort()).toEqual([
      "online",
      "timestamp",
    ]);
  });

  it("host-topic-phid-birth-payload-timestamp", () => {
    expect(stateOf(birthIn(first).payload).timestamp).toBe(stateOf(willOf(first).payload).timestamp);
  });

  it("message-flow-phid-sparkplug-state-publish-payload", () => {
    expect(birthIn(first).payload.toString("utf8")).toMatch(/^\{"online":true,"timestamp":\d+\}$/);
  });

  it("message-flow-phid-sparkplug-state-publish-payload-timestamp", () => {
    for (const connection of [first, second]) {
      expect(stateOf(birthIn(connection).payload).timestamp).toBe(stateOf(willOf(connection).payload).timestamp);
    }
  });

  it("operational-behavior-host-application-connect-birth-payload", () => {
    const { online, timestamp } = stateOf(birthIn(second).payload);
    expect(online).toBe(true);
    expect(timestamp).toBe(stateOf(willOf(second).payload).timestamp);
  });

  it("payloads-state-birth-payload", () => {
    const { timestamp } = stateOf(birthIn(first).payload);
    expect(Number.isInteger(timestamp)).toBe(true);
    expect(Math.abs(timestamp - first.openedAt)).toBeLessThan(2000);
  });

  it("host-topic-phid-death-required", () => {
    for (const connection of [first, second]) expect(connectOf(connection).will).toBeDefined();
  });

  it("operational-behavior-host-application-connect-will", () => {
    expect(connectOf(first).will).toBeDefined();
  });

  it("payloads-state-will-message", () => {
    expect(willOf(first)).toMatchObject({ topic: stateTopic, qos: 1, retain: true });
  });

  it("host-topic-phid-death-topic", () => {
    expect(willOf(first).topic).toBe(`spBv1.0/STATE/${hostId}`);
  });

  it("operational-behavior-host-application-connect-will-topic", () => {
    expect(willOf(second).topic).toBe(`spBv1.0/STATE/${hostId}`);
  });

  it("host-topic-phid-death-qos", () => {
    expect(willOf(first).qos).toBe(1);
  });

  it("operational-behavior-host-application-connect-will-qos", () => {
    expect(willOf(second).qos).toBe(1);
  });

  it("payloads-state-will-message-qos", () => {
    for (const connection of [first, second]) expect(willOf(connection).qos).toBe(1);
  });

  it("host-topic-phid-death-retain", () => {
    expect(willOf(first).retain).toBe(true);
  });

  it("operational-behavior-host-application-connect-will-retained", () => {
    expect(willOf(second).retain).toBe(true);
  });

  it("payloads-state-will-message-retain", () => {
    for (const connection of [first, second]) expect(willOf(connection).retain).toBe(true);
  });

  it("host-topic-phid-death-payload", () => {
    expect(willOf(first).payload.toString("utf8")).toMatch(/^\{"online":false,"timestamp":\d+\}$/);
  });

  it("host-topic-phid-death-payload-timestamp-connect", () => {
    for (const connection of [first, second]) {
      expect(Math.abs(stateOf(willOf(connection).payload).timestamp - connection.openedAt)).toBeLessThan(2000);
    }
    expect(stateOf(willOf(second).payload).timestamp).toBeGreaterThan(stateOf(willOf(first).payload).timestamp);
  });

  it("operational-behavior-host-application-connect-will-payload", () => {
    expect(stateOf(willOf(second).payload)).toMatchObject({ online: false });
  });

  it("payloads-state-will-message-payload", () => {
    for (const connection of [first, second]) expect(stateOf(willOf(connection).payload).online).toBe(false);
  });

  it("message-flow-phid-sparkplug-clean-session-311", () => {
    for (const connection of [first, second]) {
      expect(connectOf(connection)).toMatchObject({ level: 4, cleanStart: true });
    }
  });

  it("message-flow-phid-sparkplug-clean-session-50", async () => {
    // The broker of these tests refuses 5.0, but the CONNECT is on record.
    const settings = { url: host.broker.url, clientId: "host-5", protocolVersion: 5 as const };
    await using transport = new SparkplugTransport({
      hostId: "host-5",
      brokers: [settings],
      clock: systemClock,
      random: () => 0,
      log: recordingLog(),
    });
    await transport.start(host.uplink);
    await until(() => host.broker.of("host-5").length > 0);

    expect(connectOf(host.broker.last("host-5"))).toMatchObject({ level: 5, cleanStart: true, sessionExpiryS: 0 });
  });

  it("message-flow-hid-sparkplug-state-message-delivered", async () => {
    const connection = host.broker.last(hostId);
    const before = publishedIn(connection).length;

    await host.broker.publish(stateTopic, `{"online":false,"timestamp":${Date.now()}}`, { qos: 1, retain: true });
    await until(() => publishedIn(connection).length > before);

    const again = publishedIn(connection)[before];
    expect(again).toMatchObject({ topic: stateTopic, qos: 1, retain: true });
    expect(stateOf(again?.payload ?? Buffer.alloc(0))).toEqual({
      online: true,
      timestamp: stateOf(willOf(connection).payload).timestamp,
    });
  });

  it("operational-behavior-host-application-host-id", async () => {
    await host.broker.publish(stateTopic, '{"online":true,"timestamp":1}', { qos: 1 });
    await until(() => host.uplink.notices.length > 0);

    expect(host.uplink.notices[0]?.active).toBe(true);
    expect(host.uplink.notices[0]?.text).toContain(`another host application uses host id ${hostId}`);
  });
});

describe("several MQTT servers", () => {
  let brokers: RecordingBroker[];
  let host: HostUnderTest;

  beforeAll(async () => {
    brokers = [await RecordingBroker.start(), await RecordingBroker.start()];
    host = await startHost({}, brokers);
  });

  afterAll(async () => {
    await host[Symbol.asyncDispose]();
    for (const broker of brokers) await broker.close();
  });

  it("operational-behavior-primary-application-state-with-multiple-servers-state", () => {
    for (const broker of brokers) {
      expect(broker.published(hostId)[0]).toMatchObject({ topic: stateTopic, qos: 1, retain: true });
    }
  });

  it("operational-behavior-primary-application-state-with-multiple-servers-state-subs", () => {
    for (const broker of brokers) {
      const filters = broker.last(hostId).events.flatMap((event) => (event.kind === "subscribe" ? event.filters : []));
      expect(filters).toContain(stateTopic);
    }
  });

  it("operational-behavior-host-application-multi-server-timestamp", () => {
    for (const broker of brokers) {
      const connection = broker.last(hostId);
      const birth = stateOf(publishedIn(connection)[0]?.payload ?? Buffer.alloc(0));
      const will = stateOf(connectOf(connection).will?.payload ?? Buffer.alloc(0));
      expect(birth.timestamp).toBe(will.timestamp);
    }
  });
});
