import { mccbSpecs, type SettingName, settingNames } from "#simulator/breaker/settings.ts";
import { alarmBitsOf, healthOf, isMaintenanceDue, statusOf } from "#simulator/breaker/status-words.ts";
import { command, fixed, type Metric, type MetricType, measured, metric, state } from "./metric.ts";
import { serviceMetrics } from "./service-metrics.ts";

export type { Metric, MetricType, MetricValue } from "./metric.ts";

const nameplate: readonly Metric[] = [
  fixed("Type", "String", (b) => b.frame.declaredType),
  fixed("Manufacturer", "String", (b) => b.nameplate.manufacturer),
  fixed("Model", "String", (b) => b.nameplate.model),
  fixed("SerialNumber", "String", (b) => b.nameplate.serialNumber),
  fixed("FirmwareVersion", "String", (b) => b.nameplate.firmwareVersion),
  fixed("HardwareRevision", "String", (b) => b.nameplate.hardwareRevision),
  fixed("RatedCurrent", "Float", (b) => b.nameplate.ratedA),
  fixed("RatedVoltage", "Float", (b) => b.nameplate.ratedV),
  fixed("RatedFrequency", "Float", (b) => b.nameplate.ratedHz),
  fixed("BreakingCapacity", "Float", (b) => b.nameplate.breakingKa),
  fixed("PoleCount", "Int32", (b) => b.nameplate.poles),
];

const measurements: readonly Metric[] = [
  measured("CurrentPhaseA", 500, (b) => b.readings.currentsA[0] ?? 0),
  measured("CurrentPhaseB", 500, (b) => b.readings.currentsA[1] ?? 0),
  measured("CurrentPhaseC", 500, (b) => b.readings.currentsA[2] ?? 0),
  measured("CurrentNeutral", 500, (b) => b.readings.neutralA),
  measured("GroundFaultCurrent", 100, (b) => b.readings.earthA),
  measured("VoltagePhaseA", 400, (b) => b.readings.voltagesV[0] ?? 0),
  measured("VoltagePhaseB", 400, (b) => b.readings.voltagesV[1] ?? 0),
  measured("VoltagePhaseC", 400, (b) => b.readings.voltagesV[2] ?? 0),
  measured("ActivePower", 200, (b) => b.readings.activeKw),
  measured("ReactivePower", 400, (b) => b.readings.reactiveKvar),
  measured("ApparentPower", 200, (b) => b.readings.apparentKva),
  measured("PowerFactor", 2, (b) => b.readings.powerFactor),
  measured("Frequency", 20, (b) => b.readings.frequencyHz),
  measured("HarmonicDistortion", 100, (b) => b.readings.thdPercent),
  measured("CurrentUnbalance", 100, (b) => b.readings.unbalancePercent),
  measured("LoadPercentage", 200, (b) => (100 * b.readings.maxA) / b.nameplate.ratedA),
  metric("measured", "Breaker/ActiveEnergyImport", "Double", (b) => b.counters.energyKwh),
  measured("Temperature", 165, (b) => b.terminal.temperatureCel),
  measured("ThermalCapacityUsed", 120, (b) => 100 * b.protection.thermal.level),
  metric("measured", "Breaker/OperatingHours", "Double", (b) => b.counters.operatingHours),
  measured("ContactWear", 100, (b) => Math.min(100, b.wear.maxPercent)),
];

const states: readonly Metric[] = [
  state("Breaker/Status", "Int32", statusOf),
  state("Breaker/SwitchPosition", "Int32", (b) => b.mechanism.position),
  state("Breaker/Tripped", "Boolean", (b) => b.isTripped),
  state("Breaker/Position", "Int32", (b) => b.cradle),
  state("Breaker/LocalControl", "Boolean", (b) => b.isLocal),
  state("Breaker/CommunicationStatus", "Int32", () => 1),
  state("Breaker/AlarmStatus", "Int32", alarmBitsOf),
  state("Breaker/ArcFaultDetected", "Boolean", (b) => b.isArcing),
  state("Breaker/DeviceHealth", "Int32", healthOf),
  state("Breaker/SelfTestResult", "Int32", (b) => b.tests.selfTestResult),
  state("Breaker/TripCount", "Int32", (b) => b.counters.trips),
  state("Breaker/LastTripTime", "DateTime", (b, d) => (b.lastTrip === undefined ? null : d.epochMs(b.lastTrip.atMs))),
  state("Breaker/TripReason", "String", (b) => b.lastTrip?.reason ?? "None"),
  state("Breaker/TripCurrent", "Float", (b) => b.lastTrip?.currentA ?? 0),
  state("Breaker/TripDelay", "Float", (b) => b.lastTrip?.clearMs ?? 0),
  state("Breaker/OperationCount", "Int32", (b) => b.counters.operations),
  state("Breaker/MaintenanceDue", "Boolean", isMaintenanceDue),
];

const commands: readonly Metric[] = [
  command("Trip", "Boolean", false),
  command("Close", "Boolean", false),
  command("Reset", "Boolean", false),
  command("SelfTest", "Boolean", false),
  command("Reason", "String", ""),
  command("ResetType", "String", "Full"),
  command("Id", "Int64", 0),
  state("Command/LastId", "Int64", (_b, d) => d.lastCommandId ?? 0),
  state("Command/LastResult", "Int32", (_b, d) => d.lastResult?.addCause ?? 0),
  state("Command/LastReason", "String", (_b, d) => d.lastResult?.reason ?? ""),
];

/** Settings that are found below Breaker/ on the wire; all others below Protection/. */
const breakerSettings: ReadonlySet<SettingName> = new Set([
  "AutoRecloseEnabled",
  "AutoRecloseAttempts",
  "RemoteControlEnabled",
  "CloseControlModel",
]);

const settingTypes = { number: "Float", integer: "Int32", boolean: "Boolean" } as const;

/** Every metric of a breaker, in the order of the BIRTH; the alias of a metric follows from its place here. */
export const breakerMetrics: readonly Metric[] = [
  ...nameplate,
  ...measurements,
  ...states,
  ...settingNames.map(settingMetric),
  ...commands,
  ...serviceMetrics,
];

function settingMetricName(name: SettingName): string {
  if (name === "ProtectionEnabled") return "Protection/Enabled";
  return `${breakerSettings.has(name) ? "Breaker" : "Protection"}/${name}`;
}

function settingMetric(name: SettingName): Metric {
  const type: MetricType = settingTypes[mccbSpecs[name].kind];
  return {
    name: settingMetricName(name),
    type,
    kind: "state",
    setting: name,
    read: (device) => {
      const value = device.breaker.settings[name];
      return type === "Boolean" ? value !== 0 : value;
    },
  };
}
