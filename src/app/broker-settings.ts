import { readFile } from "node:fs/promises";
import type { BrokerLogin } from "#config/host-config.ts";
import { HostError, messageOf } from "#model/errors.ts";
import type { BrokerSettings } from "#transport/shared/broker-session.ts";
import { readSecret } from "./secrets.ts";

/** Which broker, under which client id (unique at the broker), and what its keys are called in the configuration file. */
export interface BrokerPlace {
  readonly url: string;
  readonly clientId: string;
  /** E.g. `mqtt` or `sparkplug.brokers[0]`. */
  readonly section: string;
  /** Default TLSv1.2. */
  readonly minTls?: "TLSv1.2" | "TLSv1.3";
}

/** The broker connection that the configuration asks for; reads its secrets. Throws `config-invalid` for one it cannot. */
export async function brokerSettingsOf(mqtt: BrokerLogin, place: BrokerPlace): Promise<BrokerSettings> {
  const { url, clientId, section, minTls } = place;
  const password =
    mqtt.passwordFile === undefined ? undefined : await readSecret(mqtt.passwordFile, `${section}.passwordFile`);
  const tls = {
    minVersion: minTls,
    ca: await readPem(mqtt.caFile, `${section}.caFile`),
    cert: await readPem(mqtt.certFile, `${section}.certFile`),
    key: await readPem(mqtt.keyFile, `${section}.keyFile`),
  };
  return { url, clientId, username: mqtt.username, password, tls };
}

async function readPem(path: string | undefined, setting: string): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new HostError("config-invalid", `${setting}: ${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
