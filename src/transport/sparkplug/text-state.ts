import {
  BrokerConnection,
  type BrokerConnectionOptions,
  type BrokerUser,
} from "#transport/shared/broker-connection.ts";
import type { BrokerSession, OutgoingMessage } from "#transport/shared/broker-session.ts";
import { textStateTopic } from "./topic.ts";

/**
 * Announces the host as Sparkplug 2.2 wants it: ONLINE and OFFLINE as text on `STATE/{hostId}`. It needs a connection of
 * its own, because a connection has one Will and that one belongs to the STATE of 3.0.
 */
export class TextState implements BrokerUser {
  readonly #hostId: string;
  readonly #connection: BrokerConnection;

  constructor(hostId: string, options: Omit<BrokerConnectionOptions, "user">) {
    this.#hostId = hostId;
    const settings = { ...options.settings, clientId: `${options.settings.clientId}-state` };
    this.#connection = new BrokerConnection({ ...options, settings, user: this });
  }

  start(): void {
    this.#connection.start();
  }

  async stop(): Promise<void> {
    await this.#connection.stop(this.#message("OFFLINE"));
  }

  will(): OutgoingMessage {
    return this.#message("OFFLINE");
  }

  async greet(session: Pick<BrokerSession, "publish">): Promise<void> {
    await session.publish(this.#message("ONLINE"));
  }

  message(): void {}

  lost(): void {}

  #message(payload: "ONLINE" | "OFFLINE"): OutgoingMessage {
    return { topic: textStateTopic(this.#hostId), payload, qos: 1, retain: true };
  }
}
