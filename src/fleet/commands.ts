import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import type { CommandAck, OutgoingCommand, Principal } from "#model/command.ts";
import type { CommandSpec } from "#model/command-spec.ts";
import type { ParameterValue } from "#model/data-type.ts";
import { HostError } from "#model/errors.ts";
import type { EpochMs } from "#model/ids.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { isGood } from "#model/quality.ts";
import { roleSuffices } from "#model/role.ts";
import { type SampleBatch, SampleFlag } from "#model/sample-batch.ts";
import type { Device } from "./device.ts";
import type { LiveValues } from "./live-values.ts";
import type { DeviceTransport } from "./ports.ts";
import type { PresenceBoard } from "./presence.ts";

export interface CommandRequest {
  readonly device: Device;
  readonly command: string;
  /** One per input argument of the command; undefined for an optional one left out. */
  readonly inputs: readonly (ParameterValue | undefined)[];
  readonly by: Principal;
}

/** A command that took effect, and what proved it. */
export interface CommandOutcome {
  readonly correlationId: string;
  readonly confirmedAt: EpochMs;
  /** One sentence: what was seen. */
  readonly evidence: string;
}

interface Pending {
  readonly device: Device;
  readonly command: OutgoingCommand;
  /** The parameter that proves the command, when the rule is `by: state`. */
  readonly proof: ParameterSpec | undefined;
  readonly deadline: Disposable;
  readonly abort: AbortController;
  readonly settle: (outcome: CommandOutcome | HostError) => void;
}

export interface CommandsParts {
  readonly live: LiveValues;
  readonly presence: PresenceBoard;
  readonly transportOf: (device: Device) => DeviceTransport | undefined;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly log: Logger;
}

/**
 * The one way a command goes to a device: checked, sent, and answered only with what the device itself showed. A broker's
 * acknowledgement confirms nothing, and a timeout means unknown, not failed.
 */
export class Commands {
  readonly #parts: CommandsParts;
  readonly #pending = new Map<Device, Pending>();

  constructor(parts: CommandsParts) {
    this.#parts = parts;
  }

  /**
   * Sends a command and waits for the confirmation that its package declares. Throws `command-unknown`, `access-denied`, `device-offline`,
   * `command-busy`, `command-not-sent`, `command-rejected` (the device said no) or `command-unconfirmed` (unknown outcome).
   */
  async execute(request: CommandRequest): Promise<CommandOutcome> {
    const { device, by } = request;
    const spec = device.package.commandByName.get(request.command);
    if (spec === undefined) {
      throw new HostError(
        "command-unknown",
        `${device.id}: ${device.package.typeName} has no command ${request.command}`,
      );
    }
    if (!roleSuffices(by.roles, spec.role)) {
      throw new HostError(
        "access-denied",
        `${by.user} may not do ${spec.name} on ${device.id}: it needs the role ${spec.role}`,
      );
    }
    const transport = this.#checkReach(device, spec);
    this.#makeWay(device, spec);
    const { clock, newId, log } = this.#parts;
    const command: OutgoingCommand = { correlationId: newId(), spec, inputs: request.inputs, sentAt: clock.now() };
    log.info({ device: device.id, command: spec.name, user: by.user, id: command.correlationId }, "command accepted");
    try {
      const outcome = await this.#sendAndWait(device, command, transport);
      log.info({ device: device.id, command: spec.name, id: command.correlationId }, `confirmed: ${outcome.evidence}`);
      return outcome;
    } catch (error) {
      log.warn(
        { device: device.id, command: spec.name, id: command.correlationId, err: error },
        "command not confirmed",
      );
      throw error;
    }
  }

  /** New samples of a device: may prove that its pending command took effect. */
  observe(device: Device, batch: SampleBatch): void {
    const pending = this.#pending.get(device);
    if (pending === undefined || pending.proof === undefined) return;
    const { confirm } = pending.command.spec;
    if (confirm.by !== "state" || batch.receivedAt < pending.command.sentAt) return;
    for (let i = 0; i < batch.size; i += 1) {
      if (batch.parameters[i] !== pending.proof.index) continue;
      if (((batch.flags[i] ?? 0) & SampleFlag.historical) !== 0 || !isGood(batch.qualities[i] ?? 0)) continue;
      if ((batch.texts[i] ?? batch.values[i]) === columnValueOf(confirm.equals)) this.#confirmByState(pending);
    }
  }

