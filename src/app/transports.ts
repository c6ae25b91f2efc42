import type { HostConfig } from "#config/host-config.ts";
import { MirrorOut } from "#fleet/mirror-out.ts";
import { OwnershipRules } from "#fleet/ownership-rules.ts";
import type { DeviceTransport, SampleSink } from "#fleet/ports.ts";
import { type AgingPolicy, PresenceAging } from "#fleet/presence-aging.ts";
import type { Logger } from "#lib/logger.ts";
import { Lwm2mTransport } from "#transport/lwm2m/lwm2m-transport.ts";
import type { DetectionRule } from "#transport/mqtt-json/detect-type.ts";
import { MqttJsonTransport } from "#transport/mqtt-json/mqtt-json-transport.ts";
import type { BrokerSettings } from "#transport/shared/broker-session.ts";
import { SharedBroker } from "#transport/shared/shared-broker.ts";
import { SparkplugTransport } from "#transport/sparkplug/sparkplug-transport.ts";
import { brokerSettingsOf } from "./broker-settings.ts";
import type { FleetCore, IngestWays } from "./fleet-core.ts";

export interface TransportsOptions {
  readonly config: HostConfig;
  readonly fleet: FleetCore;
  readonly brokerUrl: string;
  /** In the order in which they hear of each batch. */
  readonly sinks: readonly SampleSink[];
  /** Resolves when every accepted value survives a crash: QoS 1 messages are acknowledged after it. */
  readonly durable: () => Promise<void>;
  /** How types of JSON devices are detected; undefined: the documented rules. */
  readonly detectionRules: readonly DetectionRule[] | undefined;
  readonly log: Logger;
}

/**
 * Starts every protocol and makes it known to the fleet; all keep connecting by themselves. Sparkplug has a connection of
 * its own, because it needs a clean session and its Will; the others share one that the broker remembers.
 */
export async function startTransports(options: TransportsOptions): Promise<AsyncDisposable> {
  const { config, fleet, brokerUrl, durable, detectionRules, log } = options;
  const { clock } = fleet;
  const { hostId } = config.sparkplug;
  const random = Math.random;
  const moduleLog = (module: string): Logger => log.child({ module });
  const place = { url: brokerUrl, clientId: `fdi-host-${hostId}`, section: "mqtt", minTls: config.security.minTls };
  const settings = await brokerSettingsOf(config.mqtt, place);
  const shared = new SharedBroker({
    settings: { ...settings, clientId: `fdi-host-${hostId}-data`, persistent: true, acknowledgeAfter: durable },
    clock,
    random,
    log: moduleLog("mqtt"),
  });
  const transports: DeviceTransport[] = [
    new SparkplugTransport({
      ...config.sparkplug,
      brokers: [settings, ...(await furtherBrokers(config))],
      clock,
      random,
      log: moduleLog("sparkplug"),
    }),
    new MqttJsonTransport({ connect: shared.join, hostId, detectionRules, clock, log: moduleLog("json") }),
    new Lwm2mTransport({ connect: shared.join, clock, random, log: moduleLog("lwm2m") }),
  ];
  await using running = new AsyncDisposableStack();
  const ownership = new OwnershipRules(config.ownership);
  const sinks = ownership.hasMirrors ? [...options.sinks, mirrorOut(fleet, ownership)] : options.sinks;
  for (const transport of transports) {
    running.use(transport);
    fleet.transports.push(transport);
    await transport.start(fleet.ingest(transport.protocol, { sinks, ownership }));
  }
  running.use(ageSilentDevices(fleet, { sinks }, config.presence));
  return running.move();
}

function furtherBrokers({ sparkplug, security }: HostConfig): Promise<BrokerSettings[]> {
  const { hostId, brokers } = sparkplug;
  const { minTls } = security;
  return Promise.all(
    brokers.map((broker, i) =>
      brokerSettingsOf(broker, {
        url: broker.url,
        clientId: `fdi-host-${hostId}`,
        section: `sparkplug.brokers[${i}]`,
        minTls,
      }),
    ),
  );
}

function mirrorOut({ registry, presence, transports }: FleetCore, ownership: OwnershipRules): SampleSink {
  return new MirrorOut({
    registry,
    presence,
    transportFor: (protocol) => transports.find((transport) => transport.protocol === protocol),
    protocolsFor: (device) => ownership.mirrorsOf(device),
  });
}

function ageSilentDevices(fleet: FleetCore, ways: IngestWays, policy: AgingPolicy): Disposable {
  const { presence: board, registry, clock } = fleet;
  // Whatever the protocol: silence is no message and is counted nowhere.
  return new PresenceAging({ board, registry, uplink: fleet.ingest("sparkplug", ways), clock, policy });
}
