import { demand } from "#fleet/access/action.ts";
import type { Clock } from "#lib/clock.ts";
import { AddCause } from "#model/add-cause.ts";
import type { CommandOutcome, OutgoingCommand, Principal } from "#model/command.ts";
import type { CommandSpec } from "#model/command-spec.ts";
import type { ParameterValue } from "#model/data-type.ts";
import { HostError } from "#model/errors.ts";
import type { ControlPath, Order, Passage } from "./commands/control-path.ts";
import type { Landing } from "./commands/flight.ts";
import { isProof, proofText, type StateProof } from "./commands/state-proof.ts";
import type { Device } from "./device.ts";
import { conditionNow, knownValueOf } from "./known-values.ts";
import type { LiveValues } from "./live-values.ts";
import { checkedInputs, checkInterlocks, type Inputs } from "./package-rules.ts";
import type { Selection, Selections } from "./selections.ts";

export interface CommandRequest {
  readonly device: Device;
  readonly command: string;
  /** One per input argument of the command; undefined for an optional one left out. */
  readonly inputs: Inputs;
  readonly by: Principal;
  /** Called when the command has left the host. */
  readonly onSent?: () => void;
}

export interface CommandsParts {
  readonly path: ControlPath;
  readonly selections: Selections;
  readonly live: LiveValues;
  readonly clock: Clock;
  readonly newId: () => string;
}

/**
 * The one way a command goes to a device: checked, sent, and answered only with what the device itself showed. A broker's
 * acknowledgement confirms nothing, and a timeout means unknown, not failed.
 */
export class Commands {
  readonly #parts: CommandsParts;

  constructor(parts: CommandsParts) {
    this.#parts = parts;
  }

  /**
   * Sends a command and waits for the confirmation that its package declares. Throws CommandError: `command-unknown`,
   * `access-denied`, `device-locked`, `argument-invalid`, `interlocked`, `not-selected`, `device-offline`, `command-busy`,
   * `audit-unavailable`, `command-not-sent`, `command-rejected` (the device said no), `cancelled` (a trip came first) or
   * `command-unconfirmed` (unknown outcome).
   */
  execute(request: CommandRequest): Promise<CommandOutcome> {
    return this.#parts.path.run(this.#orderOf(request));
  }

  /**
   * Selects a command for the session of `by` (select-before-operate); all that stands against the command stands
   * against its selection. Throws as `execute` does, and `argument-invalid` for a command that needs no selection.
   */
  select(device: Device, command: string, by: Principal): Selection {
    const { path, selections, newId } = this.#parts;
    const action = `Select ${command}`;
    const { authorise, permit } = this.#orderOf({ device, command, inputs: [], by }, true);
    let timeoutMs = 0;
    const check = (): void => {
      timeoutMs = this.#selectTimeoutOf(device, command);
    };
    try {
      path.examine({ device, by, action, effect: "query", authorise, check, permit });
      return selections.select(device, command, timeoutMs, by);
    } catch (error) {
      throw path.refused({ device, by, action }, newId(), error);
    }
  }

  /** Gives a selection up; throws `access-denied` to viewers, and `not-selected`. */
  cancelSelection(device: Device, token: string, by: Principal): void {
    try {
      demand(by, "device.select", `select commands of ${device.id}`);
      this.#parts.selections.cancel(device, token, by);
    } catch (error) {
      throw this.#parts.path.refused({ device, by, action: "Cancel" }, this.#parts.newId(), error);
    }
  }

