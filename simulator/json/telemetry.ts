import type { Breaker } from "#simulator/breaker/breaker.ts";
import { type SettingName, settingNames } from "#simulator/breaker/settings.ts";
import { alarmBitsOf, healthOf, isMaintenanceDue, statusOf } from "#simulator/breaker/status-words.ts";
import type { SimulatedDevice } from "#simulator/fleet/simulated-device.ts";

/** Decimal places that a small device sends. */
function rounded(value: number, digits = 3): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}

function phases(values: Float64Array): { phase_a: number; phase_b: number; phase_c: number } {
  return { phase_a: rounded(values[0] ?? 0), phase_b: rounded(values[1] ?? 0), phase_c: rounded(values[2] ?? 0) };
}

/** The `measurements` of a telemetry message: V, A, W, Hz, degree C, percent. */
export function measurementsOf(device: SimulatedDevice) {
  const { breaker } = device;
  const { readings } = breaker;
  return {
    voltage: { ...phases(readings.voltagesV), unit: "V" },
    current: {
      ...phases(readings.currentsA),
      neutral: rounded(readings.neutralA),
      unbalance: rounded(readings.unbalancePercent),
      unit: "A",
    },
    power: {
      active: rounded(readings.activeKw * 1000, 1),
      reactive: rounded(readings.reactiveKvar * 1000, 1),
      apparent: rounded(readings.apparentKva * 1000, 1),
      factor: rounded(readings.powerFactor, 4),
      unit: "W",
    },
    energy: { active_import: rounded(breaker.counters.energyKwh), unit: "kWh" },
    frequency: { value: rounded(readings.frequencyHz), unit: "Hz" },
    temperature: { value: rounded(breaker.terminal.temperatureCel, 2), unit: "°C" },
    status: statusWords(breaker),
    protection: protectionOf(device),
    operational: operationalOf(breaker),
  };
}

function statusWords(breaker: Breaker) {
  return {
    breaker: statusOf(breaker),
    position: breaker.cradle,
    communication: 1,
    switch_position: breaker.mechanism.position,
    tripped: breaker.isTripped,
    local_control: breaker.isLocal,
    alarms: alarmBitsOf(breaker),
    health: healthOf(breaker),
    self_test: breaker.tests.selfTestResult,
  };
}

function protectionOf(device: SimulatedDevice) {
  const { readings, counters, lastTrip, protection, isArcing } = device.breaker;
  return {
    trip_count: counters.trips,
    last_trip_time: lastTrip === undefined ? null : new Date(device.epochMs(lastTrip.atMs)).toISOString(),
    trip_reason: lastTrip?.reason ?? "None",
    trip_current: rounded(lastTrip?.currentA ?? 0, 1),
    trip_delay: rounded(lastTrip?.clearMs ?? 0, 1),
    ground_fault_current: rounded(readings.earthA),
    arc_fault_detected: isArcing,
    harmonic_distortion: rounded(readings.thdPercent),
    thermal_capacity: rounded(100 * protection.thermal.level, 2),
  };
}

function operationalOf(breaker: Breaker) {
  const { readings, counters, wear, nameplate } = breaker;
  return {
    load_percentage: rounded((100 * readings.maxA) / nameplate.ratedA, 2),
    operating_hours: rounded(counters.operatingHours, 2),
    operation_count: counters.operations,
    contact_wear: rounded(Math.min(100, wear.maxPercent), 2),
    maintenance_due: isMaintenanceDue(breaker),
  };
}

/** What does not change while the device runs. */
export function identificationOf({ nameplate }: Breaker) {
  return {
    manufacturer: nameplate.manufacturer,
    model: nameplate.model,
    serial_number: nameplate.serialNumber,
    rated_current: nameplate.ratedA,
    rated_voltage: nameplate.ratedV,
    rated_frequency: nameplate.ratedHz,
    breaking_capacity: nameplate.breakingKa,
    pole_count: nameplate.poles,
  };
}

/** Every setting under its name in snake_case; booleans as such. */
export function settingsOf({ settings, frame }: Breaker): Record<string, number | boolean> {
  return Object.fromEntries(
    settingNames.map((name) => {
      const value = settings[name];
      return [snakeCase(name), frame.specs[name].kind === "boolean" ? value !== 0 : value];
    }),
  );
}

function snakeCase(name: SettingName): string {
  return name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}
