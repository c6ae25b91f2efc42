/**
 * Why a control was not carried out: AddCause of IEC 61850-7-2 with the numbers that devices send. 0 is also what a
 * control that succeeded answers, so whether it did is told apart from its cause.
 */
export const AddCause = {
  unknown: 0,
  notSupported: 1,
  blockedBySwitchingHierarchy: 2,
  selectFailed: 3,
  invalidPosition: 4,
  positionReached: 5,
  parameterChangeInExecution: 6,
  stepLimit: 7,
  blockedByMode: 8,
  blockedByProcess: 9,
  blockedByInterlocking: 10,
  blockedBySynchrocheck: 11,
  commandAlreadyInExecution: 12,
  blockedByHealth: 13,
  oneOfNControl: 14,
  abortionByCancel: 15,
  timeLimitOver: 16,
  abortionByTrip: 17,
  objectNotSelected: 18,
  objectAlreadySelected: 19,
  noAccessAuthority: 20,
  endedWithOvershoot: 21,
  abortionDueToDeviation: 22,
  abortionByCommunicationLoss: 23,
  blockedByCommand: 24,
  none: 25,
  inconsistentParameters: 26,
  lockedByOtherClient: 27,
} as const;

/** An AddCause number; devices may send numbers that the standard does not have. */
export type AddCauseCode = number;
