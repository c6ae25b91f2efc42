import type { CommandSpec, PackageRole } from "./command-spec.ts";
import type { ParameterValue } from "./data-type.ts";
import type { EpochMs } from "./ids.ts";

/** Who asks: a session's user and the roles it has. */
export interface Principal {
  readonly user: string;
  readonly roles: readonly PackageRole[];
  /** Where from, e.g. `opc.tcp 127.0.0.1:51234`. */
  readonly origin: string;
}

/** A command that a transport encodes and sends. */
export interface OutgoingCommand {
  /** Unique per attempt; travels with the command where the protocol can carry it. */
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
}
