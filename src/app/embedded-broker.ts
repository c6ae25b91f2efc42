import { createServer, type Server, type Socket } from "node:net";
import { callbackify } from "node:util";
import { Aedes, type Client } from "aedes";
import { HostError, messageOf } from "#model/errors.ts";
import type { BrokerUsers } from "./broker/broker-users.ts";
import { limitPackets } from "./broker/packet-limit.ts";
import type { TopicRules } from "./broker/topic-rules.ts";

export interface EmbeddedBrokerOptions {
  readonly host: string;
  readonly port: number;
  readonly users: BrokerUsers;
  readonly limits?: Partial<typeof brokerLimits>;
}

/** What clients can cost, also before they log in. */
export const brokerLimits = {
  connections: 2_000,
  /** The same as in `deploy/mosquitto`. */
  packetBytes: 1_048_576,
  /** From the connection to its CONNECT. */
  connectMs: 10_000,
};

/** An MQTT 3.1.1 broker inside the host: for demos and tests; it keeps nothing over a restart. */
export class EmbeddedBroker implements AsyncDisposable {
  readonly #aedes: Aedes;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #guests: Guests;

  private constructor(aedes: Aedes, users: BrokerUsers, limits: typeof brokerLimits) {
    this.#aedes = aedes;
    this.#guests = new Guests(aedes, users);
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      limitPackets(socket, limits.packetBytes);
      aedes.handle(socket);
    });
    this.#server.maxConnections = limits.connections;
  }

  /** Starts a broker on `host:port`. Throws `port-in-use` naming the port and its setting. */
  static async start({ host, port, users, limits = {} }: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
    const all = { ...brokerLimits, ...limits };
    const aedes = await Aedes.createBroker({ connectTimeout: all.connectMs });
    const broker = new EmbeddedBroker(aedes, users, all);
    const listening = Promise.withResolvers<void>();
    broker.#server.once("error", listening.reject);
    broker.#server.listen(port, host, listening.resolve);
    try {
      await listening.promise;
    } catch (error) {
      broker.#aedes.close();
      if (!messageOf(error).includes("EADDRINUSE")) throw error;
      throw new HostError(
        "port-in-use",
        `port ${port} for MQTT is in use by another program; choose another with FDI_HOST_MQTT_PORT or mqtt.port, or use that broker with FDI_HOST_MQTT_URL`,
        { cause: error },
      );
    }
    return broker;
  }

  /** Port it listens on (useful when 0 was asked for). */
  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** Ends the connections of these users. */
  disconnect(names: readonly string[]): void {
    this.#guests.disconnect(new Set(names));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = Promise.withResolvers<void>();
    this.#server.close(() => closed.resolve());
    this.#aedes.close(() => {
      for (const socket of this.#sockets) socket.destroy();
    });
    await closed.promise;
  }
}

interface Guest {
  readonly client: Client;
  readonly user: string;
}

/** Lets clients do what their user may; a client id in use stays with the user that has it. */
class Guests {
  readonly #users: BrokerUsers;
  readonly #byId = new Map<string, Guest>();
  readonly #rules = new WeakMap<Client, TopicRules>();

  constructor(aedes: Aedes, users: BrokerUsers) {
    this.#users = users;
    const admits = callbackify((client: Client, user: string, password: Uint8Array | undefined) =>
      this.#admits(client, user, password),
    );
    aedes.authenticate = (client, user = "", password, done) => {
      admits(client, user, password, (error, isAdmitted) => {
        const isIn = error === null && isAdmitted;
        done(isIn ? null : notAuthorized(), isIn);
      });
    };
    aedes.authorizePublish = (client, { topic }, done) => {
      const may = client === null || this.#rules.get(client)?.mayWrite(topic) === true;
      done(may ? null : new Error(`${client?.id ?? ""} may not publish ${topic}`));
    };
    aedes.authorizeSubscribe = (client, subscription, done) => {
      done(null, this.#rules.get(client)?.mayRead(subscription.topic) === true ? subscription : null);
    };
    aedes.on("clientDisconnect", (client) => {
      if (this.#byId.get(client.id)?.client === client) this.#byId.delete(client.id);
    });
  }

  disconnect(names: ReadonlySet<string>): void {
    for (const { client, user } of this.#byId.values()) {
      if (!names.has(user)) continue;
      this.#rules.delete(client);
      client.close();
    }
  }

  async #admits(client: Client, user: string, password: Uint8Array | undefined): Promise<boolean> {
    const rules = await this.#users.rulesOf(user, password);
    const owner = this.#byId.get(client.id);
    if (rules === undefined || (owner !== undefined && owner.user !== user)) return false;
    this.#rules.set(client, rules);
    this.#byId.set(client.id, { client, user });
    return true;
  }
}

/** 5 = not authorized (MQTT 3.1.1, 3.2.2.3). */
function notAuthorized(): Error & { returnCode: 5 } {
  return Object.assign(new Error("not authorized"), { returnCode: 5 as const });
}
