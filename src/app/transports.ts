import type { HostConfig } from "#config/host-config.ts";
import type { DeviceTransport, SampleSink } from "#fleet/ports.ts";
import { PresenceAging } from "#fleet/presence-aging.ts";
import type { Logger } from "#lib/logger.ts";
import { Lwm2mTransport } from "#transport/lwm2m/lwm2m-transport.ts";
import { MqttJsonTransport } from "#transport/mqtt-json/mqtt-json-transport.ts";
import { SharedBroker } from "#transport/shared/shared-broker.ts";
import { SparkplugTransport } from "#transport/sparkplug/sparkplug-transport.ts";
import { brokerSettingsOf } from "./broker-settings.ts";
import type { FleetCore } from "./fleet-core.ts";

export interface TransportsOptions {
  readonly config: HostConfig;
  readonly fleet: FleetCore;
  readonly brokerUrl: string;
  /** In the order in which they hear of each batch. */
  readonly sinks: readonly SampleSink[];
  /** Resolves when every accepted value survives a crash: QoS 1 messages are acknowledged after it. */
  readonly durable: () => Promise<void>;
  readonly log: Logger;
}

/**
 * Starts every protocol and makes it known to the fleet; all keep connecting by themselves. Sparkplug has a connection of
 * its own, because it needs a clean session and its Will; the others share one that the broker remembers.
 */
export async function startTransports(options: TransportsOptions): Promise<AsyncDisposable> {
  const { config, fleet, brokerUrl, sinks, durable, log } = options;
  const { clock } = fleet;
  const { hostId, groups } = config.sparkplug;
  const random = Math.random;
  const moduleLog = (module: string): Logger => log.child({ module });
  const settings = await brokerSettingsOf(config.mqtt, brokerUrl, `fdi-host-${hostId}`);
  const shared = new SharedBroker({
    settings: { ...settings, clientId: `fdi-host-${hostId}-data`, persistent: true, acknowledgeAfter: durable },
    clock,
    random,
    log: moduleLog("mqtt"),
  });
  const transports: DeviceTransport[] = [
    new SparkplugTransport({ hostId, groups, brokers: [settings], clock, random, log: moduleLog("sparkplug") }),
    new MqttJsonTransport({ connect: shared.join, hostId, clock, log: moduleLog("json") }),
    new Lwm2mTransport({ connect: shared.join, clock, random, log: moduleLog("lwm2m") }),
  ];
  await using running = new AsyncDisposableStack();
  for (const transport of transports) {
    running.use(transport);
    fleet.transports.push(transport);
    await transport.start(fleet.ingest(transport.protocol, sinks));
  }
  running.use(ageSilentDevices(options));
  return running.move();
}

function ageSilentDevices({ config, fleet, sinks }: TransportsOptions): Disposable {
  const { presence: board, registry, clock } = fleet;
  // Whatever the protocol: silence is no message and is counted nowhere.
  const uplink = fleet.ingest("sparkplug", sinks);
  return new PresenceAging({ board, registry, uplink, clock, policy: config.presence });
}
