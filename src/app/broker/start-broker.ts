import { argon2Hasher } from "#app/access/argon2-hasher.ts";
import { EmbeddedBroker } from "#app/embedded-broker.ts";
import { ownPassword } from "#app/secrets.ts";
import type { HostConfig } from "#config/host-config.ts";
import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import { messageOf } from "#model/errors.ts";
import { BrokerUsers } from "./broker-users.ts";
import { DeviceLoginFile } from "./device-logins.ts";

export interface OwnBroker extends AsyncDisposable {
  readonly url: string;
  /** How the host itself logs in. */
  readonly host: { readonly username: string; readonly passwordFile: string };
  /** How simulators and tools log in. */
  readonly simulator: { readonly username: string; readonly password: string };
}

/** How often the file that the command line tool changes is looked at. */
const watchPeriodMs = 2_000;

/**
 * Starts the embedded broker with logins that were made for this installation (`<data>/secrets/mqtt-host`,
 * `mqtt-simulator`) and those of devices (`<data>/mqtt-users.json`), which it follows. Clients without a name are let in by
 * the demo only, which listens on loopback.
 */
export async function startOwnBroker(config: HostConfig, clock: Clock, log: Logger): Promise<OwnBroker> {
  const { dataFolder, mqtt, demo } = config;
  const host = await ownPassword(dataFolder, "mqtt-host");
  const simulator = await ownPassword(dataFolder, "mqtt-simulator");
  const users = new BrokerUsers({
    programs: [
      { name: "fdi-host", password: host.password },
      { name: "simulator", password: simulator.password },
    ],
    letsAnybodyIn: demo !== undefined,
    hasher: argon2Hasher,
  });
  const file = new DeviceLoginFile(dataFolder);
  users.setDevices(await file.load());
  const broker = await EmbeddedBroker.start({ host: mqtt.host, port: mqtt.port, users });
  const follow = async (): Promise<void> => broker.disconnect(users.setDevices(await file.load()));
  const watching = file.watch(clock, watchPeriodMs, () => {
    follow().catch((error: unknown) => log.error(messageOf(error)));
  });
  return {
    url: `mqtt://127.0.0.1:${broker.port}`,
    host: { username: "fdi-host", passwordFile: host.path },
    simulator: { username: "simulator", password: simulator.password },
    [Symbol.asyncDispose]: async () => {
      watching[Symbol.dispose]();
      await broker[Symbol.asyncDispose]();
    },
  };
}
