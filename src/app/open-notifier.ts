import { join } from "node:path";
import type { HostConfig } from "#config/host-config.ts";
import type { Logger } from "#lib/logger.ts";
import { Notifier, type NotifierParts, type WebhookReceiver } from "#notify/notifier.ts";
import { ownLink } from "#transport/shared/broker-link.ts";
import { brokerSettingsOf } from "./broker-settings.ts";
import type { FleetCore } from "./fleet-core.ts";
import { readSecret } from "./secrets.ts";

export interface OpenNotifierParts {
  readonly config: HostConfig;
  readonly fleet: FleetCore;
  readonly brokerUrl: string;
  readonly log: Logger;
}

/** Tells receivers outside of the host of its alarms, as the configuration says. */
export async function openNotifier(parts: OpenNotifierParts): Promise<Notifier> {
  const { config, fleet, log } = parts;
  const { alarms, registry, clock } = fleet;
  const notifier = await Notifier.open({
    folder: join(config.dataFolder, "outbox"),
    mqtt: await mqttOf(parts),
    webhooks: await webhooksOf(config),
    clock,
    random: Math.random,
    log,
    onTrouble: (text) => alarms.tellHost("notificationsDelayed", text !== undefined, text),
    deviceTypeOf: (device) => {
      const pkg = registry.find(device)?.package;
      return pkg?.detection.declaredTypes[0] ?? pkg?.typeName ?? "";
    },
    ruleIdOf: (name) => alarms.rules.idOf(name),
  });
  alarms.onEvent((event) => notifier.accept(event));
  return notifier;
}

/** A connection of its own: what it publishes must not wait behind the acknowledgements of samples. */
async function mqttOf({ config, fleet, brokerUrl, log }: OpenNotifierParts): Promise<NotifierParts["mqtt"]> {
  const { topic } = config.alarms;
  if (topic === undefined) return undefined;
  const clientId = `fdi-host-${config.sparkplug.hostId}-alarms`;
  const settings = await brokerSettingsOf(config.mqtt, {
    url: brokerUrl,
    clientId,
    section: "mqtt",
    minTls: config.security.minTls,
  });
  const open = ownLink({ settings, clock: fleet.clock, random: Math.random, log });
  return { topic, link: open({ greet: () => Promise.resolve(), message: () => {}, lost: () => {} }) };
}

function webhooksOf({ alarms }: HostConfig): Promise<WebhookReceiver[]> {
  const read = async (secretFile: string | undefined): Promise<string | undefined> =>
    secretFile === undefined ? undefined : readSecret(secretFile, "alarms.webhooks[].secretFile");
  return Promise.all(
    alarms.webhooks.map(async ({ url, secretFile, minSeverity }) => ({
      url,
      minSeverity,
      secret: await read(secretFile),
    })),
  );
}
