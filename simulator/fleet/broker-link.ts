import { performance } from "node:perf_hooks";
import { connect, type IClientOptions, type MqttClient } from "mqtt";
import type { LinkState } from "#simulator/breaker/test-bench.ts";
import type { Message } from "./outbox.ts";

export interface Will {
  readonly topic: string;
  readonly payload: Buffer;
  /** The broker keeps it for those who come later. */
  readonly retain?: boolean;
}

/** Whoever speaks over a broker connection. */
export interface LinkUser {
  readonly subscriptions: readonly string[];
  /** Asked before every CONNECT; published by the broker when the connection breaks. */
  will?(): Will;
  /** The broker has accepted the connection and the subscriptions. */
  connected(): void;
  disconnected?(): void;
  message(topic: string, payload: Uint8Array): void;
  /** Published (QoS 1) before an intentional disconnect. */
  farewell?(): Will;
}

export interface LinkOptions {
  readonly url: string;
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Called with the reason whenever a connection attempt or a connection fails. */
  readonly onTrouble: (reason: string) => void;
}

const stopTimeoutMs = 2_000;
/** A broker that is this far behind gets no more for now: devices have no memory for it either. */
const backlogBytes = 4 * 1024 * 1024;

/** Spread, so that a fleet does not come back in one instant. */
function reconnectPeriod(): number {
  return 500 + Math.floor(Math.random() * 1_000);
}

/** One broker connection that keeps reconnecting; nothing is queued while it is down. */
export class BrokerLink {
  /** Messages handed to the broker, and messages that could not be. */
  published = 0;
  shed = 0;
  readonly #options: LinkOptions;
  #user: LinkUser | undefined;
  #client: MqttClient | undefined;
  #isUp = false;
  #roundTripMs: number | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** Connects in the background and resolves after the first success. */
  start(user: LinkUser): Promise<void> {
    this.#user = user;
    const { onTrouble } = this.#options;
    const client = connect(this.#options.url, this.#connectOptions(user));
    this.#client = client;
    client.on("error", (error) => onTrouble(error.message));
    client.on("reconnect", () => Object.assign(client.options, willOf(user)));
    client.on("close", () => this.#wentDown());
    client.on("message", (topic, payload) => user.message(topic, payload));
    return new Promise((resolve) => {
      client.on("connect", () => {
        client.options.reconnectPeriod = reconnectPeriod();
        void this.#cameUp(client, user).then(resolve, (error: unknown) => onTrouble(String(error)));
      });
    });
  }

  /** Sends a message now; false when it is lost because the connection is down or far behind. */
  publish({ topic, payload, qos, retain = false }: Message): boolean {
    const client = this.#client;
    if (client?.connected !== true || client.stream.writableLength > backlogBytes) {
      this.shed += 1;
      return false;
    }
    client.publish(topic, payload, { qos, retain });
    this.published += 1;
    return true;
  }

  stateAs(name: string): LinkState {
    return { name, isUp: this.#isUp, roundTripMs: this.#roundTripMs };
  }

  /** Measures the time that the broker takes to acknowledge a message. */
  probe(): void {
    const client = this.#client;
    this.#roundTripMs = undefined;
    if (client?.connected !== true) return;
    const startMs = performance.now();
    client.publish(`fdi-sim/probe/${this.#options.clientId}`, "", { qos: 1 }, (error) => {
      if (error === null || error === undefined) this.#roundTripMs = performance.now() - startMs;
    });
  }

  /** Breaks the connection without a goodbye and stays away for `realMs`. */
  cut(realMs: number): void {
    const client = this.#client;
    if (client === undefined) return;
    client.options.reconnectPeriod = Math.max(1, Math.round(realMs));
    client.stream.destroy();
  }

  /** Says farewell, disconnects and stops reconnecting; gives up waiting for the broker after two seconds. */
  async stop(): Promise<void> {
    const client = this.#client;
    if (client === undefined) return;
    const farewell = client.connected ? this.#user?.farewell?.() : undefined;
    this.#client = undefined;
    const leave = async (): Promise<void> => {
      if (farewell !== undefined) {
        const { topic, payload, retain = false } = farewell;
        await client.publishAsync(topic, payload, { qos: 1, retain });
      }
      await client.endAsync();
    };
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, stopTimeoutMs);
    });
    const isGone = await Promise.race([
      leave().then(
        () => true,
        () => false,
      ),
      late,
    ]);
    clearTimeout(timer);
    if (isGone !== true) client.end(true);
  }

  #connectOptions(user: LinkUser): IClientOptions {
    const { clientId, username, password } = this.#options;
    return {
      clientId,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...willOf(user),
      clean: true,
      resubscribe: false,
      queueQoSZero: false,
      keepalive: 30,
      connectTimeout: 10_000,
      reconnectPeriod: reconnectPeriod(),
    };
  }

  async #cameUp(client: MqttClient, user: LinkUser): Promise<void> {
    if (user.subscriptions.length > 0) await client.subscribeAsync([...user.subscriptions], { qos: 1 });
    this.#isUp = true;
    user.connected();
  }

  #wentDown(): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#user?.disconnected?.();
  }
}

function willOf(user: LinkUser): Pick<IClientOptions, "will"> {
  const will = user.will?.();
  return will === undefined ? {} : { will: { ...will, qos: 1, retain: will.retain ?? false } };
}
