import type { Audit } from "#fleet/audit.ts";
import type { Device } from "#fleet/device.ts";
import type { Locks } from "#fleet/locks.ts";
import type { DeviceTransport } from "#fleet/ports.ts";
import type { PresenceBoard } from "#fleet/presence.ts";
import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import { AddCause } from "#model/add-cause.ts";
import type { AuditEntry, AuditKind } from "#model/audit-entry.ts";
import { CommandError, type CommandOutcome, type Principal } from "#model/command.ts";
import type { CommandEffect } from "#model/command-spec.ts";
import { type ErrorCode, HostError, InternalError, messageOf } from "#model/errors.ts";
import type { Landing } from "./flight.ts";
import { type Hold, notSent } from "./lane.ts";
import type { Lanes } from "./lanes.ts";
import { causeOf } from "./refusal.ts";

export interface ControlPathParts {
  readonly lanes: Lanes;
  readonly locks: Locks;
  readonly audit: Audit;
  readonly presence: PresenceBoard;
  readonly transportOf: (device: Device) => DeviceTransport | undefined;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly log: Logger;
}

/** What somebody wants done at a device: the checks that are its own, and how it is carried out once all allowed it. */
export interface Order {
  readonly device: Device;
  readonly by: Principal;
  /** `Trip`, `write ThermalPickup`, `template Motor`. */
  readonly action: string;
  readonly effect: CommandEffect;
  /** Throws `access-denied`, or that what is asked for does not exist. */
  readonly authorise: () => void;
  /** Throws what is wrong with it whatever the device does now: arguments, ranges. */
  readonly check: () => void;
  /** Throws what the present state has against it: interlocks, rules between settings, selection. */
  readonly permit: () => void;
  /** Called once it is certain that it goes on to be sent. */
  readonly claim?: () => void;
  /** What the audit says beside who, where and when; asked after `check`. */
  readonly about: () => Pick<AuditEntry, "arguments" | "changes">;
  readonly carryOut: (passage: Passage) => Promise<Landing>;
}

/** What an order that passed all checks may use. */
export interface Passage {
  readonly commandId: string;
  readonly transport: DeviceTransport;
  readonly hold: Hold;
  /** True while the device is online. */
  readonly isReachable: () => boolean;
}

/**
 * The one path of everything that changes a device: role, lock, package rules, presence and interlocks, one at a time,
 * audit of the intent, sending, proof, audit of the outcome. Every way in (OPC UA, HTTP, bulk work) ends here.
 */
export class ControlPath {
  readonly #parts: ControlPathParts;

  constructor(parts: ControlPathParts) {
    this.#parts = parts;
  }

  /** Carries an order out; throws CommandError with the outcome unless it was confirmed or accepted. */
  async run(order: Order): Promise<CommandOutcome> {
    const { device, by, action, effect } = order;
    const commandId = this.#parts.newId();
    const { transport, hold, lock } = this.#pass(order, commandId);
    using _lock = lock;
    using _hold = hold;
    const isTrip = effect === "trip";
    const intent = this.#entry("intent", order, commandId);
    const problem = await this.#parts.audit.intent(intent, isTrip);
    this.#parts.log.info({ device: device.id, command: action, user: by.user, id: commandId }, "command accepted");
    const landing =
      problem !== undefined && !isTrip
        ? unaudited(order, problem)
        : await this.#carryOut(order, {
            commandId,
            transport,
            hold,
            isReachable: () => this.#parts.presence.of(device).state === "online",
          });
    return this.#finish(order, commandId, landing);
  }

  /** All that can be said against an order without touching the device; used by Select before the order itself comes. */
  examine(order: Omit<Order, "about" | "carryOut" | "claim">): DeviceTransport {
    order.authorise();
    this.#parts.locks.use(order.device, order.by)[Symbol.dispose]();
    order.check();
    const transport = this.#reach(order);
    order.permit();
    return transport;
  }

  #pass(order: Order, commandId: string): { transport: DeviceTransport; hold: Hold; lock: Disposable } {
    try {
      const transport = this.examine(order);
      const hold = this.#parts.lanes.enter(order.device, order.action, order.effect);
      order.claim?.();
      return { transport, hold, lock: this.#parts.locks.use(order.device, order.by) };
    } catch (error) {
      throw this.refused(order, commandId, error);
    }
  }

  /** Records that something was not let through and gives the error to throw. */
  refused(order: Pick<Order, "device" | "by" | "action">, commandId: string, error: unknown): CommandError {
    const known = HostError.from(error);
    if (known === undefined) throw new InternalError(`${order.action}: ${messageOf(error)}`, { cause: error });
    const { clock, audit, log } = this.#parts;
    const outcome: CommandOutcome = {
      commandId,
      result: "not-sent",
      addCause: causeOf(known),
      evidence: known.message,
      settledAt: clock.now(),
    };
    const { addCause, result } = outcome;
    audit.note({ ...this.#entry("refused", order, commandId), result, addCause, detail: known.message });
    log.info({ device: order.device.id, command: order.action, user: order.by.user }, `refused: ${known.message}`);
    return new CommandError(known.code, outcome, { cause: error });
  }

  async #carryOut(order: Order, passage: Passage): Promise<Landing> {
    const { cancellation } = passage.hold;
    if (cancellation !== undefined) return notSent(cancellation);
    return order.carryOut(passage);
  }

  #finish(order: Order, commandId: string, landing: Landing): CommandOutcome {
    const { clock, audit, log } = this.#parts;
    const { result, addCause, evidence, code, cause } = landing;
    const outcome: CommandOutcome = { commandId, result, addCause, evidence, settledAt: clock.now() };
    audit.note({ ...this.#entry("outcome", order, commandId), result, addCause, detail: evidence });
    const fields = { device: order.device.id, command: order.action, id: commandId };
    if (code === undefined) {
      log.info(fields, `${result}: ${evidence}`);
      return outcome;
    }
    log.warn({ ...fields, err: cause }, `${result}: ${evidence}`);
    throw new CommandError(code, outcome, { cause });
  }

  /** A trip is tried on a device that is only doubted as well: it does no harm, and nothing else opens the breaker. */
  #reach({ device, action, effect }: Pick<Order, "device" | "action" | "effect">): DeviceTransport {
    const { state, reason } = this.#parts.presence.of(device);
    if (state !== "online" && !(state === "stale" && effect === "trip")) {
      throw new HostError("device-offline", `${device.id} is ${state} (${reason}): ${action} not sent`);
    }
    const transport = this.#parts.transportOf(device);
    if (transport !== undefined) return transport;
    throw new HostError("command-not-sent", `${device.id}: no ${device.protocol} transport is running`);
  }

  #entry(kind: AuditKind, order: Pick<Order, "device" | "by" | "action"> & Partial<Order>, id: string): AuditEntry {
    const { device, by, action, about } = order;
    return {
      at: this.#parts.clock.now(),
      kind,
      commandId: id,
      user: by.user,
      origin: by.origin,
      device: device.id,
      action,
      // What was asked for stands in the intent; a refused order may be asking for anything.
      ...(kind === "intent" ? about?.() : {}),
    };
  }
}

function unaudited({ device, action }: Order, problem: string): Landing {
  return {
    result: "not-sent",
    code: "audit-unavailable" satisfies ErrorCode,
    addCause: AddCause.blockedByHealth,
    evidence: `${device.id}: ${action} not sent, because the audit cannot be written: ${problem}`,
  };
}
