import { alarmBitsOf, healthOf, isMaintenanceDue, statusOf } from "#simulator/breaker/status-words.ts";
import { action, flag, float, integer, type LwM2mObject, setting, text, time } from "./resource.ts";

/** Seconds that a registration lasts without an update. */
export const registrationLifetimeS = 120;

/** Object 3 of the OMA registry. */
const deviceObject: LwM2mObject = {
  id: 3,
  name: "Device",
  resources: [
    text(0, "Manufacturer", (b) => b.nameplate.manufacturer),
    text(1, "ModelNumber", (b) => b.nameplate.model),
    text(2, "SerialNumber", (b) => b.nameplate.serialNumber),
    text(3, "FirmwareVersion", (b) => b.nameplate.firmwareVersion),
    integer(9, "BatteryLevel", () => 100),
    integer(10, "MemoryFree", () => 2_048),
    integer(11, "ErrorCode", () => 0),
    time(13, "CurrentTime", (_b, d) => Math.floor(d.epochMs() / 1000)),
    text(14, "UTCOffset", () => "+00:00"),
    text(15, "Timezone", () => "Etc/UTC"),
    text(17, "DeviceType", (b) => b.frame.declaredType),
    text(18, "HardwareVersion", (b) => b.nameplate.hardwareRevision),
  ],
};

/** Object 4 of the OMA registry: a wired device. */
const connectivityObject: LwM2mObject = {
  id: 4,
  name: "ConnectivityMonitoring",
  resources: [
    integer(0, "NetworkBearer", () => 41),
    integer(1, "AvailableNetworkBearer", () => 41),
    integer(2, "RadioSignalStrength", () => -40),
    integer(3, "LinkQuality", () => 100),
    text(4, "IPAddresses", () => "192.0.2.10"),
  ],
};

/**
 * SmartBreaker as the legacy dialect numbers it up to 30, and what it lacks from 31 on; the OMA binding carries the same
 * resources under an object id of its own.
 */
export const breakerObject: LwM2mObject = {
  id: 3200,
  name: "SmartBreaker",
  resources: [
    integer(0, "BreakerStatus", statusOf),
    float(1, "CurrentPhaseA", (b) => b.readings.currentsA[0] ?? 0),
    float(2, "CurrentPhaseB", (b) => b.readings.currentsA[1] ?? 0),
    float(3, "CurrentPhaseC", (b) => b.readings.currentsA[2] ?? 0),
    float(4, "VoltagePhaseA", (b) => b.readings.voltagesV[0] ?? 0),
    float(5, "VoltagePhaseB", (b) => b.readings.voltagesV[1] ?? 0),
    float(6, "VoltagePhaseC", (b) => b.readings.voltagesV[2] ?? 0),
    float(7, "PowerFactor", (b) => b.readings.powerFactor),
    float(8, "ActivePower", (b) => b.readings.activeKw),
    float(9, "ReactivePower", (b) => b.readings.reactiveKvar),
    float(10, "ApparentPower", (b) => b.readings.apparentKva),
    float(11, "Frequency", (b) => b.readings.frequencyHz),
    float(12, "Temperature", (b) => b.terminal.temperatureCel),
    integer(13, "TripCount", (b) => b.counters.trips),
    time(14, "LastTripTime", (b, d) => (b.lastTrip === undefined ? 0 : Math.floor(d.epochMs(b.lastTrip.atMs) / 1000))),
    text(15, "TripReason", (b) => b.lastTrip?.reason ?? ""),
    float(16, "TripCurrent", (b) => b.lastTrip?.currentA ?? 0),
    float(17, "TripDelay", (b) => b.lastTrip?.clearMs ?? 0),
    float(18, "GroundFaultCurrent", (b) => b.readings.earthA),
    flag(19, "ArcFaultDetected", (b) => b.isArcing),
    flag(20, "MaintenanceDue", isMaintenanceDue),
    integer(21, "OperatingHours", (b) => Math.floor(b.counters.operatingHours)),
    float(22, "LoadPercentage", (b) => (100 * b.readings.maxA) / b.nameplate.ratedA),
    float(23, "HarmonicDistortion", (b) => b.readings.thdPercent),
    integer(24, "BreakerPosition", (b) => b.cradle),
    setting(25, "RemoteControlEnabled", "boolean"),
    setting(26, "AutoRecloseEnabled", "boolean"),
    setting(27, "AutoRecloseAttempts", "integer"),
    integer(29, "AlarmStatus", alarmBitsOf),
    integer(30, "CommunicationStatus", () => 1),
    integer(31, "SwitchPosition", (b) => b.mechanism.position),
    flag(32, "Tripped", (b) => b.isTripped),
    flag(33, "LocalControl", (b) => b.isLocal),
    integer(34, "DeviceHealth", healthOf),
    integer(35, "SelfTestResult", (b) => b.tests.selfTestResult),
    float(36, "CurrentNeutral", (b) => b.readings.neutralA),
    float(37, "CurrentUnbalance", (b) => b.readings.unbalancePercent),
    float(38, "ActiveEnergyImport", (b) => b.counters.energyKwh),
    float(39, "ThermalCapacityUsed", (b) => 100 * b.protection.thermal.level),
    integer(40, "OperationCount", (b) => b.counters.operations),
    float(41, "ContactWear", (b) => Math.min(100, b.wear.maxPercent)),
    float(42, "RatedCurrent", (b) => b.nameplate.ratedA),
    float(43, "RatedVoltage", (b) => b.nameplate.ratedV),
    float(44, "RatedFrequency", (b) => b.nameplate.ratedHz),
    float(45, "BreakingCapacity", (b) => b.nameplate.breakingKa),
    integer(46, "PoleCount", (b) => b.nameplate.poles),
    integer(47, "LastResult", (_b, d) => d.lastResult?.addCause ?? 0),
    text(48, "LastReason", (_b, d) => d.lastResult?.reason ?? ""),
  ],
};

