import { Position } from "#simulator/breaker/mechanism.ts";
import { isMaintenanceDue } from "#simulator/breaker/status-words.ts";
import type { TripRecord } from "#simulator/breaker/trip-record.ts";
import type { SimulatedDevice } from "#simulator/fleet/simulated-device.ts";
import type { Between, Expectation } from "./scenario.ts";

type Plain = string | number | boolean;

/** One thing that a scenario expected, and what was found. */
export interface Finding {
  readonly line: number;
  readonly deviceId: string;
  readonly text: string;
  readonly isMet: boolean;
}

/** Compares a device at the end of a scenario with what was expected of it. */
export function judge(expectation: Expectation, device: SimulatedDevice, trips: readonly TripRecord[]): Finding[] {
  const { line, deviceId } = expectation;
  const finding = (text: string, isMet: boolean): Finding => ({ line, deviceId, text, isMet });
  const equal = (name: string, expected: Plain | undefined, found: Plain): Finding[] =>
    expected === undefined ? [] : [finding(`${name} ${expected}, found ${found}`, expected === found)];
  const inside = (name: string, range: Between | undefined, found: number): Finding[] =>
    range === undefined
      ? []
      : [finding(`${name} ${range[0]} to ${range[1]}, found ${found.toFixed(1)}`, isInside(range, found))];
  const { breaker } = device;
  return [
    ...equal("trips", expectation.trips, trips.length),
    ...judgeTrip(expectation, trips, finding),
    ...equal("position", expectation.position, positionOf(breaker.mechanism.position)),
    ...equal("tripped", expectation.tripped, breaker.isTripped),
    ...equal("lockedOut", expectation.lockedOut, breaker.recloser.state === "lockout"),
    ...equal("maintenanceDue", expectation.maintenanceDue, isMaintenanceDue(breaker)),
    ...inside("temperature", expectation.temperatureCel, breaker.terminal.temperatureCel),
    ...inside("wear", expectation.wearPercent, breaker.wear.maxPercent),
    ...inside("opening", expectation.openingMs, breaker.mechanism.lastOpeningMs),
  ];
}

function judgeTrip(
  { reason, betweenMs, clearMs }: Expectation,
  trips: readonly TripRecord[],
  finding: (text: string, isMet: boolean) => Finding,
): Finding[] {
  if (reason === undefined) return [];
  const fits = (trip: TripRecord): boolean =>
    trip.reason === reason && isInside(betweenMs, trip.atMs) && isInside(clearMs, trip.clearMs);
  const found = trips.map(
    ({ reason: cause, atMs, clearMs: ms }) => `${cause} at ${(atMs / 1000).toFixed(1)} s in ${ms.toFixed(0)} ms`,
  );
  const when = betweenMs === undefined ? "" : ` between ${betweenMs[0] / 1000} and ${betweenMs[1] / 1000} s`;
  const how = clearMs === undefined ? "" : ` in ${clearMs[0]} to ${clearMs[1]} ms`;
  return [finding(`trip by ${reason}${when}${how}, found ${found.join(", ") || "none"}`, trips.some(fits))];
}

function isInside(range: Between | undefined, value: number): boolean {
  return range === undefined || (value >= range[0] && value <= range[1]);
}

function positionOf(position: number): string {
  if (position === Position.open) return "open";
  if (position === Position.closed) return "closed";
  return position === Position.bad ? "bad" : "intermediate";
}
