import { parseArgs } from "node:util";
import { freePort } from "./support/free-port.ts";
import { OpcUaBenchServer } from "./support/opcua-bench-server.ts";
import { report } from "./support/report.ts";
import { syntheticPackage } from "./support/synthetic-package.ts";

/** How long it takes until a server with many devices answers, and how much memory it needs. */

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    devices: { type: "string", default: "10000" },
    variables: { type: "string", default: "45" },
  },
});
const devices = Number(values.devices);
const variables = Number(values.variables);

const bench = new OpcUaBenchServer(await freePort(), syntheticPackage({ variables, methods: 8, groups: 6 }), devices);
await bench.server.start();
const readyS = process.uptime();
const cpu = process.cpuUsage();
// A few seconds for the garbage of building to go; what stays is what a running server needs.
await new Promise((done) => setTimeout(done, 5_000));
report("address-space", {
  devices,
  variables: devices * variables,
  readyS,
  cpuS: (cpu.user + cpu.system) / 1e6,
  rssMiB: process.memoryUsage.rss() / 1024 / 1024,
  heapMiB: process.memoryUsage().heapUsed / 1024 / 1024,
});
process.exit(0);