/** ProtectionSettings as the legacy dialect numbers them. */
const protectionObject: LwM2mObject = {
  id: 3201,
  name: "ProtectionSettings",
  resources: [
    setting(0, "OvercurrentPickup", "float"),
    setting(1, "OvercurrentDelay", "float"),
    setting(2, "GroundFaultPickup", "float"),
    setting(3, "GroundFaultDelay", "float"),
    setting(4, "ArcFaultPickup", "float"),
    setting(5, "ArcFaultDelay", "float"),
    setting(6, "ThermalPickup", "float"),
    setting(7, "ThermalDelay", "float"),
    setting(8, "InstantaneousPickup", "float"),
    setting(9, "AutoRecloseDelay", "float"),
    setting(10, "ProtectionEnabled", "boolean"),
  ],
};

/** 3-Phase Power Meter of the OMA registry, the part that a breaker measures. */
const powerMeterObject: LwM2mObject = {
  id: 10242,
  name: "3-Phase Power Meter",
  resources: [
    text(0, "Manufacturer", (b) => b.nameplate.manufacturer),
    text(1, "ModelNumber", (b) => b.nameplate.model),
    text(2, "SerialNumber", (b) => b.nameplate.serialNumber),
    float(4, "TensionR", (b) => b.readings.voltagesV[0] ?? 0),
    float(5, "CurrentR", (b) => b.readings.currentsA[0] ?? 0),
    float(13, "THD-A R", (b) => b.readings.thdPercent),
    float(14, "TensionS", (b) => b.readings.voltagesV[1] ?? 0),
    float(15, "CurrentS", (b) => b.readings.currentsA[1] ?? 0),
    float(23, "THD-A S", (b) => b.readings.thdPercent),
    float(24, "TensionT", (b) => b.readings.voltagesV[2] ?? 0),
    float(25, "CurrentT", (b) => b.readings.currentsA[2] ?? 0),
    float(33, "THD-A T", (b) => b.readings.thdPercent),
    float(34, "3-PhaseActivePower", (b) => b.readings.activeKw),
    float(35, "3-PhaseReactivePower", (b) => b.readings.reactiveKvar),
    float(38, "3-PhaseApparentPower", (b) => b.readings.apparentKva),
    float(39, "3-PhasePowerFactor", (b) => b.readings.powerFactor),
    float(41, "ActiveEnergy", (b) => b.counters.energyKwh),
    float(49, "Frequency", (b) => b.readings.frequencyHz),
    float(50, "NeutralCurrent", (b) => b.readings.neutralA),
  ],
};

/** The registry has no circuit breaker: ids from the range that is free for tests. */
export const ownBreakerId = 42769;
const ownProtectionId = 42770;

/** The legacy resources and the actions that the legacy dialect has words for. */
const ownBreakerObject: LwM2mObject = {
  id: ownBreakerId,
  name: "Circuit Breaker",
  resources: [
    ...breakerObject.resources,
    action(50, "Trip", () => ({ kind: "trip" })),
    action(51, "Close", () => ({ kind: "close", client: "server" })),
    action(52, "Reset", (argument) => ({ kind: "reset", resetType: argument === "" ? "Full" : argument })),
    action(53, "SelfTest", () => ({ kind: "test", test: "SelfTest", element: "", level: undefined, noTrip: true })),
  ],
};

/** LwM2M Server of the OMA registry, read-only here. */
const serverObject: LwM2mObject = {
  id: 1,
  name: "LwM2M Server",
  resources: [
    integer(0, "ShortServerId", () => 1),
    integer(1, "Lifetime", () => registrationLifetimeS),
    text(7, "Binding", () => "M"),
  ],
};

export const legacyObjects: readonly LwM2mObject[] = [
  deviceObject,
  connectivityObject,
  breakerObject,
  protectionObject,
];

export const omaObjects: readonly LwM2mObject[] = [
  serverObject,
  deviceObject,
  powerMeterObject,
  ownBreakerObject,
  { ...protectionObject, id: ownProtectionId, name: "Breaker Protection" },
];
