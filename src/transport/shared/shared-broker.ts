import { BrokerConnection, type BrokerConnectionOptions, type BrokerUser } from "./broker-connection.ts";
import type { BrokerLink } from "./broker-link.ts";
import type { BrokerSession, Delivery, Subscription } from "./broker-session.ts";

type Greeting = Pick<BrokerSession, "subscribe" | "publish">;

interface Member {
  readonly user: BrokerUser;
  isActive: boolean;
}

/**
 * One broker connection for several protocols. Each must have first topic levels of its own (`iot`, `sensors`, `lwm2m`): by
 * them messages find their protocol. Sparkplug is not among them: it needs a clean session and a Will of its own.
 */
export class SharedBroker {
  readonly #connection: BrokerConnection;
  readonly #members: Member[] = [];
  readonly #byRoot = new Map<string, Member>();

  constructor(options: Omit<BrokerConnectionOptions, "user">) {
    this.#connection = new BrokerConnection({
      ...options,
      user: {
        greet: (session) => this.#greet(session),
        message: (topic, payload, delivery) => this.#route(topic, payload, delivery),
        up: () => this.#tell((user) => user.up?.()),
        lost: (cause) => this.#tell((user) => user.lost(cause)),
      },
    });
  }

  /** Lets a protocol use the connection, which opens when the first of them starts and closes when the last stops. */
  readonly join = (user: BrokerUser): BrokerLink => {
    const member: Member = { user, isActive: false };
    this.#members.push(member);
    const connection = this.#connection;
    return {
      get isUp() {
        return member.isActive && connection.isUp;
      },
      get detail() {
        return connection.detail;
      },
      get nextAttemptAt() {
        return connection.nextAttemptAt;
      },
      start: () => this.#start(member),
      publish: (message) => connection.publish(message),
      subscribe: (subscriptions) => {
        this.#learn(member, subscriptions);
        return connection.subscribe(subscriptions);
      },
      stop: () => this.#stop(member),
    };
  };

  #start(member: Member): void {
    if (member.isActive) return;
    member.isActive = true;
    if (!this.#connection.isUp) {
      this.#connection.start();
      return;
    }
    member.user.greet(this.#sessionOf(member, this.#connection)).then(
      () => member.user.up?.(),
      (error: unknown) => member.user.lost(String(error)),
    );
  }

  async #stop(member: Member): Promise<void> {
    member.isActive = false;
    if (!this.#members.some((other) => other.isActive)) await this.#connection.stop();
  }

  async #greet(session: Greeting): Promise<void> {
    for (const member of this.#members) if (member.isActive) await member.user.greet(this.#sessionOf(member, session));
  }

  #sessionOf(member: Member, session: Greeting): Greeting {
    return {
      subscribe: (subscriptions) => {
        this.#learn(member, subscriptions);
        return session.subscribe(subscriptions);
      },
      publish: (message) => session.publish(message),
    };
  }

  #learn(member: Member, subscriptions: readonly Subscription[]): void {
    for (const { filter } of subscriptions) this.#byRoot.set(rootOf(filter), member);
  }

  #route(topic: string, payload: Uint8Array, delivery: Delivery): void {
    const member = this.#byRoot.get(rootOf(topic));
    if (member?.isActive === true) member.user.message(topic, payload, delivery);
  }

  #tell(what: (user: BrokerUser) => void): void {
    for (const member of this.#members) if (member.isActive) what(member.user);
  }
}

function rootOf(topic: string): string {
  const end = topic.indexOf("/");
  return end < 0 ? topic : topic.slice(0, end);
}
