import { BrokerConnection, type BrokerConnectionOptions, type BrokerUser } from "./broker-connection.ts";
import type { OutgoingMessage, Subscription } from "./broker-session.ts";

/** What a protocol sees of its broker connection, be it its own or one that it shares. */
export interface BrokerLink {
  readonly isUp: boolean;
  /** One sentence: the address and, when not connected, why. */
  readonly detail: string;
  /** Epoch ms of the next attempt to connect; undefined when none is planned. */
  readonly nextAttemptAt: number | undefined;
  /** Begins the first attempt; does nothing when started already. */
  start(): void;
  /** Sends a message; throws `command-not-sent` when the connection is down or lost before the broker had it. */
  publish(message: OutgoingMessage): Promise<void>;
  /** Adds subscriptions to the running session; the greeting must repeat them on the next one. */
  subscribe(subscriptions: readonly Subscription[]): Promise<void>;
  /** Ends it for this user; bounded to about a second. */
  stop(): Promise<void>;
}

/** How a protocol gets its link; called once. */
export type OpenLink = (user: BrokerUser) => BrokerLink;

/** A connection that one protocol has for itself. */
export function ownLink(options: Omit<BrokerConnectionOptions, "user">): OpenLink {
  return (user) => new BrokerConnection({ ...options, user });
}
