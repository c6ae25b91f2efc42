import { EmbeddedBroker } from "#app/embedded-broker.ts";
import { cpuUs, serve } from "./child.ts";

/** The broker, in a process of its own. Arguments: port. */
const broker = await EmbeddedBroker.start("127.0.0.1", Number(process.argv[2]));
process.once("SIGTERM", () => {
  broker[Symbol.asyncDispose]().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
serve(() => Promise.resolve({ cpuUs: cpuUs() }));
