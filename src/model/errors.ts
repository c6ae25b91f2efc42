/** Every way the host says no; adapters map each code exhaustively (OPC UA StatusCode, HTTP status). */
export const errorCodes = [
  "device-unknown",
  "parameter-unknown",
  "command-unknown",
  "argument-invalid",
  "value-type-mismatch",
  "value-out-of-range",
  "not-writable",
  "access-denied",
  "not-authenticated",
  "locked-out",
  "password-change-required",
  "user-unknown",
  "user-exists",
  "certificate-unknown",
  "device-offline",
  "command-not-sent",
  "command-busy",
  "command-rejected",
  "device-locked",
  "interlocked",
  "not-selected",
  "rule-violated",
  "audit-unavailable",
  "command-unconfirmed",
  "history-unavailable",
  "alarm-unknown",
  "alarm-event-unknown",
  "alarm-acknowledged",
  "alarm-confirmed",
  "alarm-disabled",
  "alarm-enabled",
  "alarm-shelved",
  "alarm-not-shelved",
  "alarm-state",
  "shelving-time",
  "alarm-rule-unknown",
  "overloaded",
  "package-invalid",
  "config-invalid",
  "port-in-use",
  "data-folder-in-use",
  "cancelled",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** The one error that callers outside a module may rely on: a stable code and a sentence with real values. */
export class HostError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "HostError";
    this.code = code;
  }

  /** The first HostError in the cause chain of `error`, or undefined. */
  static from(error: unknown): HostError | undefined {
    let current = error;
    for (let depth = 0; depth < 16 && current instanceof Error; depth += 1) {
      if (current instanceof HostError) return current;
      current = current.cause;
    }
    return undefined;
  }
}

/** A broken invariant of our own: never caused by input, always a bug. */
export class InternalError extends Error {
  override readonly name = "InternalError";
}

/** The text of anything thrown, for messages and logs. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
