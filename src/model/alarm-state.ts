import type { EpochMs } from "./ids.ts";
import type { QualityCode } from "./quality.ts";

/** OPC 10000-9, 5.8.17: shelved for a time, or until the alarm has gone once. */
export const shelvings = ["unshelved", "timed", "one-shot"] as const;
export type Shelving = (typeof shelvings)[number];

/** Who said what about an alarm. */
export interface AlarmComment {
  readonly text: string;
  readonly user: string;
  readonly at: EpochMs;
}

/** What an alarm is at one moment; replaced as a whole, never changed in place. */
export interface AlarmState {
  /** False: neither evaluated nor shown. */
  readonly enabled: boolean;
  readonly active: boolean;
  /** False: somebody still has to acknowledge it, whether it is active or has gone. */
  readonly acknowledged: boolean;
  readonly confirmed: boolean;
  /** Held active although its cause has gone: waits for Reset. */
  readonly latched: boolean;
  readonly shelving: Shelving;
  /** End of the shelving; undefined while unshelved, and when it ends with the alarm itself. */
  readonly shelvedUntil: EpochMs | undefined;
  /** Held back by a rule of the host or by an operator (Suppress). */
  readonly suppressed: boolean;
  readonly outOfService: boolean;
  /** 1 to 1000. */
  readonly severity: number;
  readonly lastSeverity: number;
  /** How far the inputs of the condition can be trusted. */
  readonly quality: QualityCode;
  /** With values filled in. */
  readonly message: string;
  readonly comment: AlarmComment | undefined;
  /** The first that became active in its group. */
  readonly firstUp: boolean;
  /** Start of the present or last activity; undefined when it never was active. */
  readonly activeAt: EpochMs | undefined;
  readonly clearedAt: EpochMs | undefined;
  readonly acknowledgedAt: EpochMs | undefined;
  /** When anything here last changed, on the clock of whoever caused it. */
  readonly changedAt: EpochMs;
  /** Names this very state, 32 hexadecimal digits; what Acknowledge refers to. */
  readonly eventId: string;
}

/** True for an alarm that an operator should see: active, or somebody still has to say something about it. */
export function isRetained({ enabled, active, acknowledged, confirmed }: AlarmState): boolean {
  return enabled && (active || !acknowledged || !confirmed);
}

const flags = [
  "enabled",
  "active",
  "acknowledged",
  "confirmed",
  "latched",
  "suppressed",
  "outOfService",
  "firstUp",
] as const satisfies readonly (keyof AlarmState)[];
const numbers = ["severity", "lastSeverity", "quality", "changedAt"] as const satisfies readonly (keyof AlarmState)[];
const times = [
  "shelvedUntil",
  "activeAt",
  "clearedAt",
  "acknowledgedAt",
] as const satisfies readonly (keyof AlarmState)[];

/** Whether something that was read back, e.g. from a file, is the state of an alarm. */
export function isAlarmState(value: unknown): value is AlarmState {
  if (typeof value !== "object" || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  const shelving = fields.get("shelving");
  return (
    flags.every((name) => typeof fields.get(name) === "boolean") &&
    numbers.every((name) => typeof fields.get(name) === "number") &&
    times.every((name) => ["number", "undefined"].includes(typeof fields.get(name))) &&
    typeof fields.get("message") === "string" &&
    typeof fields.get("eventId") === "string" &&
    shelvings.some((name) => name === shelving) &&
    isCommentOrNone(fields.get("comment"))
  );
}

function isCommentOrNone(value: unknown): boolean {
  if (value === undefined) return true;
  if (typeof value !== "object" || value === null) return false;
  const { text, user, at } = Object.fromEntries<unknown>(Object.entries(value));
  return typeof text === "string" && typeof user === "string" && typeof at === "number";
}
