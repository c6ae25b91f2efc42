import type { Clock } from "#lib/clock.ts";
import { AddCause, type AddCauseCode } from "#model/add-cause.ts";
import type { CommandAck, CommandResult } from "#model/command.ts";
import type { ParameterValue } from "#model/data-type.ts";
import { type ErrorCode, HostError, messageOf } from "#model/errors.ts";
import type { SampleBatch } from "#model/sample-batch.ts";
import { causeOf } from "./refusal.ts";
import { concerns, proofText, reachedValue, type StateProof } from "./state-proof.ts";

/** One message to a device and how its effect is recognised. */
export interface FlightPlan {
  /** Name of the device, for texts. */
  readonly device: string;
  readonly commandId: string;
  /** Travels with the message where the protocol carries it, and comes back in the answer. */
  readonly correlationId: string;
  /** In texts: `Trip`, `ThermalPickup`. */
  readonly action: string;
  readonly timeoutMs: number;
  /** Undefined: the device's own answer is all there is. */
  readonly proof: StateProof | undefined;
  /** Sends it; resolves when it has left the host. */
  readonly send: (signal: AbortSignal) => Promise<void>;
  /** Sends it once more after half the time without an answer. */
  readonly sendAgain: boolean;
}

/** How a flight ended; `code` is undefined when it did what it should. */
export interface Landing {
  readonly result: CommandResult;
  readonly code: ErrorCode | undefined;
  readonly addCause: AddCauseCode;
  readonly evidence: string;
  readonly cause?: unknown;
}

export interface FlightTime {
  readonly clock: Clock;
  /** Milliseconds of a clock that is never set. */
  readonly elapsed: () => number;
}

/** What was true of the device as the flight began, and who hears of its end. */
export interface Departure {
  /** The state that proves it holds already. */
  readonly holds: boolean;
  /** Nothing sent before can still change that state. */
  readonly certain: boolean;
  /** Called at once when it ended, before `landed` resolves. */
  readonly onLanding: (flight: Flight, landing: Landing) => void;
}

/** Time for a device to refuse what would change nothing. */
const refusalGraceMs = 500;
/** Wall clock and elapsed time may part by this much before the clock counts as set. */
const clockSlackMs = 50;

/** One message on its way: waits for its proof, the device's refusal or the end of its time; whatever is first counts. */
export class Flight {
  readonly plan: FlightPlan;
  readonly landed: Promise<Landing>;
  readonly sentElapsed: number;
  readonly #time: FlightTime;
  readonly #departure: Departure;
  readonly #sentAt: number;
  readonly #abort = new AbortController();
  readonly #timers: Disposable[] = [];
  readonly #land: (landing: Landing) => void;
  #landing: Landing | undefined;
  #hasLeft = false;
  #answered = false;
  #attempts = 0;
  /** The value that proved it. */
  #seen: ParameterValue | undefined;
  /** A state that held before counts only once it was seen to be another. */
  #armed: boolean;

  constructor(plan: FlightPlan, departure: Departure, time: FlightTime) {
    this.plan = plan;
    this.#departure = departure;
    this.#time = time;
    this.#sentAt = time.clock.now();
    this.sentElapsed = time.elapsed();
    this.#armed = plan.proof?.standing !== "nothing" || !departure.holds;
    const { promise, resolve } = Promise.withResolvers<Landing>();
    this.landed = promise;
    this.#land = resolve;
  }

  get isOver(): boolean {
    return this.#landing !== undefined;
  }

