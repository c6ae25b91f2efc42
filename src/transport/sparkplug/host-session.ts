import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import { BrokerConnection, type BrokerUser } from "#transport/shared/broker-connection.ts";
import type {
  BrokerSession,
  BrokerSettings,
  Delivery,
  OpenSession,
  OutgoingMessage,
} from "#transport/shared/broker-session.ts";
import { parseState, stateMessage } from "./state-message.ts";
import { stateTopic } from "./topic.ts";

/** Whoever reads what arrives over a session. */
export interface SessionReader {
  /** Synchronous; `payload` is valid during the call only. */
  message(session: HostSession, topic: string, payload: Uint8Array): void;
  /** The session is subscribed and its STATE birth is out. */
  up(session: HostSession): void;
  lost(session: HostSession, cause: string): void;
  /** Another host application uses our host id (`isActive`), or has left it. */
  foreignHost(session: HostSession, isActive: boolean): void;
}

export interface HostSessionOptions {
  readonly hostId: string;
  readonly settings: BrokerSettings;
  /** Topic filters of the data. */
  readonly filters: readonly string[];
  readonly reader: SessionReader;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly open?: OpenSession | undefined;
}

/** The host application on one broker: its connection and its STATE duties (Sparkplug 3.0, section 5.8). */
export class HostSession implements BrokerUser {
  readonly #options: HostSessionOptions;
  readonly #connection: BrokerConnection;
  readonly #stateTopic: string;
  /** Timestamp of this session's Will and of its birth. */
  #timestamp = 0;
  #isBorn = false;
  #hasRival = false;

  constructor(options: HostSessionOptions) {
    this.#options = options;
    this.#stateTopic = stateTopic(options.hostId);
    const { clock, random, log, open } = options;
    // A host application begins every session clean (message-flow-phid-sparkplug-clean-session).
    const settings = { ...options.settings, persistent: false };
    this.#connection = new BrokerConnection({ settings, user: this, clock, random, log, open });
  }

  get isUp(): boolean {
    return this.#connection.isUp;
  }

  /** The broker's address without credentials. */
  get url(): string {
    return this.#connection.url;
  }

  get detail(): string {
    return this.#connection.detail;
  }

  get nextAttemptAt(): number | undefined {
    return this.#connection.nextAttemptAt;
  }

  start(): void {
    this.#connection.start();
  }

  /** Publishes the STATE death with the current time before it disconnects. */
  async stop(): Promise<void> {
    this.#isBorn = false;
    const { hostId, clock } = this.#options;
    await this.#connection.stop(stateMessage(hostId, { online: false, timestamp: clock.now() }));
  }

  /** Throws `command-not-sent` when not connected. */
  async publish(message: OutgoingMessage): Promise<void> {
    await this.#connection.publish(message);
  }

  will(): OutgoingMessage {
    this.#timestamp = this.#options.clock.now();
    this.#isBorn = false;
    return stateMessage(this.#options.hostId, { online: false, timestamp: this.#timestamp });
  }

  async greet(session: Pick<BrokerSession, "subscribe" | "publish">): Promise<void> {
    const filters = [this.#stateTopic, ...this.#options.filters];
    await session.subscribe(filters.map((filter) => ({ filter, qos: 1 })));
    await session.publish(this.#birth());
    this.#isBorn = true;
  }

  up(): void {
    this.#options.reader.up(this);
  }

  message(topic: string, payload: Uint8Array, delivery: Delivery): void {
    if (topic === this.#stateTopic) this.#ownState(payload, delivery);
    else this.#options.reader.message(this, topic, payload);
  }

  lost(cause: string): void {
    this.#isBorn = false;
    this.#options.reader.lost(this, cause);
  }

  #birth(): OutgoingMessage {
    return stateMessage(this.#options.hostId, { online: true, timestamp: this.#timestamp });
  }

  // A death on our topic, whoever sent it (a late Will of ours too), must be corrected at once (5.8).
  #ownState(payload: Uint8Array, delivery: Delivery): void {
    const state = parseState(payload);
    if (state === undefined || !this.#isBorn) return;
    if (!state.online) {
      if (this.#hasRival) this.#rival(false);
      this.#connection.publish(this.#birth()).catch((error: unknown) => {
        this.#options.log.warn({ err: error }, "the host's STATE could not be corrected");
      });
    } else if (state.timestamp !== this.#timestamp && !delivery.retain) {
      this.#rival(true);
    }
  }

  #rival(isActive: boolean): void {
    this.#hasRival = isActive;
    this.#options.reader.foreignHost(this, isActive);
  }
}
