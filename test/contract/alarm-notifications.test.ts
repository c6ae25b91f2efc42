import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EventRecord } from "#fleet/alarms/ports.ts";
import { systemClock } from "#lib/clock.ts";
import { Notifier, type NotifierParts } from "#notify/notifier.ts";
import { signatureOf } from "#notify/webhook.ts";
import { ownLink } from "#transport/shared/broker-link.ts";
import { AlarmFleet, operator } from "../support/alarm-fleet.ts";
import { silentLogger } from "../support/silent-logger.ts";
import { TestBroker } from "../support/test-broker.ts";
import { until } from "../support/until.ts";

interface Post {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A real HTTP server that keeps what is posted to it and answers what it is told to. */
class Receiver implements AsyncDisposable {
  readonly posts: Post[] = [];
  /** Answers to give first; 200 after them. */
  readonly answers: number[] = [];
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      this.posts.push({ headers: request.headers, body: Buffer.concat(chunks).toString("utf8") });
      response.writeHead(this.answers.shift() ?? 200).end("thanks");
    });
  });

  async open(port = 0): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.listen(port, "127.0.0.1", resolve);
    await promise;
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  /** What was posted, in order, each event once. */
  get events(): string[] {
    const bodies = this.posts.map(
      ({ body }) => JSON.parse(body) as { event_id: string; alarm_type: string; status: string },
    );
    return [...new Map(bodies.map((body) => [body.event_id, `${body.status} ${body.alarm_type}`])).values()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }
}

const overload = { name: "Overload", when: "CurrentPhaseA > 100", severity: 800 };

