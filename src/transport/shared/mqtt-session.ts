import { type IClientOptions, MqttClient } from "mqtt";
import { messageOf } from "#model/errors.ts";
import type {
  BrokerSession,
  BrokerSettings,
  OpenSession,
  OutgoingMessage,
  SessionListener,
  Subscription,
} from "./broker-session.ts";
import { BrokerStream } from "./broker-stream.ts";

/**
 * Opens a session with mqtt.js. Reconnecting, resubscribing and queueing of that library stay off: each CONNECT is a new
 * client, so that its Will is fresh and nothing of an old session is replayed into a new one.
 */
export const openMqttSession: OpenSession = (settings, will, listener) => {
  try {
    return new MqttSession(settings, will, listener);
  } catch (error) {
    // A URL or protocol that is not known.
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

  constructor(settings: BrokerSettings, will: OutgoingMessage | undefined, listener: SessionListener) {
    const onMessage: SessionListener["message"] = (topic, payload, delivery) =>
      listener.message(topic, payload, delivery);
    const open = (client: MqttClient): BrokerStream => new BrokerStream(settings, client, onMessage);
    const client = new MqttClient(open, optionsOf(settings, will));
    this.#client = client;
    const { stream } = client;
    stream.on("error", (error: unknown) => {
      this.#failure ??= messageOf(error);
    });
    client.on("connect", () => {
      listener.up();
      if (stream instanceof BrokerStream) stream.admit();
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
    ...loginOf(settings),
    ...(will === undefined
      ? {}
      : { will: { topic: will.topic, payload: Buffer.from(will.payload), qos: will.qos, retain: will.retain } }),
  };
}

/** The login of the settings, else the one in the URL. */
function loginOf({ url, username, password }: BrokerSettings): Pick<IClientOptions, "username" | "password"> {
  const inUrl = new URL(url);
  const user = username ?? decodeURIComponent(inUrl.username);
  const secret = password ?? decodeURIComponent(inUrl.password);
  return { ...(user === "" ? {} : { username: user }), ...(secret === "" ? {} : { password: secret }) };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function closedSession(cause: string): BrokerSession {
  const refuse = (): Promise<never> => Promise.reject(new Error(cause));
  return { subscribe: refuse, publish: refuse, end: () => Promise.resolve(), abort: () => undefined };
}
