import type { SecureContextOptions } from "node:tls";
import { connect, type IClientOptions, type MqttClient } from "mqtt";
import { messageOf } from "#model/errors.ts";
import type {
  BrokerSession,
  BrokerSettings,
  OpenSession,
  OutgoingMessage,
  SessionListener,
  Subscription,
} from "./broker-session.ts";
import { deferAcknowledgements } from "./defer-acknowledgements.ts";

/**
 * Opens a session with mqtt.js. Reconnecting, resubscribing and queueing of that library stay off: each CONNECT is a new
 * client, so that its Will is fresh and nothing of an old session is replayed into a new one.
 */
export const openMqttSession: OpenSession = (settings, will, listener) => {
  try {
    const client = connect(settings.url, optionsOf(settings, will));
    const { acknowledgeAfter, maxUnacknowledged = 1_000 } = settings;
    if (acknowledgeAfter !== undefined) deferAcknowledgements(client, { acknowledgeAfter, maxUnacknowledged });
    return new MqttSession(client, listener);
  } catch (error) {
    // mqtt.js throws on a URL or protocol that it does not know.
    const cause = messageOf(error);
    queueMicrotask(() => listener.down(cause));
    return closedSession(cause);
  }
};

/** How long an MQTT 5 broker keeps a persistent session while we are away: a day. */
const sessionExpiryS = 86_400;

class MqttSession implements BrokerSession {
  readonly #client: MqttClient;
  #failure: string | undefined;
  #isOver = false;
  #isGathering = false;

  constructor(client: MqttClient, listener: SessionListener) {
    this.#client = client;
    client.on("connect", () => listener.up());
    client.on("message", (topic, payload, packet) => {
      if (packet.qos > 0) this.#gatherAcknowledgements();
      listener.message(topic, payload, packet);
    });
    client.on("error", (error) => {
      this.#failure ??= messageOf(error);
      // A refused CONNACK is an error without a close of its own.
      if (!client.connected) client.end(true);
    });
    client.on("disconnect", (packet) => {
      this.#failure ??= `disconnected by the broker, reason code ${packet.reasonCode ?? 0}`;
    });
    const over = (): void => {
      if (this.#isOver) return;
      this.#isOver = true;
      listener.down(this.#failure ?? "connection closed");
    };
    client.on("close", over);
    client.on("end", over);
  }

  /** One write for the PUBACKs of all messages that came in one read, instead of a system call for each. */
  #gatherAcknowledgements(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    const { stream } = this.#client;
    stream.cork();
    setImmediate(() => {
      this.#isGathering = false;
      stream.uncork();
    });
  }

  async subscribe(subscriptions: readonly Subscription[]): Promise<void> {
    const wanted = Object.fromEntries(subscriptions.map(({ filter, qos }) => [filter, { qos }]));
    await this.#client.subscribeAsync(wanted);
  }

  async publish(message: OutgoingMessage): Promise<void> {
    if (!this.#client.connected) throw new Error(this.#failure ?? "not connected");
    const payload = typeof message.payload === "string" ? message.payload : asBuffer(message.payload);
    await this.#client.publishAsync(message.topic, payload, { qos: message.qos, retain: message.retain });
  }

  async end(): Promise<void> {
    await this.#client.endAsync(false);
  }

  abort(): void {
    this.#client.stream.destroy();
    this.#client.end(true);
  }
}

function optionsOf(settings: BrokerSettings, will: OutgoingMessage | undefined): IClientOptions {
  const version = settings.protocolVersion ?? 4;
  return {
    clientId: settings.clientId,
    protocolVersion: version,
    clean: settings.persistent !== true,
    ...(version === 5
      ? { properties: { sessionExpiryInterval: settings.persistent === true ? sessionExpiryS : 0 } }
      : {}),
    keepalive: settings.keepaliveS ?? 15,
    connectTimeout: settings.connectTimeoutMs ?? 10_000,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    ...(settings.username === undefined ? {} : { username: settings.username }),
    ...(settings.password === undefined ? {} : { password: settings.password }),
    ...tlsOptionsOf(settings),
    ...(will === undefined
      ? {}
      : { will: { topic: will.topic, payload: Buffer.from(will.payload), qos: will.qos, retain: will.retain } }),
  };
}

function tlsOptionsOf({ tls }: BrokerSettings): IClientOptions & Pick<SecureContextOptions, "minVersion"> {
  return {
    rejectUnauthorized: true,
    minVersion: tls?.minVersion ?? "TLSv1.2",
    ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls?.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls?.key === undefined ? {} : { key: tls.key }),
    ...(tls?.servername === undefined ? {} : { servername: tls.servername }),
  };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function closedSession(cause: string): BrokerSession {
  const refuse = (): Promise<never> => Promise.reject(new Error(cause));
  return { subscribe: refuse, publish: refuse, end: () => Promise.resolve(), abort: () => undefined };
}