  #orderOf(request: CommandRequest, forSelection = false): Order {
    const { device, by, command } = request;
    const { live, selections } = this.#parts;
    const spec = device.package.commandByName.get(command);
    let inputs: Inputs = [];
    const needsSelection = (): boolean => spec !== undefined && !forSelection && this.#needsSelection(device, spec);
    return {
      device,
      by,
      action: command,
      effect: spec?.effect ?? "query",
      authorise: () => authoriseCommand(request, spec),
      check: () => {
        if (spec !== undefined && !forSelection) inputs = checkedInputs(spec, request.inputs);
      },
      permit: () => {
        if (spec !== undefined && spec.effect !== "trip") checkInterlocks(device, spec, live);
        if (needsSelection()) selections.check(device, command, by);
      },
      claim: () => {
        if (needsSelection()) selections.take(device);
      },
      about: () => ({ arguments: argumentsOf(spec, inputs) }),
      carryOut: (passage) =>
        spec === undefined
          ? Promise.reject(unknownCommand(device, command))
          : this.#send(request, spec, inputs, passage),
    };
  }

  #send(request: CommandRequest, spec: CommandSpec, inputs: Inputs, passage: Passage): Promise<Landing> {
    const { device, onSent } = request;
    const { commandId, transport, hold } = passage;
    const proof = proofOf(device, spec);
    const known = proof === undefined ? undefined : knownValueOf(device, proof.spec, this.#parts.live);
    const holds = proof !== undefined && known !== undefined && isProof(proof, known);
    if (spec.effect === "close" && holds && hold.isCertain(proof.spec)) return Promise.resolve(wasSo(device, proof));
    const correlationId = hold.nextCorrelationId(commandId);
    const outgoing: OutgoingCommand = { correlationId, spec, inputs, sentAt: this.#parts.clock.now() };
    const send = async (signal: AbortSignal): Promise<void> => {
      await transport.send(device, outgoing, signal);
      onSent?.();
    };
    const { timeoutMs, name: action } = spec;
    const sendAgain = spec.effect === "trip" && spec.idempotent;
    const plan = { device: device.id, commandId, correlationId, action, timeoutMs, proof, send, sendAgain };
    return hold.fly(plan, holds);
  }

  #needsSelection(device: Device, { select }: CommandSpec): boolean {
    if (select === undefined) return false;
    // A condition that cannot be told asks for the selection: it does no harm.
    return select.when === undefined || conditionNow(select.when, device, this.#parts.live) !== false;
  }

  #selectTimeoutOf(device: Device, command: string): number {
    const spec = device.package.commandByName.get(command);
    if (spec?.select !== undefined && this.#needsSelection(device, spec)) return spec.select.timeoutMs;
    throw new HostError("argument-invalid", `${device.id}: ${command} needs no selection`);
  }
}

function authoriseCommand({ device, by, inputs, command }: CommandRequest, spec: CommandSpec | undefined): void {
  if (spec === undefined) throw unknownCommand(device, command);
  demand(by, { command: spec, inputs }, `do ${spec.name} on ${device.id}`);
}

function unknownCommand(device: Device, command: string): HostError {
  const name = JSON.stringify(command.slice(0, 80));
  return new HostError("command-unknown", `${device.id}: ${device.package.typeName} has no command ${name}`);
}

function proofOf(device: Device, { confirm, effect }: CommandSpec): StateProof | undefined {
  if (confirm.by === "ack") return undefined;
  const spec = device.package.parameterByName.get(confirm.parameter);
  if (spec === undefined) return undefined;
  const standing =
    effect === "trip" || effect === "close" ? "proves" : effect === "test" ? "nothing" : "unless-refused";
  return { spec, equals: confirm.equals, standing, ...(confirm.or === undefined ? {} : { or: confirm.or }) };
}

/** Nothing to do: IEC 61850 calls it position reached. */
function wasSo(device: Device, proof: StateProof): Landing {
  return {
    result: "confirmed",
    code: undefined,
    addCause: AddCause.positionReached,
    evidence: `${device.id} had reported ${proofText(proof)} already: nothing was sent`,
  };
}

function argumentsOf(spec: CommandSpec | undefined, inputs: Inputs): Record<string, ParameterValue> {
  const given: Record<string, ParameterValue> = {};
  for (const [i, { name }] of (spec?.inputs ?? []).entries()) {
    const value = inputs[i];
    if (value !== undefined) given[name] = value;
  }
  return given;
}
