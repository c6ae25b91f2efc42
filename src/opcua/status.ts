import { type StatusCode, StatusCodes } from "node-opcua";
import { type ErrorCode, HostError } from "#model/errors.ts";

/** The StatusCode (OPC 10000-4, 7.39) for each way the host says no. */
const statusOfCode = {
  "device-unknown": StatusCodes.BadNodeIdUnknown,
  "parameter-unknown": StatusCodes.BadNodeIdUnknown,
  "command-unknown": StatusCodes.BadMethodInvalid,
  "argument-invalid": StatusCodes.BadInvalidArgument,
  "value-type-mismatch": StatusCodes.BadTypeMismatch,
  "value-out-of-range": StatusCodes.BadOutOfRange,
  "not-writable": StatusCodes.BadNotWritable,
  "access-denied": StatusCodes.BadUserAccessDenied,
  "not-authenticated": StatusCodes.BadUserAccessDenied,
  "locked-out": StatusCodes.BadUserAccessDenied,
  "password-change-required": StatusCodes.BadUserAccessDenied,
  "user-unknown": StatusCodes.BadNotFound,
  "user-exists": StatusCodes.BadAlreadyExists,
  "certificate-unknown": StatusCodes.BadNotFound,
  "device-offline": StatusCodes.BadNoCommunication,
  "command-not-sent": StatusCodes.BadCommunicationError,
  "command-busy": StatusCodes.BadInvalidState,
  "command-rejected": StatusCodes.BadRequestNotAllowed,
  "device-locked": StatusCodes.BadLocked,
  interlocked: StatusCodes.BadRequestNotAllowed,
  "not-selected": StatusCodes.BadInvalidState,
  "rule-violated": StatusCodes.BadOutOfRange,
  "audit-unavailable": StatusCodes.BadResourceUnavailable,
  "command-unconfirmed": StatusCodes.BadTimeout,
  "history-unavailable": StatusCodes.BadResourceUnavailable,
  "alarm-unknown": StatusCodes.BadNodeIdUnknown,
  "alarm-event-unknown": StatusCodes.BadEventIdUnknown,
  "alarm-acknowledged": StatusCodes.BadConditionBranchAlreadyAcked,
  "alarm-confirmed": StatusCodes.BadConditionBranchAlreadyConfirmed,
  "alarm-disabled": StatusCodes.BadConditionAlreadyDisabled,
  "alarm-enabled": StatusCodes.BadConditionAlreadyEnabled,
  "alarm-shelved": StatusCodes.BadConditionAlreadyShelved,
  "alarm-not-shelved": StatusCodes.BadConditionNotShelved,
  "alarm-state": StatusCodes.BadInvalidState,
  "shelving-time": StatusCodes.BadShelvingTimeOutOfRange,
  "alarm-rule-unknown": StatusCodes.BadNotFound,
  overloaded: StatusCodes.BadTooManyOperations,
  "package-invalid": StatusCodes.BadConfigurationError,
  "config-invalid": StatusCodes.BadConfigurationError,
  "port-in-use": StatusCodes.BadResourceUnavailable,
  "data-folder-in-use": StatusCodes.BadResourceUnavailable,
  cancelled: StatusCodes.BadRequestCancelledByRequest,
} satisfies Record<ErrorCode, StatusCode>;

/** The StatusCode to answer for anything thrown; unknown errors answer BadInternalError and tell nothing. */
export function statusCodeOf(error: unknown): StatusCode {
  const known = HostError.from(error);
  return known === undefined ? StatusCodes.BadInternalError : statusOfCode[known.code];
}
