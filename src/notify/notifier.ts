import { createHash } from "node:crypto";
import type { EventRecord } from "#fleet/alarms/ports.ts";
import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import type { BrokerLink } from "#transport/shared/broker-link.ts";
import { type AlarmTextParts, alarmText } from "./alarm-text.ts";
import { Outbox, type OutboxParts } from "./outbox.ts";
import { webhookDelivery } from "./webhook.ts";

export interface WebhookReceiver {
  readonly url: string;
  readonly secret: string | undefined;
  /** 1 to 1000. */
  readonly minSeverity: number;
}

export interface NotifierParts extends AlarmTextParts {
  /** Where what waits is kept. */
  readonly folder: string;
  /** Undefined: nothing is published over MQTT. */
  readonly mqtt: { readonly link: BrokerLink; readonly topic: string } | undefined;
  readonly webhooks: readonly WebhookReceiver[];
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** Told when notifications wait; undefined when all receivers take them again. */
  readonly onTrouble: (text: string | undefined) => void;
  /** Delay before the second attempt. Default 1 s. */
  readonly minDelayMs?: number;
}

/** Tells the world outside of alarms: over MQTT and to webhooks, each from an outbox of its own. */
export class Notifier implements AsyncDisposable {
  readonly #parts: NotifierParts;
  readonly #troubles = new Map<string, string>();
  readonly #outboxes = new AsyncDisposableStack();
  #mqtt: Outbox | undefined;
  readonly #webhooks: { readonly outbox: Outbox; readonly minSeverity: number }[] = [];

  private constructor(parts: NotifierParts) {
    this.#parts = parts;
  }

  static async open(parts: NotifierParts): Promise<Notifier> {
    const notifier = new Notifier(parts);
    await notifier.#open();
    return notifier;
  }

  accept(event: EventRecord): void {
    this.#publish(event);
    this.#post(event);
  }

  /** Messages that no receiver has taken yet. */
  get waiting(): number {
    return this.#webhooks.reduce((sum, { outbox }) => sum + outbox.waiting, this.#mqtt?.waiting ?? 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#outboxes.disposeAsync();
  }

  async #open(): Promise<void> {
    const { mqtt, webhooks, clock } = this.#parts;
    if (mqtt !== undefined) {
      const { link } = mqtt;
      this.#outboxes.defer(() => link.stop());
      link.start();
      this.#mqtt = await this.#outbox("mqtt", 100, async (messages) => {
        const sent = messages.map(({ topic, body }) => link.publish({ topic, payload: body, qos: 1, retain: false }));
        const failed = (await Promise.allSettled(sent)).find(({ status }) => status === "rejected");
        if (failed?.status === "rejected") throw failed.reason;
      });
    }
    for (const { url, secret, minSeverity } of webhooks) {
      // By its address: what waits for a receiver must not go to another one when the configuration changes.
      const name = `webhook-${createHash("sha256").update(url).digest("hex").slice(0, 12)}`;
      const outbox = await this.#outbox(name, 1, webhookDelivery({ url, secret, clock }));
      this.#webhooks.push({ outbox, minSeverity });
    }
  }

  // oxlint-disable-next-line max-params -- name, size and way of one outbox
  async #outbox(name: string, batch: number, deliver: OutboxParts["deliver"]): Promise<Outbox> {
    const { folder, clock, random, log, minDelayMs } = this.#parts;
    const onTrouble = (text: string | undefined): void => this.#trouble(name, text);
    const delays = minDelayMs === undefined ? {} : { minDelayMs };
    return this.#outboxes.use(
      await Outbox.open({ folder, name, batch, deliver, clock, random, log, onTrouble, ...delays }),
    );
  }

  #publish(event: EventRecord): void {
    const { mqtt } = this.#parts;
    if (mqtt === undefined) return;
    const text = alarmText(event, "publish_alarm", this.#parts);
    if (text === undefined) return;
    this.#mqtt?.add({ id: event.eventId, topic: text.topic ?? mqtt.topic, body: text.body });
  }

  #post(event: EventRecord): void {
    if (this.#webhooks.length === 0) return;
    const text = alarmText(event, "send_notification", this.#parts);
    if (text === undefined) return;
    for (const { outbox, minSeverity } of this.#webhooks) {
      if (event.severity >= minSeverity) outbox.add({ id: event.eventId, topic: "", body: text.body });
    }
  }

  #trouble(name: string, text: string | undefined): void {
    if (text === undefined) this.#troubles.delete(name);
    else this.#troubles.set(name, text);
    this.#parts.onTrouble(this.#troubles.size === 0 ? undefined : [...this.#troubles.values()].join("; "));
  }
}
