import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { OnboardingPolicy } from "#fleet/onboarding/onboarding-policy.ts";
import type { DevicePackage } from "#model/device-package.ts";
import { readDeviceRegistry } from "#transport/mqtt-json/device-registry.ts";
import { MqttJsonTransport, type MqttJsonTransportOptions } from "#transport/mqtt-json/mqtt-json-transport.ts";
import { ownLink } from "#transport/shared/broker-link.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { TransportFleet } from "../../support/transport-fleet.ts";
import { wirePackage, wireType } from "../../support/wire-package.ts";
import { MemoryBroker, settle } from "../transport-shared/memory-broker.ts";
import { recordingLog } from "../transport-shared/silent-log.ts";

export function fixture(name: string): Buffer {
  return readFileSync(join(import.meta.dirname, "../../fixtures/mqtt-json", name));
}

export const documentedRegistry = readDeviceRegistry(fixture("device-registry.json"), "device-registry.json");

const live = { retain: false, dup: false, qos: 1 };

export interface JsonBenchOptions extends Partial<MqttJsonTransportOptions> {
  readonly policy?: OnboardingPolicy;
}

/** A transport on a broker in memory, reporting to a real fleet, and whoever publishes at that broker. */
export class JsonBench {
  readonly clock = new FakeClock();
  readonly broker = new MemoryBroker();
  readonly fleet: TransportFleet;
  readonly transport: MqttJsonTransport;

  private constructor(packages: readonly DevicePackage[], { policy, ...options }: JsonBenchOptions) {
    const { clock, broker } = this;
    this.fleet = new TransportFleet({ packages, clock, ...(policy === undefined ? {} : { policy }) });
    const log = recordingLog();
    this.transport = new MqttJsonTransport({
      connect: ownLink({
        settings: { url: "mqtt://broker:1883", clientId: "host" },
        clock,
        random: () => 0,
        log,
        open: broker.open,
      }),
      hostId: "host-1",
      clock,
      log,
      ...options,
    });
  }

  static async open(
    packages: readonly DevicePackage[] = [...documentedRegistry.packages, wirePackage],
    options: JsonBenchOptions = {},
  ): Promise<JsonBench> {
    const bench = new JsonBench(packages, options);
    bench.fleet.transports.push(bench.transport);
    await bench.transport.start(bench.fleet.ingest);
    await settle();
    return bench;
  }

  publish(topic: string, message: unknown, retain = false): void {
    this.broker.deliver(topic, Buffer.from(JSON.stringify(message)), { ...live, retain });
  }

  publishText(topic: string, text: string): void {
    this.broker.deliver(topic, Buffer.from(text), live);
  }

  /** Telemetry of the breaker `CB-1` of the test package. */
  telemetry(measurements: object, timestamp: unknown = new Date(this.clock.now()).toISOString()): void {
    this.publish("iot/CB-1/raw", { device_id: "CB-1", device_type: wireType, timestamp, measurements });
  }

  /** Messages the host published: topic and content. */
  get sent(): { topic: string; message: Record<string, unknown> }[] {
    return this.broker.sessions.flatMap(({ published }) =>
      published.map(({ topic, payload }) => ({
        topic,
        message: JSON.parse(Buffer.from(payload).toString()) as Record<string, unknown>,
      })),
    );
  }

  /** Messages in, accepted, rejected: must balance. */
  get balance(): number[] {
    const { messages, accepted, rejectedTotal } = this.fleet.traffic;
    return [messages, accepted, rejectedTotal];
  }
}
