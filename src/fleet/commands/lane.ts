import { AddCause } from "#model/add-cause.ts";
import type { CommandAck } from "#model/command.ts";
import type { CommandEffect } from "#model/command-spec.ts";
import type { ParameterValue } from "#model/data-type.ts";
import type { ErrorCode } from "#model/errors.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import type { SampleBatch } from "#model/sample-batch.ts";
import { Flight, type FlightPlan, type FlightTime, type Landing } from "./flight.ts";
import { Refusal } from "./refusal.ts";
import { sameValue } from "./state-proof.ts";

/** Why a hold may go no further. */
export interface Cancellation {
  readonly code: ErrorCode;
  readonly addCause: number;
  readonly reason: string;
}

/** Trips of one device that may wait at once: every operator who presses Trip sends one. */
const maxTrips = 8;
/** Flights of unknown outcome that are watched per device. */
const maxLate = 8;

/** The commands of one device: who may send now, what is in the air, what was given up and may still come true. */
export class Lane {
  readonly device: string;
  readonly #time: FlightTime;
  readonly #onLate: (flight: Flight, evidence: string) => void;
  readonly holds = new Set<Hold>();
  #late: Flight[] = [];
  #onDeparture: (() => void)[] = [];
  /** Parameters that a flight without outcome may still change, until the elapsed time when it must have. */
  readonly #doubts = new Map<number, number>();

  constructor(device: string, time: FlightTime, onLate: (flight: Flight, evidence: string) => void) {
    this.device = device;
    this.#time = time;
    this.#onLate = onLate;
  }

  /** True when nothing is left to remember. */
  get isIdle(): boolean {
    return this.holds.size === 0 && this.#late.length === 0 && this.#doubts.size === 0;
  }

  /** Lets one in: one at a time, except that a trip goes ahead of whatever waits, because opening is the safe direction. */
  enter(action: string, effect: CommandEffect): Hold {
    const isTrip = effect === "trip";
    const others = [...this.holds];
    const blocking = isTrip ? others.filter((hold) => hold.isTrip) : others;
    const first = blocking[0];
    if (first !== undefined && blocking.length >= (isTrip ? maxTrips : 1)) {
      const addCause = first.isWrite ? AddCause.parameterChangeInExecution : AddCause.commandAlreadyInExecution;
      throw new Refusal(
        "command-busy",
        addCause,
        `${this.device} is still busy with ${first.action}: ${action} not sent`,
      );
    }
    for (const hold of others) {
      if (hold.isTrip) continue;
      hold.cancel({
        code: "cancelled",
        addCause: AddCause.abortionByTrip,
        reason: `${hold.action} of ${this.device} was pre-empted by ${action}`,
      });
    }
    const hold = new Hold(this, { action, isTrip, isWrite: effect === "configure" });
    this.holds.add(hold);
    return hold;
  }

  leave(hold: Hold): void {
    this.holds.delete(hold);
    const waiting = this.#onDeparture;
    this.#onDeparture = [];
    for (const goOn of waiting) goOn();
  }

