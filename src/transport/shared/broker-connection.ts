import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import { shownUrl } from "#lib/shown-url.ts";
import { HostError, messageOf } from "#model/errors.ts";
import type {
  BrokerSession,
  BrokerSettings,
  Delivery,
  OpenSession,
  OutgoingMessage,
  Subscription,
} from "./broker-session.ts";
import { openMqttSession } from "./mqtt-session.ts";

/** What a protocol does with its broker connection. All methods but `greet` are synchronous and must not throw. */
export interface BrokerUser {
  /** The Will of the next CONNECT; asked for each one. */
  will?(): OutgoingMessage;
  /**
   * Runs after each CONNACK: subscribe, then announce. The connection counts as up once it resolves; when it rejects the
   * session is closed and tried again.
   */
  greet(session: Pick<BrokerSession, "subscribe" | "publish">): Promise<void>;
  /** `payload` is valid during the call only. */
  message(topic: string, payload: Uint8Array, delivery: Delivery): void;
  /** The greeting is done: messages can be published. */
  up?(): void;
  /** A session that had got its CONNACK is over; called once for each. */
  lost(cause: string): void;
}

export interface BrokerConnectionOptions {
  readonly settings: BrokerSettings;
  readonly user: BrokerUser;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  /** Delay before the second attempt; doubles up to `maxDelayMs`, each time scaled by 0.5 to 1. Defaults 1 s and 30 s. */
  readonly minDelayMs?: number | undefined;
  readonly maxDelayMs?: number | undefined;
  readonly open?: OpenSession | undefined;
}

type Phase = "idle" | "connecting" | "greeting" | "up" | "waiting" | "stopped";

/** Keeps one MQTT connection open: reconnects by itself with jitter, with a new Will and a new greeting each time. */
export class BrokerConnection {
  readonly #options: BrokerConnectionOptions;
  readonly #open: OpenSession;
  #phase: Phase = "idle";
  #session: BrokerSession | undefined;
  #timer: Disposable | undefined;
  #failures = 0;
  #cause = "not started";
  #generation = 0;
  #nextAttemptAt = 0;

  constructor(options: BrokerConnectionOptions) {
    this.#options = options;
    this.#open = options.open ?? openMqttSession;
  }

  get isUp(): boolean {
    return this.#phase === "up";
  }

  /** Epoch ms of the next attempt; undefined when none is planned. */
  get nextAttemptAt(): number | undefined {
    return this.#phase === "waiting" ? this.#nextAttemptAt : undefined;
  }

  /** The broker's address without credentials. */
  get url(): string {
    return shownUrl(this.#options.settings.url);
  }

  /** One sentence: the address and, when not connected, why. */
  get detail(): string {
    return this.isUp ? `connected to ${this.url}` : `${this.url}: ${this.#cause}`;
  }

  /** Begins the first attempt; does nothing when started already. */
  start(): void {
    if (this.#phase === "idle") this.#connect();
  }

  /** Sends a message; throws `command-not-sent` when the connection is down or lost before the broker had it. */
  async publish(message: OutgoingMessage): Promise<void> {
    const session = this.#session;
    if (session === undefined || this.#phase !== "up") throw notSent(message.topic, this.detail);
    try {
      await session.publish(message);
    } catch (error) {
      throw notSent(message.topic, messageOf(error), error);
    }
  }

  /** Adds subscriptions to the running session; the greeting must repeat them on the next one. */
  async subscribe(subscriptions: readonly Subscription[]): Promise<void> {
    if (this.#session === undefined || this.#phase !== "up") throw new HostError("command-not-sent", this.detail);
    await this.#session.subscribe(subscriptions);
  }

  /** Publishes `farewell` if connected (waiting at most `deadlineMs`), then disconnects for good. */
  async stop(farewell?: OutgoingMessage, deadlineMs = 1000): Promise<void> {
    const wasUp = this.#phase === "up";
    const session = this.#session;
    this.#phase = "stopped";
    this.#cause = "stopped";
    this.#generation += 1;
    this.#session = undefined;
    this.#timer?.[Symbol.dispose]();
    if (session === undefined) return;
    if (wasUp && farewell !== undefined) await this.#within(deadlineMs, session.publish(farewell));
    if (wasUp) await this.#within(deadlineMs, session.end());
    else session.abort();
  }

  #connect(): void {
    this.#phase = "connecting";
    this.#cause = "connecting";
    this.#generation += 1;
    const generation = this.#generation;
    const isCurrent = (): boolean => generation === this.#generation;
    const { settings, user } = this.#options;
    this.#session = this.#open(settings, user.will?.(), {
      up: () => {
        if (isCurrent()) this.#greet(isCurrent);
      },
      message: (topic, payload, delivery) => {
        if (isCurrent()) user.message(topic, payload, delivery);
      },
      down: (cause) => {
        if (isCurrent()) this.#down(cause);
      },
    });
  }

  #greet(isCurrent: () => boolean): void {
    const session = this.#session;
    if (session === undefined) return;
    this.#phase = "greeting";
    this.#options.user.greet(session).then(
      () => {
        if (!isCurrent()) return;
        this.#phase = "up";
        this.#failures = 0;
        this.#options.log.info(this.detail);
        this.#options.user.up?.();
      },
      (error: unknown) => {
        if (!isCurrent()) return;
        session.abort();
        this.#down(messageOf(error));
      },
    );
  }

  #down(cause: string): void {
    const wasUp = this.#phase === "up" || this.#phase === "greeting";
    this.#generation += 1;
    this.#session = undefined;
    this.#phase = "waiting";
    this.#cause = cause;
    const { log, user } = this.#options;
    const delayMs = this.#nextDelay();
    this.#nextAttemptAt = this.#options.clock.now() + delayMs;
    if (wasUp || this.#failures === 1) log.warn({ retryMs: delayMs }, `${this.detail}; trying again`);
    else log.debug({ retryMs: delayMs }, `${this.detail}; trying again`);
    this.#timer = this.#options.clock.after(delayMs, () => this.#connect());
    if (wasUp) user.lost(cause);
  }

  #nextDelay(): number {
    const { minDelayMs = 1000, maxDelayMs = 30_000, random } = this.#options;
    const ceiling = Math.min(maxDelayMs, minDelayMs * 2 ** Math.min(this.#failures, 16));
    this.#failures += 1;
    // Half fixed, half random: a fleet of hosts does not come back in step.
    return Math.round(ceiling * (0.5 + random() / 2));
  }

  async #within(deadlineMs: number, work: Promise<void>): Promise<void> {
    const { promise: deadline, resolve } = Promise.withResolvers<void>();
    using _timer = this.#options.clock.after(deadlineMs, resolve);
    await Promise.race([deadline, work.catch(() => undefined)]);
  }
}

function notSent(topic: string, reason: string, cause?: unknown): HostError {
  return new HostError("command-not-sent", `${topic} was not sent: ${reason}`, { cause });
}
