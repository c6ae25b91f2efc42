import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { connectAsync } from "mqtt";
import { startBenchHost } from "#bench/ingest/bench-host.ts";
import { Child } from "#bench/ingest/child.ts";
import type { Feed, FeedMessage } from "#bench/ingest/feed.ts";
import { feedOf } from "#bench/ingest/feed-of.ts";
import { Publisher } from "#bench/ingest/publisher.ts";
import { freePort } from "#bench/support/free-port.ts";
import { type Costs, costRatio, threadCpuUs } from "./in-turn.ts";

export interface IngestShape {
  readonly protocol: string;
  readonly devices: number;
  /** Of each message. */
  readonly values: number;
}

const rounds = 80;
const messagesPerRound = 250;
const bareTopic = "bare/";

/**
 * Processor time of this thread, in microseconds, for a message: the whole host in this process against mqtt.js that only receives and decodes,
 * in turn. The broker is another process. Throws when a message does not arrive.
 */
export async function ingestCosts({ protocol, devices, values }: IngestShape): Promise<Costs> {
  const brokerPort = await freePort();
  const broker = await Child.start("broker-process.ts", [brokerPort]);
  const ports = { brokerPort, opcuaPort: await freePort(), httpPort: await freePort() };
  const { host, folder } = await startBenchHost({ ...ports, hasHistory: false });
  const feed = await feedOf(protocol, devices);
  const publisher = await Publisher.connect(brokerPort);
  const { registry, traffic } = host.fleet;
  const introductions = feed.introductions(Date.now());
  // A few at a time: a broker keeps only so many for one who is busy.
  for (let i = 0; i < introductions.length; i += messagesPerRound) {
    await publisher.publish(introductions.slice(i, i + messagesPerRound));
    await quiet(() => registry.size);
  }
  await arrived(() => registry.size, devices);
  await quiet(() => traffic.accepted);

  let received = 0;
  const bare = await connectAsync(`mqtt://127.0.0.1:${brokerPort}`, { clientId: "bench-limit" });
  bare.on("message", (topic, payload) => {
    received += 1;
    feed.decode(topic.slice(bareTopic.length), payload);
  });
  await bare.subscribeAsync(`${bareTopic}#`, { qos: 1 });

  const batches = (of: Feed, prefix: string): (() => FeedMessage[]) => {
    let sent = 0;
    return () =>
      Array.from({ length: messagesPerRound }, () => {
        const [device, count] = [sent % devices, Math.floor(sent / devices)];
        sent += 1;
        const message = of.message(device, count, values, Date.now());
        return { ...message, topic: prefix + message.topic };
      });
  };
  const forHost = batches(feed, "");
  // A fleet of its own: what the host misses of the numbers in a message, it asks for.
  const forBare = batches(await feedOf(protocol, devices), bareTopic);
  const cost = async (batch: readonly FeedMessage[], count: () => number): Promise<number> => {
    const wanted = count() + batch.length;
    await publisher.publish(batch);
    const before = threadCpuUs();
    await arrived(count, wanted);
    return (threadCpuUs() - before) / batch.length;
  };
  const costs = await costRatio(
    Math.max(rounds, Math.ceil((2 * devices) / messagesPerRound)),
    () => cost(forHost(), () => traffic.accepted),
    () => cost(forBare(), () => received),
  );
  publisher.close();
  await bare.endAsync();
  await host[Symbol.asyncDispose]();
  await broker.stop();
  rmSync(folder, { recursive: true, force: true });
  return costs;
}

async function arrived(count: () => number, wanted: number): Promise<void> {
  for (const end = performance.now() + 60_000; count() < wanted; await sleep(2)) {
    if (performance.now() > end) throw new Error(`${count()} of ${wanted} arrived`);
  }
}

/** Waits until nothing more comes. */
async function quiet(count: () => number): Promise<void> {
  for (let before = -1; before !== count(); await sleep(300)) before = count();
}
