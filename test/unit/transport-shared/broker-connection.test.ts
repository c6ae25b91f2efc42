import { beforeEach, describe, expect, it } from "vitest";
import { BrokerConnection, type BrokerUser } from "#transport/shared/broker-connection.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { MemoryBroker, settle } from "./memory-broker.ts";
import { recordingLog } from "./silent-log.ts";

describe("BrokerConnection", () => {
  let clock: FakeClock;
  let broker: MemoryBroker;
  let lost: string[];
  let connection: BrokerConnection;

  beforeEach(() => {
    clock = new FakeClock();
    broker = new MemoryBroker();
    lost = [];
    const user: BrokerUser = {
      will: () => ({ topic: "will", payload: String(clock.now()), qos: 1, retain: true }),
      greet: async (session) => {
        await session.subscribe([{ filter: "data/#", qos: 1 }]);
        await session.publish({ topic: "hello", payload: "", qos: 1, retain: true });
      },
      message: () => undefined,
      lost: (cause) => lost.push(cause),
    };
    const settings = { url: "mqtt://user:secret@broker:1883", clientId: "host-1" };
    connection = new BrokerConnection({
      settings,
      user,
      clock,
      random: () => 0,
      log: recordingLog(),
      open: broker.open,
    });
  });

  it("subscribes before it announces itself, and is up once both are acknowledged", async () => {
    connection.start();
    await settle();

    expect(broker.last.log).toEqual(["SUBSCRIBE data/#", "PUBLISH hello"]);
    expect(connection.isUp).toBe(true);
    expect(connection.detail).toBe("connected to mqtt://broker:1883");
  });

  it("is not up while the broker does not acknowledge the subscription", async () => {
    broker.answers = false;

    connection.start();
    await settle();

    expect(connection.isUp).toBe(false);
  });

  it("makes a new Will and greets anew on every reconnect", async () => {
    connection.start();
    await settle();
    broker.cut("reset by peer");
    clock.advance(500);
    await settle();

    expect(lost).toEqual(["reset by peer"]);
    expect(broker.sessions.map((session) => session.will?.payload)).toEqual([
      String(clock.now() - 500),
      String(clock.now()),
    ]);
    expect(broker.last.log).toEqual(["SUBSCRIBE data/#", "PUBLISH hello"]);
  });

  it("waits longer after each failure, up to the limit, and names the cause", async () => {
    broker.refusal = "ECONNREFUSED";
    const attempts: number[] = [];
    connection.start();
    for (let second = 0; second < 120; second += 1) {
      await settle();
      attempts.push(broker.sessions.length);
      clock.advance(500);
    }

    expect(attempts.slice(0, 8)).toEqual([1, 2, 2, 3, 3, 3, 3, 4]);
    expect(attempts.at(-1)).toBe(8);
    expect(connection.detail).toBe("mqtt://broker:1883: ECONNREFUSED");
    expect(lost).toEqual([]);
  });

  it("refuses to publish while it is down, naming the topic and the cause", async () => {
    broker.refusal = "ECONNREFUSED";
    connection.start();
    await settle();

    const attempt = connection.publish({ topic: "cmd/1", payload: "x", qos: 0, retain: false });

    await expect(attempt).rejects.toMatchObject({
      code: "command-not-sent",
      message: "cmd/1 was not sent: mqtt://broker:1883: ECONNREFUSED",
    });
  });

  it("says farewell before DISCONNECT and does not reconnect after a stop", async () => {
    connection.start();
    await settle();

    await connection.stop({ topic: "bye", payload: "", qos: 1, retain: true });
    clock.advance(60_000);
    await settle();

    expect(broker.last.log.slice(2)).toEqual(["PUBLISH bye", "DISCONNECT"]);
    expect(broker.sessions.length).toBe(1);
    expect(lost).toEqual([]);
  });

  it("stops within its deadline when the broker does not answer", async () => {
    connection.start();
    await settle();
    broker.answers = false;

    const stopped = connection.stop({ topic: "bye", payload: "", qos: 1, retain: true }, 1000);
    clock.advance(1000);

    await stopped;
    expect(broker.last.log.at(-1)).toBe("DISCONNECT");
  });
});