  /** A device's own answer to a command. */
  acknowledged(device: Device, ack: CommandAck): void {
    const pending = this.#pending.get(device);
    if (
      pending === undefined ||
      (ack.correlationId !== undefined && ack.correlationId !== pending.command.correlationId)
    ) {
      this.#parts.log.info(
        { device: device.id, id: ack.correlationId },
        "late or foreign command answer, recorded only",
      );
      return;
    }
    const { spec } = pending.command;
    if (!ack.accepted) {
      pending.settle(
        new HostError("command-rejected", `${device.id} refused ${spec.name}: ${ack.reason ?? "no reason given"}`),
      );
    } else if (spec.confirm.by === "ack") {
      pending.settle({
        correlationId: pending.command.correlationId,
        confirmedAt: ack.at,
        evidence: `${device.id} answered that it did ${spec.name}`,
      });
    }
  }

  /** The device went silent: a pending command will not be proved any more. */
  lost(device: Device, reason: string): void {
    const pending = this.#pending.get(device);
    if (pending === undefined) return;
    const { name } = pending.command.spec;
    pending.settle(
      new HostError("command-unconfirmed", `${device.id} was lost after ${name} was sent (${reason}): outcome unknown`),
    );
  }

  #checkReach(device: Device, spec: CommandSpec): DeviceTransport {
    const presence = this.#parts.presence.of(device);
    if (presence.state !== "online") {
      throw new HostError(
        "device-offline",
        `${device.id} is ${presence.state} (${presence.reason}): ${spec.name} not sent`,
      );
    }
    const transport = this.#parts.transportOf(device);
    if (transport === undefined) {
      throw new HostError("command-not-sent", `${device.id}: no ${device.protocol} transport is running`);
    }
    return transport;
  }

  /** One command in flight per device; a trip pre-empts whatever waits, because opening is the safe direction. */
  #makeWay(device: Device, spec: CommandSpec): void {
    const pending = this.#pending.get(device);
    if (pending === undefined) return;
    const waiting = pending.command.spec.name;
    if (spec.effect !== "trip") {
      throw new HostError("command-busy", `${device.id} is still busy with ${waiting}: ${spec.name} not sent`);
    }
    pending.settle(
      new HostError("cancelled", `${waiting} of ${device.id} was pre-empted by ${spec.name}: outcome unknown`),
    );
  }

  async #sendAndWait(device: Device, command: OutgoingCommand, transport: DeviceTransport): Promise<CommandOutcome> {
    const settled = Promise.withResolvers<CommandOutcome>();
    const pending = this.#register(device, command, settled);
    try {
      await transport.send(device, command, pending.abort.signal);
      if (pending.proof !== undefined && this.#alreadyHolds(pending)) this.#confirmByState(pending);
    } catch (error) {
      pending.settle(
        HostError.from(error) ??
          new HostError("command-not-sent", `${command.spec.name} could not be sent to ${device.id}`, { cause: error }),
      );
    }
    return settled.promise;
  }

  #register(device: Device, command: OutgoingCommand, settled: PromiseWithResolvers<CommandOutcome>): Pending {
    const { spec } = command;
    const abort = new AbortController();
    const deadline = this.#parts.clock.after(spec.timeoutMs, () => {
      pending.settle(
        new HostError(
          "command-unconfirmed",
          `${device.id} did not confirm ${spec.name} within ${spec.timeoutMs} ms: ${expectation(spec)}; outcome unknown`,
        ),
      );
    });
    const pending: Pending = {
      device,
      command,
      proof: spec.confirm.by === "state" ? device.package.parameterByName.get(spec.confirm.parameter) : undefined,
      deadline,
      abort,
      settle: (outcome) => {
        if (this.#pending.get(device) === pending) this.#pending.delete(device);
        deadline[Symbol.dispose]();
        abort.abort();
        if (outcome instanceof HostError) settled.reject(outcome);
        else settled.resolve(outcome);
      },
    };
    this.#pending.set(device, pending);
    return pending;
  }

  /** Devices that report by exception do not repeat a state that already holds. */
  #alreadyHolds(pending: Pending): boolean {
    const { confirm } = pending.command.spec;
    if (confirm.by !== "state" || pending.proof === undefined) return false;
    const current = this.#parts.live.get(pending.device, pending.proof);
    return isGood(current.quality) && current.value === confirm.equals;
  }

  #confirmByState(pending: Pending): void {
    pending.settle({
      correlationId: pending.command.correlationId,
      confirmedAt: this.#parts.clock.now(),
      evidence: `${pending.device.id} ${expectation(pending.command.spec).replace("expected", "reported")}`,
    });
  }
}

function columnValueOf(value: ParameterValue): number | string {
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "bigint" ? value.toString() : value;
}

function expectation(spec: CommandSpec): string {
  if (spec.confirm.by === "ack") return "expected its own answer";
  return `expected ${spec.confirm.parameter} = ${String(spec.confirm.equals)}`;
}
