/** Where the broker is and as whom we connect. Credentials and key material are passed in, never read here. */
export interface BrokerSettings {
  /** `mqtt://host:1883`, `mqtts://host:8883`, `ws://` or `wss://`. */
  readonly url: string;
  readonly clientId: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly tls?: BrokerTls | undefined;
  /** 4 = MQTT 3.1.1 (default), 5 = MQTT 5.0. */
  readonly protocolVersion?: 4 | 5 | undefined;
  /** Seconds between keep-alive packets; a dead peer is noticed within 1.5 times this. Default 15. */
  readonly keepaliveS?: number | undefined;
  /** Milliseconds to wait for the broker's CONNACK. Default 10,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** True: the broker keeps QoS 1 messages for us while we are away. Default false, as Sparkplug demands of a host. */
  readonly persistent?: boolean | undefined;
  /**
   * Called after each QoS 1 message was handled; the broker gets its acknowledgement when the promise resolves, e.g. once
   * the samples are on disk. Default: acknowledged at once.
   */
  readonly acknowledgeAfter?: (() => Promise<void>) | undefined;
  /** So many messages may wait for their acknowledgement; then nothing is read until half of them have it. Default 1,000. */
  readonly maxUnacknowledged?: number | undefined;
}

/** TLS material as PEM text. The broker's certificate is always verified. */
export interface BrokerTls {
  /** Default TLSv1.2. */
  readonly minVersion?: "TLSv1.2" | "TLSv1.3" | undefined;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Name expected in the broker's certificate when it differs from the host of the URL. */
  readonly servername?: string | undefined;
}

export type Qos = 0 | 1;

export interface Subscription {
  readonly filter: string;
  readonly qos: Qos;
}

export interface OutgoingMessage {
  readonly topic: string;
  readonly payload: Uint8Array | string;
  readonly qos: Qos;
  readonly retain: boolean;
}

/** What the broker did with a message on its way to us. */
export interface Delivery {
  /** True only for a message kept from before our subscription (MQTT 3.1.1, 3.3.1.3). */
  readonly retain: boolean;
  readonly dup: boolean;
  readonly qos: number;
}

/** What one session reports; `down` is called exactly once, whether or not `up` was. */
export interface SessionListener {
  up(): void;
  /** `payload` belongs to the session's read buffer: copy what outlives the call. */
  message(topic: string, payload: Uint8Array, delivery: Delivery): void;
  down(cause: string): void;
}

/** One MQTT connection from its CONNECT to its end; a reconnect is a new session. */
export interface BrokerSession {
  /** Resolves with the SUBACK; rejects when the broker refuses a filter or the session ends first. */
  subscribe(subscriptions: readonly Subscription[]): Promise<void>;
  /** Resolves when sent (QoS 0) or acknowledged by the broker (QoS 1); rejects when the session ends first. */
  publish(message: OutgoingMessage): Promise<void>;
  /** Sends DISCONNECT and closes; `down` follows. */
  end(): Promise<void>;
  /** Closes the socket without DISCONNECT, so that the broker publishes the Will; `down` follows. */
  abort(): void;
}

/** Opens a session; never throws, failures arrive as `down`. */
export type OpenSession = (
  settings: BrokerSettings,
  will: OutgoingMessage | undefined,
  listener: SessionListener,
) => BrokerSession;
