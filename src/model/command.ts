import type { AddCauseCode } from "./add-cause.ts";
import type { CommandSpec, PackageRole } from "./command-spec.ts";
import type { ParameterValue } from "./data-type.ts";
import { type ErrorCode, HostError } from "./errors.ts";
import type { EpochMs } from "./ids.ts";

/** Who asks: a session's user and the roles it has. */
export interface Principal {
  readonly user: string;
  readonly roles: readonly PackageRole[];
  /** Where from, e.g. `opc.tcp 127.0.0.1:51234`; tells sessions apart where `session` is not given. */
  readonly origin: string;
  /** What a lock or a selection belongs to; default: the origin. */
  readonly session?: string;
  /** The client program, e.g. its OPC UA ApplicationUri. */
  readonly application?: string;
}

/** The name of a principal's session: what locks and selections are bound to. */
export function sessionOf(by: Principal): string {
  return by.session ?? by.origin;
}

/** A command that a transport encodes and sends. */
export interface OutgoingCommand {
  /** Unique per command; travels with it where the protocol can carry it. A command that is sent again keeps it. */
  readonly correlationId: string;
  readonly spec: CommandSpec;
  /** One value per input argument of the spec; undefined where an optional one was left out. */
  readonly inputs: readonly (ParameterValue | undefined)[];
  readonly sentAt: EpochMs;
}

/** A device's own answer to a command (not a broker's acknowledgement). */
export interface CommandAck {
  readonly correlationId: string | undefined;
  readonly accepted: boolean;
  readonly reason: string | undefined;
  readonly at: EpochMs;
  /** Why it was not accepted, where the device says so by number. */
  readonly addCause?: AddCauseCode;
}

/**
 * What became of a command or a parameter write. `confirmed`: its effect was seen. `accepted`: the device answered that
 * it did it, which is all its package asks for. `rejected`: the device refused. `unconfirmed`: it left the host and
 * nobody knows. `not-sent`: it never left the host.
 */
export const commandResults = ["confirmed", "accepted", "rejected", "unconfirmed", "not-sent"] as const;

export type CommandResult = (typeof commandResults)[number];

export interface CommandOutcome {
  /** Names the command in the audit and, where the protocol carries it, on the wire. */
  readonly commandId: string;
  readonly result: CommandResult;
  readonly addCause: AddCauseCode;
  /** One sentence: what was seen, or why nothing was. */
  readonly evidence: string;
  readonly settledAt: EpochMs;
}

/** A command or write that was neither confirmed nor accepted. */
export class CommandError extends HostError {
  readonly outcome: CommandOutcome;

  constructor(code: ErrorCode, outcome: CommandOutcome, options?: ErrorOptions) {
    super(code, outcome.evidence, options);
    this.name = "CommandError";
    this.outcome = outcome;
  }
}
