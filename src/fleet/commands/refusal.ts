import { AddCause, type AddCauseCode } from "#model/add-cause.ts";
import { type ErrorCode, HostError } from "#model/errors.ts";

/** A refusal of the host with a cause of its own, e.g. the one a package gives to an interlock. */
export class Refusal extends HostError {
  readonly addCause: AddCauseCode;

  constructor(code: ErrorCode, addCause: AddCauseCode, message: string) {
    super(code, message);
    this.name = "Refusal";
    this.addCause = addCause;
  }
}

const causes: Readonly<Partial<Record<ErrorCode, AddCauseCode>>> = {
  "command-unknown": AddCause.notSupported,
  "parameter-unknown": AddCause.notSupported,
  "not-writable": AddCause.notSupported,
  "argument-invalid": AddCause.inconsistentParameters,
  "value-type-mismatch": AddCause.inconsistentParameters,
  "value-out-of-range": AddCause.inconsistentParameters,
  "rule-violated": AddCause.inconsistentParameters,
  "access-denied": AddCause.noAccessAuthority,
  "device-locked": AddCause.lockedByOtherClient,
  interlocked: AddCause.blockedByInterlocking,
  "not-selected": AddCause.objectNotSelected,
  "device-offline": AddCause.abortionByCommunicationLoss,
  "command-not-sent": AddCause.abortionByCommunicationLoss,
  "command-busy": AddCause.commandAlreadyInExecution,
  "audit-unavailable": AddCause.blockedByHealth,
  overloaded: AddCause.blockedByHealth,
};

/** The AddCause that tells best why something was not let through. */
export function causeOf(error: HostError): AddCauseCode {
  return error instanceof Refusal ? error.addCause : (causes[error.code] ?? AddCause.unknown);
}
