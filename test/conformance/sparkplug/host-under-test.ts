import { vi } from "vitest";
import type { Uplink } from "#fleet/ports.ts";
import { systemClock } from "#lib/clock.ts";
import { SparkplugTransport, type SparkplugTransportOptions } from "#transport/sparkplug/sparkplug-transport.ts";
import { RecordingUplink } from "../../unit/sparkplug/recording-uplink.ts";
import { recordingLog } from "../../unit/transport-shared/silent-log.ts";
import { FleetUnderTest } from "./fleet-under-test.ts";
import { publishedIn, RecordingBroker } from "./recording-broker.ts";

export const hostId = "host-1";
export const stateTopic = `spBv1.0/STATE/${hostId}`;

/** A host application connected to a recording broker. */
export interface HostUnderTest extends AsyncDisposable {
  readonly broker: RecordingBroker;
  readonly transport: SparkplugTransport;
  readonly uplink: RecordingUplink;
}

export interface StartOptions extends Partial<SparkplugTransportOptions> {
  /** Whom the host reports to; default a recording uplink. */
  readonly reportTo?: Uplink;
}

/** Starts a host on a broker of its own (or on those given) and waits until it has announced itself. */
export async function startHost(
  { reportTo, ...options }: StartOptions = {},
  brokers: readonly RecordingBroker[] = [],
): Promise<HostUnderTest> {
  const own = brokers.length === 0 ? await RecordingBroker.start() : undefined;
  const [broker] = own === undefined ? brokers : [own];
  if (broker === undefined) throw new Error("no broker");
  const uplink = new RecordingUplink();
  const transport = new SparkplugTransport({
    hostId,
    brokers: (own === undefined ? brokers : [own]).map(({ url }) => ({ url, clientId: hostId })),
    clock: systemClock,
    // The shortest delays: a reconnect comes after half a second.
    random: () => 0,
    log: recordingLog(),
    ...options,
  });
  await transport.start(reportTo ?? uplink);
  await until(() => transport.health().connected);
  return {
    broker,
    transport,
    uplink,
    [Symbol.asyncDispose]: async () => {
      await transport[Symbol.asyncDispose]();
      await own?.close();
    },
  };
}

/** A host on one broker with the real fleet behind it. */
export async function startHostWithFleet(options: StartOptions = {}) {
  const fleet = new FleetUnderTest();
  const host = await startHost({ ...options, reportTo: fleet.uplink });
  return { ...host, fleet };
}

/** Waits until `holds` returns true; fails after five seconds. */
export async function until(holds: () => boolean): Promise<void> {
  await vi.waitUntil(holds, { timeout: 5000, interval: 5 });
}

/** Cuts the host's connection and waits until it has announced itself on a new one. */
export async function reconnect({ broker, transport }: HostUnderTest): Promise<void> {
  const before = broker.of(hostId).length;
  broker.cut(hostId);
  await until(() => broker.of(hostId).length > before && publishedIn(broker.last(hostId)).length > 0);
  await until(() => transport.health().connected);
}

export interface StatePayload {
  readonly online: boolean;
  readonly timestamp: number;
}

/** The JSON of a STATE payload; throws when it is not exactly one. */
export function stateOf(payload: Buffer): StatePayload {
  const text = new TextDecoder("utf-8", { fatal: true }).decode(payload);
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== "object" || parsed === null) throw new Error(`${text} is no object`);
  const { online, timestamp } = { online: undefined, timestamp: undefined, ...parsed };
  if (typeof online !== "boolean" || typeof timestamp !== "number") throw new Error(`${text} is no STATE`);
  return { online, timestamp };
}
