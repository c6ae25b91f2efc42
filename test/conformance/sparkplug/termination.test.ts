import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hostId, startHost, stateOf, stateTopic, until } from "./host-under-test.ts";
import { type BrokerEvent, type Connection, connectOf, publishedIn, RecordingBroker } from "./recording-broker.ts";

// Sparkplug 3.0, section 5.9: a host application that stops on purpose says so before it goes.
describe("session termination", () => {
  let broker: RecordingBroker;
  let connection: Connection;
  let stoppedAt: number;

  beforeAll(async () => {
    broker = await RecordingBroker.start();
    const host = await startHost({}, [broker]);
    connection = broker.last(hostId);
    await new Promise((resolve) => setTimeout(resolve, 20));
    stoppedAt = Date.now();
    await host.transport[Symbol.asyncDispose]();
    await until(() => connection.events.at(-1)?.kind === "closed");
  });

  afterAll(async () => {
    await broker.close();
  });

  const death = () => {
    const message = publishedIn(connection).at(-1);
    if (message === undefined) throw new Error("nothing was published");
    return message;
  };
  const at = (kind: BrokerEvent["kind"]): number => connection.events.findLastIndex((event) => event.kind === kind);

  it("operational-behavior-host-application-termination", () => {
    expect(stateOf(death().payload).online).toBe(false);
    expect(at("publish")).toBeLessThan(at("closed"));
  });

  it("operational-behavior-host-application-death-topic", () => {
    expect(death().topic).toBe(stateTopic);
  });

  it("operational-behavior-host-application-death-payload", () => {
    expect(death().payload.toString("utf8")).toMatch(/^\{"online":false,"timestamp":\d+\}$/);
  });

  it("operational-behavior-host-application-death-qos", () => {
    expect(death().qos).toBe(1);
  });

  it("operational-behavior-host-application-death-retained", () => {
    expect(death().retain).toBe(true);
  });

  it("host-topic-phid-death-payload-timestamp-disconnect-clean", () => {
    const { timestamp } = stateOf(death().payload);
    expect(timestamp).toBeGreaterThanOrEqual(stoppedAt);
    expect(timestamp).toBeLessThan(stoppedAt + 1000);
  });

  it("host-topic-phid-death-payload-timestamp-disconnect-with-no-disconnect-packet", () => {
    // The death goes out before anything else of the goodbye, so it holds whether or not a DISCONNECT follows it.
    const will = stateOf(connectOf(connection).will?.payload ?? Buffer.alloc(0));
    expect(stateOf(death().payload).timestamp).toBeGreaterThan(will.timestamp);
    expect(connection.events.slice(at("publish") + 1).map(({ kind }) => kind)).toEqual(["disconnect", "closed"]);
  });

  it("operational-behavior-host-application-disconnect-intentional", () => {
    expect(at("publish")).toBeLessThan(at("disconnect"));
    expect(at("disconnect")).toBeLessThan(at("closed"));
  });
});
