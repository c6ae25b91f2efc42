import { type ErrorCode, HostError } from "#model/errors.ts";

/** The HTTP status for each way the host says no. */
export const httpStatusOfCode = {
  "device-unknown": 404,
  "parameter-unknown": 404,
  "command-unknown": 404,
  "argument-invalid": 400,
  "value-type-mismatch": 400,
  "value-out-of-range": 422,
  "not-writable": 405,
  "access-denied": 403,
  "not-authenticated": 401,
  "locked-out": 429,
  "password-change-required": 403,
  "user-unknown": 404,
  "user-exists": 409,
  "certificate-unknown": 404,
  "alarm-unknown": 404,
  "alarm-rule-unknown": 404,
  "alarm-event-unknown": 404,
  "alarm-acknowledged": 409,
  "alarm-confirmed": 409,
  "alarm-disabled": 409,
  "alarm-enabled": 409,
  "alarm-shelved": 409,
  "alarm-not-shelved": 409,
  "alarm-state": 409,
  "shelving-time": 422,
  "device-offline": 503,
  "command-not-sent": 502,
  "command-busy": 409,
  "command-rejected": 409,
  "device-locked": 423,
  interlocked: 409,
  "not-selected": 409,
  "rule-violated": 422,
  "audit-unavailable": 503,
  "command-unconfirmed": 504,
  "history-unavailable": 503,
  overloaded: 429,
  "package-invalid": 422,
  "config-invalid": 500,
  "port-in-use": 500,
  "data-folder-in-use": 500,
  cancelled: 409,
} satisfies Record<ErrorCode, number>;

/** What HTTP itself can refuse, before the host is asked; each code with its status. */
export const requestRefusals = {
  "request-invalid": 400,
  "csrf-missing": 403,
  "origin-foreign": 403,
  "route-unknown": 404,
  "thing-unknown": 404,
  "request-timeout": 408,
  "body-too-large": 413,
  "media-type-unsupported": 415,
  "header-too-large": 431,
  "rate-limited": 429,
  internal: 500,
  "not-offered": 501,
  starting: 503,
} as const;

export type RefusalCode = keyof typeof requestRefusals;

/** A request that HTTP itself refuses. */
export class RequestRefused extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "RequestRefused";
    this.code = code;
  }
}

export interface Refusal {
  readonly status: number;
  readonly code: ErrorCode | RefusalCode;
  readonly message: string;
}

/** Status, code and sentence for anything thrown; what is not known to be harmless is withheld. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof RequestRefused) {
    return { status: requestRefusals[error.code], code: error.code, message: error.message };
  }
  const known = HostError.from(error);
  if (known !== undefined) return { status: httpStatusOfCode[known.code], code: known.code, message: known.message };
  return refusedByFastify(error) ?? refusal("internal", "something went wrong in the host; its log says what");
}

function refusal(code: RefusalCode, message: string): Refusal {
  return { status: requestRefusals[code], code, message };
}

/** Errors that Fastify and its plugins make themselves, told apart by their status. */
function refusedByFastify(error: unknown): Refusal | undefined {
  if (!(error instanceof Error) || !("statusCode" in error)) return undefined;
  switch (error.statusCode) {
    case 400:
      return refusal("request-invalid", error.message);
    // Of a path that leaves the folder of the API's description.
    case 403:
    case 404:
      return refusal("route-unknown", "there is nothing at this address");
    case 408:
      return refusal("request-timeout", "the request took too long to arrive");
    case 413:
      return refusal("body-too-large", "the request's body is larger than this route takes");
    case 415:
      return refusal("media-type-unsupported", "the body's media type is not one that this route takes");
    case 429:
      return refusal("rate-limited", error.message);
    case 431:
      return refusal("header-too-large", "the request's head is too large");
    default:
      return undefined;
  }
}
