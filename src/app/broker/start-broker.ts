import { EmbeddedBroker } from "#app/embedded-broker.ts";
import { ownPassword } from "#app/secrets.ts";
import type { HostConfig } from "#config/host-config.ts";
import { BrokerUsers } from "./broker-users.ts";

export interface OwnBroker {
  readonly broker: EmbeddedBroker;
  readonly url: string;
  /** How the host itself logs in. */
  readonly host: { readonly username: string; readonly passwordFile: string };
  /** How simulators and tools log in. */
  readonly simulator: { readonly username: string; readonly password: string };
}

/**
 * Starts the embedded broker with logins that were made for this installation (`<data>/secrets/mqtt-host`,
 * `mqtt-simulator`). Clients without a name are let in by the demo only, which listens on loopback.
 */
export async function startOwnBroker({ dataFolder, mqtt, demo }: HostConfig): Promise<OwnBroker> {
  const host = await ownPassword(dataFolder, "mqtt-host");
  const simulator = await ownPassword(dataFolder, "mqtt-simulator");
  const users = new BrokerUsers(
    [
      { name: "fdi-host", password: host.password, speaksForMany: true },
      { name: "simulator", password: simulator.password, speaksForMany: true },
    ],
    demo !== undefined,
  );
  const broker = await EmbeddedBroker.start({ host: mqtt.host, port: mqtt.port, users });
  return {
    broker,
    url: `mqtt://127.0.0.1:${broker.port}`,
    host: { username: "fdi-host", passwordFile: host.path },
    simulator: { username: "simulator", password: simulator.password },
  };
}
