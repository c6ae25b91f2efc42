import { command, type Metric, measured, state } from "./metric.ts";

/** Beyond the package of the breaker: told in the BIRTH and when they change, so that they cost nothing in between. */
export const serviceMetrics: readonly Metric[] = [
  state("Breaker/LockedOut", "Boolean", (b) => b.recloser.state === "lockout"),
  state("Breaker/RecloseShots", "Int32", (b) => b.recloser.shots),
  measured("TimeToTrip", 60, (b) => secondsOrNull(b.tripsInMs)),
  measured("TimeToReclose", 60, (b) => secondsOrNull((b.recloser.dueMs ?? Number.NaN) - b.timeMs)),
  state("Breaker/TripCurrentPhaseA", "Float", (b) => b.lastTrip?.currentsA[0] ?? 0),
  state("Breaker/TripCurrentPhaseB", "Float", (b) => b.lastTrip?.currentsA[1] ?? 0),
  state("Breaker/TripCurrentPhaseC", "Float", (b) => b.lastTrip?.currentsA[2] ?? 0),
  state("Breaker/TripPeakCurrent", "Float", (b) => b.lastTrip?.peakA ?? 0),
  state("Breaker/PreTripLoad", "Float", (b) => b.lastTrip?.loadA ?? 0),
  state("Breaker/OpeningTime", "Float", (b) => b.mechanism.lastOpeningMs),
  state("Breaker/ClosingTime", "Float", (b) => b.mechanism.lastClosingMs),
  state("Breaker/ContactWearA", "Float", (b) => b.wear.percent[0] ?? 0),
  state("Breaker/ContactWearB", "Float", (b) => b.wear.percent[1] ?? 0),
  state("Breaker/ContactWearC", "Float", (b) => b.wear.percent[2] ?? 0),
  state("Breaker/HealthInterruption", "Int32", (b) => b.ageing.indices.interruption),
  state("Breaker/HealthOperations", "Int32", (b) => b.ageing.indices.operations),
  state("Breaker/HealthEnvironment", "Int32", (b) => b.ageing.indices.environment),
  state("Test/Name", "String", (b) => b.tests.name ?? ""),
  state("Test/Progress", "Int32", (b) => b.tests.progressPercent),
  state("Test/Report", "String", (b) => b.tests.text),
  command("Select", "Boolean", false),
  command("Cancel", "Boolean", false),
  state("Command/SelectId", "Int64", (b) => b.selection.lastId),
  command("Client", "String", ""),
  command("ProtectionTest", "Boolean", false),
  command("CommunicationTest", "Boolean", false),
  command("AbortTest", "Boolean", false),
  command("Element", "String", ""),
  command("Level", "Float", 0),
  command("NoTrip", "Boolean", false),
];

function secondsOrNull(ms: number): number | null {
  return Number.isFinite(ms) ? Math.max(0, ms) / 1000 : null;
}
