/** Why a control was refused, IEC 61850-7-3 AddCause numbers; 0 means that it was accepted. */
export const AddCause = {
  accepted: 0,
  notSupported: 1,
  positionReached: 5,
  blockedByMode: 8,
  interlocking: 10,
  alreadyInExecution: 12,
  blockedByHealth: 13,
  timeLimitOver: 16,
  notSelected: 18,
  alreadySelected: 19,
  inconsistentParameters: 26,
  lockedByOtherClient: 27,
} as const;

/** Answer of the breaker to a command or a write. */
export interface ControlResult {
  readonly addCause: number;
  /** One sentence with the values; empty when accepted. */
  readonly reason: string;
}

export const accepted: ControlResult = { addCause: AddCause.accepted, reason: "" };

export function refused(addCause: number, reason: string): ControlResult {
  return { addCause, reason };
}
