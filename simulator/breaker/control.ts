import { AddCause, accepted, type ControlResult, refused } from "./add-cause.ts";
import { type Breaker, Cradle } from "./breaker.ts";
import { isTestElement, testElements } from "./injection.ts";
import { Position } from "./mechanism.ts";
import { refusalOf, type SettingName } from "./settings.ts";
import type { TestName } from "./test-bench.ts";

const resetTypes = ["Full", "Alarms", "Counters", "Lockout", "ThermalMemory"] as const;

export type ResetType = (typeof resetTypes)[number];

function isResetType(text: string): text is ResetType {
  return resetTypes.some((type) => type === text);
}

/** `client` names who holds a selection; one name for all where the protocol knows none. */
export type BreakerCommand =
  | { readonly kind: "trip" }
  | { readonly kind: "select"; readonly client: string }
  | { readonly kind: "cancel"; readonly selectId: number }
  | { readonly kind: "close"; readonly client: string }
  | { readonly kind: "reset"; readonly resetType: string }
  | { readonly kind: "abort-test" }
  | {
      readonly kind: "test";
      readonly test: TestName;
      /** Element of a ProtectionTest; empty for all. */
      readonly element: string;
      readonly level: number | undefined;
      /** The caller accepts that nothing moves: allowed while the breaker is closed. */
      readonly noTrip: boolean;
    };

/** The thermal image after Reset ThermalMemory: as after a long pause at moderate load. */
const coldThermalLevel = 0.3;

/** Carries out a command or refuses it; opening is the safe direction and is never refused. */
export function execute(breaker: Breaker, command: BreakerCommand): ControlResult {
  switch (command.kind) {
    case "trip":
      return trip(breaker);
    case "select":
      return select(breaker, command.client);
    case "cancel":
      return breaker.selection.cancel(command.selectId, breaker.timeMs) ?? accepted;
    case "close":
      return close(breaker, command.client);
    case "reset":
      return reset(breaker, command.resetType);
    case "abort-test":
      breaker.tests.abort();
      return accepted;
    case "test":
      return test(breaker, command);
  }
}

/** Writes one setting (booleans as 0 and 1); refused with the numbers when the device cannot take it. */
export function writeSetting(breaker: Breaker, name: SettingName, value: number): ControlResult {
  const reason = refusalOf(breaker.frame.specs, breaker.settings, name, value);
  if (reason !== undefined) return refused(AddCause.inconsistentParameters, reason);
  breaker.settings[name] = value;
  breaker.reconfigure();
  return accepted;
}

function trip(breaker: Breaker): ControlResult {
  const { mechanism } = breaker;
  // Already open or opening: confirmed again, so that a repeated Trip does no harm.
  if (mechanism.position !== Position.open && !mechanism.isOpening) breaker.openByCommand();
  else breaker.recloser.cancel();
  return accepted;
}

function select(breaker: Breaker, client: string): ControlResult {
  const obstacle = closeObstacle(breaker) ?? breaker.selection.select(client, breaker.timeMs);
  if (obstacle === undefined) breaker.changed();
  return obstacle ?? accepted;
}

function close(breaker: Breaker, client: string): ControlResult {
  const model = breaker.settings.CloseControlModel;
  if (model === 0) return refused(AddCause.notSupported, "CloseControlModel is status-only");
  const obstacle =
    closeObstacle(breaker) ?? (needsSelection(model) ? breaker.selection.take(client, breaker.timeMs) : undefined);
  if (obstacle !== undefined) return obstacle;
  breaker.closeByCommand();
  return accepted;
}

/** ctlModel sbo-with-normal-security and sbo-with-enhanced-security. */
function needsSelection(model: number): boolean {
  return model === 2 || model === 4;
}

/** The interlock of closing (CILO): the first thing that forbids it. */
function closeObstacle(breaker: Breaker): ControlResult | undefined {
  const { mechanism, settings } = breaker;
  if (mechanism.position === Position.bad) return refused(AddCause.blockedByHealth, "the position is bad");
  if (mechanism.isMoving) return refused(AddCause.alreadyInExecution, "the breaker is moving");
  if (mechanism.position === Position.closed) return refused(AddCause.positionReached, "the breaker is closed");
  if (settings.RemoteControlEnabled === 0) return refused(AddCause.blockedByMode, "RemoteControlEnabled is false");
  if (breaker.isLocal) return refused(AddCause.blockedByMode, "the breaker is switched to local control");
  return interlock(breaker);
}

function interlock(breaker: Breaker): ControlResult | undefined {
  if (breaker.recloser.state === "lockout") return refused(AddCause.interlocking, "locked out: reset it first");
  if (breaker.isTripped) return refused(AddCause.interlocking, "the trip is latched: reset it first");
  if (breaker.cradle === Cradle.disconnected) return refused(AddCause.interlocking, "the cradle is Disconnected");
  if (breaker.isEarthed) return refused(AddCause.interlocking, "the earthing switch is closed");
  if (breaker.coolsInMs() <= 0) return undefined;
  const used = (100 * breaker.protection.thermal.level).toFixed(0);
  const limit = breaker.settings.RecloseThermalLevel;
  return refused(AddCause.interlocking, `thermal capacity used ${used} % is not below ${limit} %`);
}

function reset(breaker: Breaker, resetType: string): ControlResult {
  if (!isResetType(resetType)) {
    return refused(AddCause.inconsistentParameters, `ResetType "${resetType}" is none of ${resetTypes.join(", ")}`);
  }
  if (resetType === "Counters") {
    breaker.counters.trips = 0;
    breaker.lastTrip = undefined;
  }
  if (resetType === "Full" || resetType === "Alarms") breaker.isTripped = false;
  if (resetType === "Full" || resetType === "Lockout") breaker.recloser.reset();
  else if (resetType === "Alarms") breaker.recloser.cancel();
  if (resetType === "Full" || resetType === "ThermalMemory") {
    breaker.protection.thermal.level = Math.min(breaker.protection.thermal.level, coldThermalLevel);
  }
  breaker.changed();
  return accepted;
}

function test(breaker: Breaker, command: Extract<BreakerCommand, { kind: "test" }>): ControlResult {
  const { tests, mechanism } = breaker;
  if (tests.isRunning) return refused(AddCause.alreadyInExecution, `${tests.name ?? "a test"} is running`);
  const { test: name, element, level, noTrip } = command;
  const isSafe = noTrip || mechanism.position === Position.open || breaker.cradle === Cradle.test;
  if (name === "ProtectionTest" && !isSafe) {
    return refused(AddCause.interlocking, "ProtectionTest needs the breaker open, in test position, or NoTrip");
  }
  if (element !== "" && !isTestElement(element)) {
    return refused(AddCause.inconsistentParameters, `element "${element}" is none of ${testElements.join(", ")}`);
  }
  if (level !== undefined && !(level > 0 && level <= 20)) {
    return refused(AddCause.inconsistentParameters, `level ${level} is not between 0 and 20`);
  }
  tests.start(name, element === "" ? undefined : element, level);
  return accepted;
}
