import { readFile } from "node:fs/promises";
import type { HostConfig } from "#config/host-config.ts";
import { HostError, messageOf } from "#model/errors.ts";
import type { BrokerSettings } from "#transport/shared/broker-session.ts";
import { readSecret } from "./secrets.ts";

/** The broker connection that the configuration asks for; reads its secrets. `clientId` must be unique at the broker. */
export async function brokerSettingsOf(
  mqtt: HostConfig["mqtt"],
  url: string,
  clientId: string,
): Promise<BrokerSettings> {
  const password =
    mqtt.passwordFile === undefined ? undefined : await readSecret(mqtt.passwordFile, "mqtt.passwordFile");
  const tls = {
    ca: await readPem(mqtt.caFile, "mqtt.caFile"),
    cert: await readPem(mqtt.certFile, "mqtt.certFile"),
    key: await readPem(mqtt.keyFile, "mqtt.keyFile"),
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
