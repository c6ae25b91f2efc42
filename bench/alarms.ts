// Alarms: what 60,000 conditions need inside the host, how fast they are evaluated, a storm of trips; and the same storm, then
// a ConditionRefresh, in front of an OPC UA client (stormS, refreshS).

import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Alarms } from "#fleet/alarms/alarms.ts";
import { Audit } from "#fleet/audit.ts";
import type { Device } from "#fleet/device.ts";
import { LiveValues } from "#fleet/live-values.ts";
import { PresenceBoard } from "#fleet/presence.ts";
import { DeviceRegistry } from "#fleet/registry.ts";
import { WarningBoard } from "#fleet/warning-board.ts";
import { systemClock } from "#lib/clock.ts";
import { createJsonLogger } from "#lib/logger.ts";
import type { AlarmSpec } from "#model/alarm-spec.ts";
import { conditionOf } from "#model/compile-condition.ts";
import { definePackage } from "#model/define-package.ts";
import type { DevicePackage } from "#model/device-package.ts";
import { Quality } from "#model/quality.ts";
import { SampleBatch } from "#model/sample-batch.ts";
import { measureAlarmStorm } from "./support/alarm-storm.ts";
import { report } from "./support/report.ts";
import { syntheticPackage } from "./support/synthetic-package.ts";

// So that the heap shows what is kept.
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const { values: options } = parseArgs({
  options: { json: { type: "boolean", default: false }, devices: { type: "string", default: "10000" } },
});
const deviceCount = Number(options.devices);
const alarmsPerDevice = 6;

/** A breaker with six alarms as packages write them: thresholds, hysteresis, delays, several inputs. */
function packageWithAlarms(): DevicePackage {
  const base = syntheticPackage({ variables: 45, methods: 0, groups: 6 });
  const numeric = base.parameters.filter(({ dataType }) => dataType === "float" || dataType === "double");
  const name = (index: number): string => numeric[index % numeric.length]?.name ?? "";
  const texts: readonly (readonly [when: string, clearWhen?: string])[] = [
    [`${name(0)} > 1000`],
    [`${name(1)} > 1000`, `${name(1)} < 900`],
    [`${name(2)} > 1000 OR ${name(3)} > 1000 OR ${name(4)} > 1000`],
    [`${name(5)} > ${name(6)} * 1.05 + 1000`],
    [`NOT (${name(7)} < 1000) AND ${name(8)} >= 0`],
    [`${name(9)} > 1000`, `${name(9)} < 900`],
  ];
  const compiled = (text: string): AlarmSpec["when"] => conditionOf(text, base.parameterByName).condition;
  const alarms = texts.map(
    ([when, clearWhen], index): AlarmSpec => ({
      name: `Alarm${index}`,
      displayName: `Alarm ${index}`,
      description: "",
      type: index === 0 ? "trip" : "limit",
      conditionClass: "process",
      severity: 500,
      when: compiled(when),
      ...(clearWhen === undefined ? {} : { clearWhen: compiled(clearWhen) }),
      onDelayMs: index === 5 ? 60_000 : 0,
      offDelayMs: 0,
      latched: false,
      category: "Protection",
      message: "Too much.",
      remedy: "",
      actions: [],
    }),
  );
  return definePackage({ ...base, alarms });
}

function heapMiB(): number {
  collect();
  return process.memoryUsage().heapUsed / 2 ** 20 + process.memoryUsage().arrayBuffers / 2 ** 20;
}

function cpuS(since?: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}

const pkg = packageWithAlarms();
const live = new LiveValues();
const registry = new DeviceRegistry(live);
const logger = createJsonLogger("silent", process.stderr);
const warnings = new WarningBoard();
const audit = new Audit({ log: { record: () => Promise.resolve() }, warnings, clock: systemClock, logger });
let eventNumber = 0;

function newAlarms(): Alarms {
  return new Alarms({
    registry,
    live,
    presence: new PresenceBoard(),
    warnings,
    audit,
    clock: systemClock,
    elapsed: () => performance.now(),
    newEventId: () => (eventNumber += 1).toString(16).padStart(32, "0"),
    isReachable: () => true,
    startedAt: 0,
  });
}

const devices: Device[] = [];
for (let n = 0; n < deviceCount; n += 1) devices.push(registry.add(`CB-${n}`, pkg, "sparkplug", `G/N/CB-${n}`));

const heapBefore = heapMiB();
const createCpu = process.cpuUsage();
const alarms = newAlarms();
const createS = cpuS(createCpu);
const heapOfConditions = heapMiB() - heapBefore;

const batch = new SampleBatch();
const inputs = pkg.parameters.filter(({ dataType }) => dataType === "float" || dataType === "double").slice(0, 10);

function report10(device: Device, value: number): void {
  const now = Date.now();
  batch.reset(now);
  for (const spec of inputs) batch.add(spec.index, value, now, Quality.good);
  for (let i = 0; i < batch.size; i += 1) live.store(device.firstSlot + (batch.parameters[i] ?? 0), batch, i);
  alarms.sink.accept(device, batch);
}

for (const device of devices) report10(device, 1);
const evaluationsBefore = alarms.engine.evaluations;
const evaluationCpu = process.cpuUsage();
for (let round = 0; round < 20; round += 1) for (const device of devices) report10(device, 100 + round);
const evaluationsPerS = (alarms.engine.evaluations - evaluationsBefore) / cpuS(evaluationCpu);

let told = 0;
alarms.onEvent((event) => {
  if (event.name === "Alarm0") told += 1;
});
const stormCpu = process.cpuUsage();
const [first] = inputs;
for (const device of devices) {
  const now = Date.now();
  batch.reset(now);
  batch.add(first?.index ?? 0, 2_000, now, Quality.good);
  live.store(device.firstSlot + (first?.index ?? 0), batch, 0);
  alarms.sink.accept(device, batch);
}
const stormInsideS = cpuS(stormCpu);
const stormTrips = told;
const chatterHeap = heapMiB();
const [chatterer] = devices;
if (chatterer !== undefined) for (let n = 0; n < 100_000; n += 1) report10(chatterer, n % 2 === 0 ? 2_000 : 1);

const opcua = await measureAlarmStorm(deviceCount);

report("alarms", {
  conditions: deviceCount * alarmsPerDevice,
  standardConditions: alarms.of(devices[0]).length * deviceCount - deviceCount * alarmsPerDevice,
  heapMiB: heapOfConditions,
  createS,
  evaluationsPerS,
  stormTrips,
  stormInsideS,
  ...opcua,
  chatterHeapMiB: heapMiB() - chatterHeap,
});
alarms[Symbol.dispose]();
process.exit(0);
