import { createServer, type Server, type Socket } from "node:net";
import { Aedes, type Client } from "aedes";
import { HostError, messageOf } from "#model/errors.ts";
import type { BrokerUsers } from "./broker/broker-users.ts";
import type { TopicRules } from "./broker/topic-rules.ts";

export interface EmbeddedBrokerOptions {
  readonly host: string;
  readonly port: number;
  readonly users: BrokerUsers;
}

const maxConnections = 2_000;

/** An MQTT 3.1.1 broker inside the host: for demos and tests; it keeps nothing over a restart. */
export class EmbeddedBroker implements AsyncDisposable {
  readonly #aedes: Aedes;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(aedes: Aedes) {
    this.#aedes = aedes;
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      aedes.handle(socket);
    });
    this.#server.maxConnections = maxConnections;
  }

  /** Starts a broker on `host:port`. Throws `port-in-use` naming the port and its setting. */
  static async start({ host, port, users }: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
    const aedes = await Aedes.createBroker();
    guard(aedes, users);
    const broker = new EmbeddedBroker(aedes);
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

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = Promise.withResolvers<void>();
    this.#server.close(() => closed.resolve());
    this.#aedes.close(() => {
      for (const socket of this.#sockets) socket.destroy();
    });
    await closed.promise;
  }
}

/** Lets clients do what their user may; a client id in use stays with the user that has it. */
function guard(aedes: Aedes, users: BrokerUsers): void {
  const rules = new WeakMap<Client, TopicRules>();
  const owners = new Map<string, { readonly client: Client; readonly user: string }>();
  aedes.authenticate = (client, user = "", password, done) => {
    const allowed = users.rulesOf(user, password);
    const owner = owners.get(client.id);
    if (allowed === undefined || (owner !== undefined && owner.user !== user)) {
      // 5 = not authorized (MQTT 3.1.1, 3.2.2.3).
      done(Object.assign(new Error("not authorized"), { returnCode: 5 as const }), false);
      return;
    }
    rules.set(client, allowed);
    owners.set(client.id, { client, user });
    done(null, true);
  };
  aedes.authorizePublish = (client, { topic }, done) => {
    const may = client === null || rules.get(client)?.mayWrite(topic) === true;
    done(may ? null : new Error(`${client?.id ?? ""} may not publish ${topic}`));
  };
  aedes.authorizeSubscribe = (client, subscription, done) => {
    done(null, rules.get(client)?.mayRead(subscription.topic) === true ? subscription : null);
  };
  aedes.on("clientDisconnect", (client) => {
    if (owners.get(client.id)?.client === client) owners.delete(client.id);
  });
}
