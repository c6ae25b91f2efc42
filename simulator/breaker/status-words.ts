import type { Breaker } from "./breaker.ts";
import { Position } from "./mechanism.ts";

/** The Breaker/Status of older systems, position and cause in one number: 0 open, 1 closed, 2 tripped, 3 fault. */
export function statusOf({ mechanism, isTripped }: Breaker): number {
  if (mechanism.position === Position.bad) return 3;
  if (isTripped) return 2;
  return mechanism.isConducting ? 1 : 0;
}

/** NE 107 in the order of OPC UA DI: 0 normal, 1 failure, 2 check function, 3 off spec, 4 maintenance required. */
export function healthOf(breaker: Breaker): number {
  if (breaker.mechanism.position === Position.bad) return 1;
  if (breaker.tests.isRunning) return 2;
  if (breaker.terminal.temperatureCel > 90) return 3;
  return isMaintenanceDue(breaker) ? 4 : 0;
}

/** Bit 0 trip, 1 thermal overload ahead, 2 terminal too hot, 3 locked out. */
export function alarmBitsOf({ recloser, protection, terminal, isTripped }: Breaker): number {
  const isTripAlarm = isTripped || recloser.state !== "ready";
  const bits = [
    isTripAlarm,
    protection.thermal.level > 0.9,
    terminal.temperatureCel > 75,
    recloser.state === "lockout",
  ];
  return bits.reduce((sum, isSet, bit) => sum + (isSet ? 1 << bit : 0), 0);
}

/** By hours, trips, temperature, contact wear or mechanical life. */
export function isMaintenanceDue({ counters, wear, terminal, frame }: Breaker): boolean {
  if (counters.operatingHours > 5_000 || counters.trips > 1_000 || terminal.temperatureCel > 75) return true;
  return wear.maxPercent > 80 || counters.operations > 0.8 * frame.mechanicalLife;
}
