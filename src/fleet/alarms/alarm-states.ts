import type { AlarmSpec } from "#model/alarm-spec.ts";
import { type AlarmComment, type AlarmState, isRetained } from "#model/alarm-state.ts";
import type { EpochMs } from "#model/ids.ts";
import { Quality, type QualityCode } from "#model/quality.ts";

/** The state of an alarm that was never active. */
export function normalState({ severity, message }: Pick<AlarmSpec, "severity" | "message">): AlarmState {
  return {
    enabled: true,
    active: false,
    acknowledged: true,
    confirmed: true,
    latched: false,
    shelving: "unshelved",
    shelvedUntil: undefined,
    suppressed: false,
    outOfService: false,
    severity,
    lastSeverity: severity,
    quality: Quality.good,
    message,
    comment: undefined,
    firstUp: false,
    activeAt: undefined,
    clearedAt: undefined,
    acknowledgedAt: undefined,
    changedAt: 0,
    eventId: "0".repeat(32),
  };
}

/** What became of an alarm, except for what every change has: its time and its event. */
export type StatePatch = Partial<Omit<AlarmState, "changedAt" | "eventId">>;

export interface Onset {
  readonly at: EpochMs;
  readonly message: string;
  readonly quality: QualityCode;
  readonly firstUp: boolean;
}

/** It became active: somebody has to acknowledge it, unless its rule says otherwise. */
export function activated(spec: AlarmSpec, { at, message, quality, firstUp }: Onset): StatePatch {
  return {
    active: true,
    acknowledged: spec.autoAcknowledge === true,
    confirmed: spec.requiresConfirmation !== true,
    latched: false,
    message,
    quality,
    firstUp,
    activeAt: at,
    clearedAt: undefined,
    acknowledgedAt: undefined,
  };
}

/** Its cause has gone: a latched alarm stays until it is reset, a one-shot shelving is over. */
export function causeGone(spec: AlarmSpec, state: AlarmState, at: EpochMs): StatePatch {
  if (spec.latched) return { latched: true };
  return inactive(state, at);
}

/** It is not active any more. */
export function inactive(state: AlarmState, at: EpochMs): StatePatch {
  const shelving = state.shelving === "one-shot" ? ({ shelving: "unshelved", shelvedUntil: undefined } as const) : {};
  return { active: false, latched: false, clearedAt: at, ...shelving };
}

/** True when people asked not to hear of it. */
export function isQuiet({ shelving, suppressed, outOfService }: AlarmState): boolean {
  return shelving !== "unshelved" || suppressed || outOfService;
}

/** True when there is nothing about the state that a restart would have to restore. */
export function isNormal(state: AlarmState): boolean {
  return state.enabled && !isRetained(state) && !isQuiet(state) && state.comment === undefined;
}

/** The alarm itself is no more: nothing of it is left to look at or to keep. */
export const dissolved = {
  active: false,
  latched: false,
  acknowledged: true,
  confirmed: true,
  shelving: "unshelved",
  shelvedUntil: undefined,
  suppressed: false,
  outOfService: false,
  enabled: true,
  comment: undefined,
} as const satisfies StatePatch;

export function commentOf(text: string, user: string, at: EpochMs): AlarmComment {
  return { text, user, at };
}