  /** True once the device may have received it. */
  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  start(): void {
    const { timeoutMs, sendAgain } = this.plan;
    this.#after(timeoutMs, () => this.#timeOut());
    if (sendAgain) {
      this.#after(timeoutMs / 2, () => {
        if (!this.#answered) this.#send();
      });
    }
    this.#send();
  }

  /** True when sample `i` proves that it took effect; a state reported before it was sent does not. */
  isProvenBy(batch: SampleBatch, i: number): boolean {
    const { proof } = this.plan;
    if (proof === undefined || !concerns(proof, batch, i) || !this.#isAfterSending(batch.receivedAt)) return false;
    const value = reachedValue(proof, batch, i);
    if (value === undefined) this.#armed = true;
    else if (this.#armed) this.#seen = value;
    return value !== undefined && this.#armed;
  }

  /** New samples of the device, up to the one that proves it. */
  observe(batch: SampleBatch): void {
    for (let i = 0; i < batch.size && !this.isOver; i += 1) if (this.isProvenBy(batch, i)) this.#confirmByState();
  }

  answered(ack: CommandAck): void {
    const { device, action, proof } = this.plan;
    if (!ack.accepted) {
      this.#settle({
        result: "rejected",
        code: "command-rejected",
        addCause: ack.addCause ?? AddCause.unknown,
        evidence: `${device} refused ${action}: ${ack.reason ?? "no reason given"}`,
      });
      return;
    }
    this.#answered = true;
    if (proof === undefined) {
      const evidence = `${device} answered that it did ${action}`;
      this.#settle({ result: "accepted", code: undefined, addCause: AddCause.unknown, evidence });
    } else if (this.#holdsAlready(proof, "unless-refused")) this.#confirmByState();
  }

  /** Ends the wait from outside: the device is gone, a trip came first, the host stops. */
  giveUp(code: ErrorCode, addCause: AddCauseCode, reason: string): void {
    if (this.#hasLeft) {
      this.#settle({ result: "unconfirmed", code, addCause, evidence: `${reason}: outcome unknown` });
    } else {
      this.#settle({ result: "not-sent", code, addCause, evidence: `${reason}: not sent` });
    }
  }

  /** What was seen, for the record of a late answer. */
  get expectation(): string {
    const { device, action, proof } = this.plan;
    if (proof === undefined) return `${device} answered that it did ${action}`;
    const seen = this.#seen === undefined ? proofText(proof) : `${proof.spec.name} = ${String(this.#seen)}`;
    return `${device} reported ${seen}`;
  }

  #send(): void {
    this.#attempts += 1;
    // From here on the device may get it, however the transport ends.
    this.#hasLeft = true;
    this.plan.send(this.#abort.signal).then(
      () => this.#sent(),
      (error: unknown) => {
        if (this.#attempts === 1) this.#failedToSend(error);
      },
    );
  }

  #sent(): void {
    const { proof } = this.plan;
    if (proof === undefined) return;
    if (this.#holdsAlready(proof, "proves")) this.#confirmByState();
    else if (this.#holdsAlready(proof, "unless-refused")) {
      this.#after(Math.min(refusalGraceMs, this.plan.timeoutMs / 4), () => this.#confirmByState());
    }
  }

  #holdsAlready(proof: StateProof, standing: StateProof["standing"]): boolean {
    return proof.standing === standing && this.#departure.holds && this.#departure.certain;
  }

  #failedToSend(error: unknown): void {
    const { device, action } = this.plan;
    const known = HostError.from(error);
    this.#hasLeft = false;
    this.#settle({
      result: "not-sent",
      code: known?.code ?? "command-not-sent",
      addCause: known === undefined ? AddCause.abortionByCommunicationLoss : causeOf(known),
      evidence: known?.message ?? `${action} could not be sent to ${device}: ${messageOf(error)}`,
      cause: error,
    });
  }

  #timeOut(): void {
    const { device, action, timeoutMs, proof } = this.plan;
    const expected = proof === undefined ? "its own answer" : proofText(proof);
    const sent = this.#attempts > 1 ? `, sent ${this.#attempts} times` : "";
    const answered = this.#answered ? ", though it accepted it" : "";
    this.#settle({
      result: "unconfirmed",
      code: "command-unconfirmed",
      addCause: AddCause.timeLimitOver,
      evidence: `${device} did not confirm ${action} within ${timeoutMs} ms${answered}${sent}: expected ${expected}; outcome unknown`,
    });
  }

  #confirmByState(): void {
    this.#settle({
      result: "confirmed",
      code: undefined,
      addCause: AddCause.unknown,
      evidence: this.#attempts > 1 ? `${this.expectation} (sent ${this.#attempts} times)` : this.expectation,
    });
  }

  #settle(landing: Landing): void {
    if (this.#landing !== undefined) return;
    this.#landing = landing;
    for (const timer of this.#timers) timer[Symbol.dispose]();
    this.#abort.abort();
    this.#departure.onLanding(this, landing);
    this.#land(landing);
  }

  #after(ms: number, action: () => void): void {
    this.#timers.push(this.#time.clock.after(ms, action));
  }

  /** `receivedAt` is wall time: when the clock was set since, what it was set by is taken out again. */
  #isAfterSending(receivedAt: number): boolean {
    const { clock, elapsed } = this.#time;
    const jump = clock.now() - this.#sentAt - (elapsed() - this.sentElapsed);
    return receivedAt - (Math.abs(jump) > clockSlackMs ? jump : 0) >= this.#sentAt;
  }
}