  /** Waits until nobody else is in the lane. */
  async alone(): Promise<void> {
    while (this.holds.size > 1) await new Promise<void>((goOn) => this.#onDeparture.push(goOn));
  }

  fly(plan: FlightPlan, holdsAlready: boolean): Flight {
    const certain = plan.proof === undefined || !this.#doubts.has(plan.proof.spec.index);
    if (plan.proof !== undefined) this.#forget(plan.proof.spec);
    const onLanding = (flight: Flight, landing: Landing): void => this.#landed(flight, landing);
    return new Flight(plan, { holds: holdsAlready, certain, onLanding }, this.#time);
  }

  /** False while a message of unknown outcome may still change the parameter. */
  isCertain(spec: ParameterSpec): boolean {
    return !this.#doubts.has(spec.index);
  }

  /** True when a message of ours, in the air or given up, asks for this value. */
  awaits(spec: ParameterSpec, value: ParameterValue): boolean {
    const asks = ({ plan }: Flight): boolean => plan.proof?.spec === spec && sameValue(spec, plan.proof.equals, value);
    return this.#inTheAir().some(asks) || this.#late.some(asks);
  }

  observe(batch: SampleBatch): void {
    for (const flight of this.#inTheAir()) flight.observe(batch);
    if (this.#late.length > 0) this.#observeLate(batch);
    if (this.#doubts.size > 0) this.#settleDoubts(batch);
  }

  /** Gives a device's answer to its flight; false when nobody waits for it. */
  acknowledged(ack: CommandAck): boolean {
    const flights = this.#inTheAir();
    const flight =
      ack.correlationId === undefined
        ? flights[0]
        : flights.find(({ plan }) => plan.correlationId === ack.correlationId);
    if (flight !== undefined) {
      flight.answered(ack);
      return true;
    }
    const late = this.#late.find(({ plan }) => plan.correlationId === ack.correlationId);
    if (late === undefined) return false;
    const said = ack.accepted ? "accepted" : `refused (${ack.reason ?? "no reason given"})`;
    if (!ack.accepted || late.plan.proof === undefined) this.#late = this.#late.filter((other) => other !== late);
    this.#onLate(late, `${this.device} ${said} ${late.plan.action} after it was given up`);
    return true;
  }

  /** The device went silent: what waits will not be proved any more. */
  lost(reason: string): void {
    for (const hold of this.holds) {
      hold.cancel({
        code: hold.hasLeft ? "command-unconfirmed" : "device-offline",
        addCause: AddCause.abortionByCommunicationLoss,
        reason: `${this.device} was lost while ${hold.action} was under way (${reason})`,
      });
    }
  }

  #landed(flight: Flight, { result }: Landing): void {
    const { proof, timeoutMs } = flight.plan;
    if (result === "confirmed" && proof !== undefined) this.#doubts.delete(proof.spec.index);
    if (result !== "unconfirmed") return;
    this.#late = [...this.#late, flight].slice(-maxLate);
    if (proof !== undefined) this.#doubts.set(proof.spec.index, flight.sentElapsed + timeoutMs);
  }

  #inTheAir(): Flight[] {
    const flights: Flight[] = [];
    for (const { flight } of this.holds) if (flight !== undefined && !flight.isOver) flights.push(flight);
    return flights;
  }

  #observeLate(batch: SampleBatch): void {
    for (const flight of this.#late) {
      for (let i = 0; i < batch.size; i += 1) {
        if (!flight.isProvenBy(batch, i)) continue;
        this.#late = this.#late.filter((other) => other !== flight);
        this.#onLate(flight, `${flight.expectation} after it was given up`);
        break;
      }
    }
  }

  #settleDoubts(batch: SampleBatch): void {
    const now = this.#time.elapsed();
    for (let i = 0; i < batch.size; i += 1) {
      const until = this.#doubts.get(batch.parameters[i] ?? -1);
      if (until !== undefined && now >= until) this.#doubts.delete(batch.parameters[i] ?? -1);
    }
  }

  /** A newer message about the same parameter: what is seen of it from now on is no answer to an older one. */
  #forget(spec: ParameterSpec): void {
    this.#late = this.#late.filter(({ plan }) => plan.proof?.spec !== spec);
  }
}

/** The right to send to a device, until disposed. */
export class Hold implements Disposable {
  readonly action: string;
  readonly isTrip: boolean;
  readonly isWrite: boolean;
  readonly #lane: Lane;
  flight: Flight | undefined;
  #cancellation: Cancellation | undefined;
  #messages = 0;

  constructor(lane: Lane, about: { readonly action: string; readonly isTrip: boolean; readonly isWrite: boolean }) {
    this.#lane = lane;
    this.action = about.action;
    this.isTrip = about.isTrip;
    this.isWrite = about.isWrite;
  }

  get cancellation(): Cancellation | undefined {
    return this.#cancellation;
  }

  /** True when a message is out and not settled. */
  get hasLeft(): boolean {
    return this.flight !== undefined && !this.flight.isOver && this.flight.hasLeft;
  }

  /** Sends one message and waits for its end; a hold that was cancelled sends nothing. */
  fly(plan: FlightPlan, holdsAlready: boolean): Promise<Landing> {
    if (this.#cancellation !== undefined) return Promise.resolve(notSent(this.#cancellation));
    const flight = this.#lane.fly(plan, holdsAlready);
    this.flight = flight;
    flight.start();
    return flight.landed;
  }

  isCertain(spec: ParameterSpec): boolean {
    return this.#lane.isCertain(spec);
  }

  /** No further message; one in the air is given up. */
  cancel(cancellation: Cancellation): void {
    this.#cancellation ??= cancellation;
    const { code, addCause, reason } = cancellation;
    this.flight?.giveUp(code, addCause, reason);
  }

  /** Goes on after a cancellation, for what must be undone: behind the trip that cancelled it. */
  async resume(): Promise<void> {
    if (this.#cancellation === undefined) return;
    await this.#lane.alone();
    this.#cancellation = undefined;
  }

  /** Names the next message: the first like its command, further ones with a number. */
  nextCorrelationId(commandId: string): string {
    this.#messages += 1;
    return this.#messages === 1 ? commandId : `${commandId}.${this.#messages}`;
  }

  [Symbol.dispose](): void {
    this.#lane.leave(this);
  }
}

/** How a message ends that was never sent. */
export function notSent({ code, addCause, reason }: Cancellation): Landing {
  return { result: "not-sent", code, addCause, evidence: `${reason}: not sent` };
}
