import { argon2Hasher } from "#app/access/argon2-hasher.ts";
import { BrokerUsers } from "#app/broker/broker-users.ts";
import { EmbeddedBroker } from "#app/embedded-broker.ts";
import { cpuUs, serve } from "./child.ts";

/** The broker, in a process of its own. Arguments: port. */
const broker = await EmbeddedBroker.start({
  host: "127.0.0.1",
  port: Number(process.argv[2]),
  users: new BrokerUsers({ programs: [], letsAnybodyIn: true, hasher: argon2Hasher }),
});
process.once("SIGTERM", () => {
  broker[Symbol.asyncDispose]().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
serve(() => Promise.resolve({ cpuUs: cpuUs() }));
