import { startEmptyMethodServer } from "./empty-method-server.ts";

/** The limit for commands in a process of its own. Argument: port. Sends `ready`. */

await startEmptyMethodServer(Number(process.argv[2]));
process.on("SIGTERM", () => process.exit(0));
// Not left behind when the benchmark fails.
process.once("disconnect", () => process.exit(1));
process.send?.("ready");
