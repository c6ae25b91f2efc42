import { AddCause, type ControlResult } from "#simulator/breaker/add-cause.ts";
import type { SupplyEvent } from "#simulator/breaker/conductors.ts";
import type { BreakerCommand } from "#simulator/breaker/control.ts";
import { execute, writeSetting } from "#simulator/breaker/control.ts";
import type { DegradationKind } from "#simulator/breaker/degradation.ts";
import type { Fault } from "#simulator/breaker/fault.ts";
import type { SettingName } from "#simulator/breaker/settings.ts";
import { type Impairment, noImpairment } from "./impairment.ts";
import type { SimulatedDevice } from "./simulated-device.ts";

/** Everything that a scenario or the control topic can do to one device. */
export type DeviceAction =
  | { readonly kind: "fault"; readonly fault: Fault; readonly durationMs: number }
  | { readonly kind: "no-fault" }
  | { readonly kind: "supply"; readonly event: SupplyEvent; readonly durationMs: number }
  | { readonly kind: "motor"; readonly ratio: number | undefined; readonly share: number | undefined }
  | { readonly kind: "behaviour"; readonly isSilent: boolean }
  | { readonly kind: "comms"; readonly isLost: boolean; readonly durationMs: number | undefined }
  | { readonly kind: "network"; readonly durationMs: number }
  | { readonly kind: "impair"; readonly impairment: Impairment; readonly durationMs: number | undefined }
  | { readonly kind: "clock"; readonly skewMs: number; readonly driftPpm: number }
  | { readonly kind: "command"; readonly command: BreakerCommand }
  | { readonly kind: "settings"; readonly values: ReadonlyMap<SettingName, number> }
  | { readonly kind: "switches"; readonly cradle?: number; readonly isLocal?: boolean; readonly isEarthed?: boolean }
  | { readonly kind: "mechanism"; readonly isStuck: boolean }
  | { readonly kind: "degrade"; readonly degradation: DegradationKind; readonly perDay: number; readonly shape: number }
  | { readonly kind: "ambient"; readonly temperatureCel: number }
  | { readonly kind: "load"; readonly level: number };

/** Does it to the device at the device's present time; returns why the device refused, if it did. */
export function applyAction(device: SimulatedDevice, action: DeviceAction): string | undefined {
  const { breaker } = device;
  switch (action.kind) {
    case "command":
      return problemOf(execute(breaker, action.command));
    case "settings":
      return firstProblem([...action.values].map(([name, value]) => writeSetting(breaker, name, value)));
    case "fault":
      breaker.inject(action.fault, action.durationMs);
      return undefined;
    case "no-fault":
      breaker.clearFault();
      return undefined;
    case "supply":
      breaker.disturbSupply(action.event, action.durationMs);
      return undefined;
    case "motor":
      breaker.startMotor(action.ratio, action.share);
      return undefined;
    default:
      return applyCondition(device, action);
  }
}

type Condition = Exclude<DeviceAction, { kind: "command" | "settings" | "fault" | "no-fault" | "supply" | "motor" }>;

function applyCondition(device: SimulatedDevice, action: Condition): undefined {
  const { breaker } = device;
  switch (action.kind) {
    case "switches":
      breaker.cradle = action.cradle ?? breaker.cradle;
      breaker.isLocal = action.isLocal ?? breaker.isLocal;
      breaker.isEarthed = action.isEarthed ?? breaker.isEarthed;
      breaker.changed();
      return;
    case "mechanism":
      breaker.mechanism.isStuck = action.isStuck;
      return;
    case "degrade": {
      const { degradation: kind, perDay, shape } = action;
      breaker.ageing.scripted.push({ kind, perDay, shape, fromMs: breaker.timeMs });
      return;
    }
    case "ambient":
      breaker.terminal.ambientCel = action.temperatureCel;
      return;
    case "load":
      breaker.load.profile = { ...breaker.load.profile, level: action.level };
      return;
    default:
      applyCommunication(device, action);
  }
}

type Communication = Exclude<Condition, { kind: "switches" | "mechanism" | "degrade" | "ambient" | "load" }>;

function applyCommunication(device: SimulatedDevice, action: Communication): void {
  const after = (durationMs: number | undefined, undo: () => void): void => {
    if (durationMs !== undefined) device.breaker.agenda.at(device.breaker.timeMs + durationMs, undo);
  };
  switch (action.kind) {
    case "behaviour":
      device.isSilent = action.isSilent;
      break;
    case "comms":
      device.setLost(action.isLost);
      after(action.durationMs, () => device.setLost(!action.isLost));
      break;
    case "network":
      for (const link of device.links) link.cut(device.realDuration(action.durationMs));
      break;
    case "impair":
      device.impairment = action.impairment;
      after(action.durationMs, () => {
        device.impairment = noImpairment;
      });
      break;
    case "clock":
      device.setClock(action.skewMs, action.driftPpm);
      break;
  }
}

function problemOf({ addCause, reason }: ControlResult): string | undefined {
  return addCause === AddCause.accepted ? undefined : reason;
}

function firstProblem(results: readonly ControlResult[]): string | undefined {
  return results.map(problemOf).find((problem) => problem !== undefined);
}
