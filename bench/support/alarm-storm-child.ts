import type { AlarmSpec } from "#model/alarm-spec.ts";
import { conditionOf } from "#model/compile-condition.ts";
import { definePackage } from "#model/define-package.ts";
import { OpcUaBenchServer } from "./opcua-bench-server.ts";
import { syntheticPackage } from "./synthetic-package.ts";

/** The measured process of the OPC UA part of `alarms`: breakers that all trip at once when they are told to. */

const [port = "0", devices = "0"] = process.argv.slice(2);
const base = syntheticPackage({ variables: 10, methods: 0, groups: 2 });
const input = base.parameters[0]?.name ?? "";
const trip: AlarmSpec = {
  name: "InstantaneousTrip",
  displayName: "Instantaneous trip",
  description: "",
  type: "trip",
  conditionClass: "process",
  severity: 1_000,
  when: conditionOf(`${input} > 1000`, base.parameterByName).condition,
  onDelayMs: 0,
  offDelayMs: 0,
  latched: false,
  category: "Protection",
  ansi: "50",
  message: "The breaker tripped at once.",
  remedy: "Find the short circuit before you close it.",
  actions: [],
};
const bench = new OpcUaBenchServer(Number(port), definePackage({ ...base, alarms: [trip] }), Number(devices));
await bench.server.start();
for (const device of bench.devices) bench.sample(device, 1, 1);

process.on("message", (order: "storm" | "cpu") => {
  if (order === "storm") for (const device of bench.devices) bench.sample(device, 1, 2_000);
  const { user, system } = process.cpuUsage();
  process.send?.((user + system) / 1e6);
});
process.on("SIGINT", () => process.exit(0));
process.send?.("ready");