describe("notifications of alarms", () => {
  let folder = "";

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "alarm-outbox-"));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  function parts(more: Partial<NotifierParts>): NotifierParts {
    return {
      folder,
      mqtt: undefined,
      webhooks: [],
      clock: systemClock,
      random: () => 0.5,
      log: silentLogger(),
      onTrouble: () => {},
      deviceTypeOf: () => "smart_breaker",
      ruleIdOf: () => undefined,
      minDelayMs: 20,
      ...more,
    };
  }

  function mqttTo(broker: TestBroker): NonNullable<NotifierParts["mqtt"]> {
    const settings = { url: broker.url, clientId: "alarms" };
    const options = { settings, clock: systemClock, random: Math.random, log: silentLogger(), minDelayMs: 20 };
    const link = ownLink(options)({ greet: () => Promise.resolve(), message: () => {}, lost: () => {} });
    return { link, topic: "iot.alarms" };
  }

  /** An alarm that comes, is acknowledged and goes. */
  function told(accept: (event: EventRecord) => void): AlarmFleet {
    const fleet = new AlarmFleet([overload]);
    fleet.alarms.onEvent(accept);
    fleet.sample("CurrentPhaseA", 120);
    fleet.alarms.acknowledge("CB-1/Overload", operator, "seen");
    fleet.sample("CurrentPhaseA", 50);
    return fleet;
  }

  it("are published over MQTT in the format of the platforms before", async () => {
    await using broker = await TestBroker.open();
    const listener = await connectAsync(broker.url);
    const heard: string[] = [];
    listener.on("message", (topic, payload) => heard.push(`${topic} ${payload.toString("utf8")}`));
    await listener.subscribeAsync("iot.alarms", { qos: 1 });
    await using notifier = await Notifier.open(parts({ mqtt: mqttTo(broker) }));

    const fleet = told((event) => notifier.accept(event));
    await until("notifications", 10_000, () => heard.length === 3);

    const [first = "", second = "", third = ""] = heard;
    const at = new Date(fleet.clock.now()).toISOString().replace("Z", "000Z");
    expect(first.startsWith("iot.alarms ")).toBe(true);
    expect(JSON.parse(first.slice("iot.alarms ".length))).toEqual({
      alarm_type: "Overload",
      device_id: "CB-1",
      device_type: "smart_breaker",
      severity: "high",
      status: "active",
      triggered_at: at,
      alarm_message: "Too much. (CurrentPhaseA 120 A)",
      alarm_data: {
        severity: 800,
        condition: "CurrentPhaseA > 100",
        category: "Protection",
        remedy: "Reduce the load.",
      },
      rule_id: null,
      event_id: fleet.events[0]?.eventId,
      event_at: at,
    });
    expect(second).toContain('"status":"acknowledged"');
    expect(second).toContain('"user":"olga","comment":"seen"');
    expect(third).toContain('"status":"resolved"');
    await listener.endAsync();
  });

  it("wait for a broker that is away, and for one that is there after a restart", async () => {
    await using broker = await TestBroker.open();
    await broker.stop();
    {
      await using before = await Notifier.open(parts({ mqtt: mqttTo(broker) }));
      told((event) => before.accept(event));
    }
    await broker.start();
    await using after = await Notifier.open(parts({ mqtt: mqttTo(broker) }));
    after.accept(laterEvent(4));
    await until(
      "notifications",
      10_000,
      () => broker.published.filter(({ topic }) => topic === "iot.alarms").length >= 4,
    );

    expect(broker.published.filter(({ topic }) => topic === "iot.alarms")).toHaveLength(4);
  });

  it("are posted in order with a signature that the receiver can check", async () => {
    await using receiver = new Receiver();
    const url = await receiver.open();
    await using notifier = await Notifier.open(parts({ webhooks: [{ url, secret: "s3cret", minSeverity: 1 }] }));

    const fleet = told((event) => notifier.accept(event));
    await until("notifications", 10_000, () => receiver.posts.length === 3);

    expect(receiver.events).toEqual(["active Overload", "acknowledged Overload", "resolved Overload"]);
    const [post] = receiver.posts;
    const timestamp = String(post?.headers["x-fdi-timestamp"]);
    expect(post?.headers["x-fdi-signature"]).toBe(`sha256=${signatureOf("s3cret", timestamp, post?.body ?? "")}`);
    expect(post?.headers["x-fdi-event-id"]).toBe(fleet.events[0]?.eventId);
    expect(Math.abs(Number(timestamp) - Date.now() / 1_000)).toBeLessThan(60);
  });

  it("are posted again until the receiver takes them, and say so meanwhile", async () => {
    await using receiver = new Receiver();
    receiver.answers.push(503, 500, 429, 503);
    const url = await receiver.open();
    const troubles: (string | undefined)[] = [];
    const webhooks = [{ url, secret: undefined, minSeverity: 1 }];
    await using notifier = await Notifier.open(parts({ webhooks, onTrouble: (text) => troubles.push(text) }));

    told((event) => notifier.accept(event));
    await until("notifications", 10_000, () => receiver.posts.length === 7);

    expect(receiver.events).toEqual(["active Overload", "acknowledged Overload", "resolved Overload"]);
    expect(troubles[0]).toMatch(/^3 notifications wait for webhook-[0-9a-f]{12}: .* answered 429$/);
    expect(troubles.at(-1)).toBeUndefined();
    expect(receiver.posts[0]?.headers["x-fdi-signature"]).toBeUndefined();
  });

  it("are not posted for ever to a receiver that refuses one of them", async () => {
    await using receiver = new Receiver();
    receiver.answers.push(400);
    const url = await receiver.open();
    await using notifier = await Notifier.open(parts({ webhooks: [{ url, secret: undefined, minSeverity: 1 }] }));

    told((event) => notifier.accept(event));
    await until("notifications", 10_000, () => receiver.posts.length === 3);

    expect(receiver.posts).toHaveLength(3);
  });

  it("survive a restart in between: what was not taken is posted again", async () => {
    const receiver = new Receiver();
    const url = await receiver.open();
    const port = Number(new URL(url).port);
    await receiver[Symbol.asyncDispose]();
    const webhooks = [{ url, secret: undefined, minSeverity: 1 }];
    {
      await using before = await Notifier.open(parts({ webhooks }));
      told((event) => before.accept(event));
    }

    await using back = new Receiver();
    await back.open(port);
    await using _after = await Notifier.open(parts({ webhooks }));
    await until("notifications", 10_000, () => back.posts.length === 3);

    expect(back.events).toEqual(["active Overload", "acknowledged Overload", "resolved Overload"]);
  });

  it("keep quiet about what people shelved, what is below the least severity, and summaries", async () => {
    await using receiver = new Receiver();
    const url = await receiver.open();
    await using notifier = await Notifier.open(parts({ webhooks: [{ url, secret: undefined, minSeverity: 500 }] }));
    const fleet = new AlarmFleet([
      { ...overload, ne107: "S" },
      { name: "Minor", when: "CurrentPhaseA > 50", severity: 100 },
    ]);
    fleet.alarms.onEvent((event) => notifier.accept(event));
    fleet.alarms.shelve("CB-1/Overload", 60_000, operator);

    fleet.sample("CurrentPhaseA", 120);
    fleet.clock.advance(60_000);
    await until("notifications", 10_000, () => receiver.posts.length === 2);

    expect(receiver.events).toEqual(["suppressed Overload", "active Overload"]);
  });
});

function laterEvent(number: number): EventRecord {
  const fleet = new AlarmFleet([overload]);
  fleet.sample("CurrentPhaseA", 120);
  const [first] = fleet.events;
  if (first === undefined) throw new Error("no event");
  return { ...first, eventId: number.toString(16).padStart(32, "f") };
}
