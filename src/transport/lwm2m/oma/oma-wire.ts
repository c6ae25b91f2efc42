import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import type { OutgoingMessage } from "#transport/shared/broker-session.ts";
import { EchoFilter } from "./echo-filter.ts";
import { encodeOmaMessage, type OmaMessage } from "./message.ts";
import type { OmaClient } from "./oma-client.ts";

export interface OmaWireOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly publish: (message: OutgoingMessage) => Promise<void>;
  /** How long an answer may take. */
  readonly answerTimeoutMs: number;
}

/** Puts messages to clients on the wire: requests with tokens of their own, and answers. */
export class OmaWire {
  readonly echo: EchoFilter;
  readonly #options: OmaWireOptions;
  #token: number;

  constructor(options: OmaWireOptions) {
    this.#options = options;
    this.echo = new EchoFilter(options.clock);
    // Far from the small numbers that clients count from.
    this.#token = 0x4000_0000 + Math.floor(options.random() * 0x2000_0000);
  }

  nextToken(): number {
    this.#token += 1;
    return this.#token;
  }

  /** Sends a request; resolves with the promise of its answer once it has left. Throws `command-not-sent`. */
  async request(
    client: OmaClient,
    message: OmaMessage,
    what: string,
  ): Promise<{ readonly answer: Promise<OmaMessage> }> {
    const token = message.token ?? this.nextToken();
    const answer = client.pending.expect(token, this.#options.answerTimeoutMs, `${what} of ${client.endpoint}`);
    // The caller may fail before it looks at the answer.
    answer.catch(() => undefined);
    await this.#publish(client, { ...message, token });
    return { answer };
  }

  /** Sends a request and waits for its answer. Throws `command-not-sent`, or `command-unconfirmed` when none comes. */
  async ask(client: OmaClient, message: OmaMessage, what: string): Promise<OmaMessage> {
    const { answer } = await this.request(client, message, what);
    return answer;
  }

  /** Answers a request, where it has a token to answer to. */
  respond(client: OmaClient, token: number | undefined, result: number): void {
    if (token === undefined) return;
    this.#publish(client, { token, result }).catch((error: unknown) => {
      this.#options.log.debug({ device: client.endpoint, err: error }, "answer not sent");
    });
  }

  async #publish(client: OmaClient, message: OmaMessage): Promise<void> {
    const payload = encodeOmaMessage(message);
    this.echo.sent(client.topic, payload);
    await this.#options.publish({ topic: client.topic, payload, qos: 1, retain: false });
  }
}
