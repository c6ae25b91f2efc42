import type {
  BrokerSession,
  BrokerSettings,
  Delivery,
  OpenSession,
  OutgoingMessage,
  SessionListener,
  Subscription,
} from "#transport/shared/broker-session.ts";

/** One session as the broker sees it. */
export interface MemorySession {
  readonly settings: BrokerSettings;
  readonly will: OutgoingMessage | undefined;
  /** What the client did, in order. */
  readonly log: string[];
  readonly subscriptions: Subscription[];
  readonly published: OutgoingMessage[];
  readonly listener: SessionListener;
  isOpen: boolean;
}

const live: Delivery = { retain: false, dup: false, qos: 0 };

/** A broker in memory: accepts or refuses sessions, records what they do and lets a test speak to them. */
export class MemoryBroker {
  readonly sessions: MemorySession[] = [];
  /** Reason to refuse connections with; undefined accepts them. */
  refusal: string | undefined;
  /** False: neither SUBACK nor PUBACK ever comes. */
  answers = true;

  readonly open: OpenSession = (settings, will, listener) => {
    const session: MemorySession = {
      settings,
      will,
      listener,
      log: [],
      subscriptions: [],
      published: [],
      isOpen: true,
    };
    this.sessions.push(session);
    queueMicrotask(() => {
      if (this.refusal !== undefined) this.#down(session, this.refusal);
      else if (session.isOpen) listener.up();
    });
    return this.#clientSide(session);
  };

  get last(): MemorySession {
    const session = this.sessions.at(-1);
    if (session === undefined) throw new Error("no session was opened");
    return session;
  }

  deliver(topic: string, payload: Uint8Array, delivery: Delivery = live): void {
    if (this.last.isOpen) this.last.listener.message(topic, payload, delivery);
  }

  /** Breaks the last session. */
  cut(cause = "connection reset"): void {
    this.#down(this.last, cause);
  }

  #down(session: MemorySession, cause: string): void {
    if (!session.isOpen) return;
    session.isOpen = false;
    session.listener.down(cause);
  }

  #clientSide(session: MemorySession): BrokerSession {
    const acknowledge = (): Promise<void> => (this.answers ? Promise.resolve() : new Promise(() => undefined));
    return {
      subscribe: (subscriptions) => {
        session.log.push(`SUBSCRIBE ${subscriptions.map(({ filter }) => filter).join(" ")}`);
        session.subscriptions.push(...subscriptions);
        return acknowledge();
      },
      publish: (message) => {
        if (!session.isOpen) return Promise.reject(new Error("closed"));
        session.log.push(`PUBLISH ${message.topic}`);
        session.published.push(message);
        return acknowledge();
      },
      end: () => {
        session.log.push("DISCONNECT");
        this.#down(session, "ended");
        return Promise.resolve();
      },
      abort: () => {
        session.log.push("ABORT");
        this.#down(session, "aborted");
      },
    };
  }
}

/** Lets promises that are already settled run their continuations. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
}
