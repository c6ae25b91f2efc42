/** A monitored item for events, as far as what waits in it goes. */
export interface HoldingItem {
  readonly monitoredItemId: number;
  readonly queue: unknown[];
  readonly discardOldest: boolean;
  readonly $subscription?: HoldingSubscription;
}

/** The parts of node-opcua's Subscription that are not in its public types (2.186.4). */
export interface HoldingSubscription {
  /** That of its session. */
  readonly publishEngine?: object | null;
  /** Notifications that left the items' queues and wait for Publish requests. */
  readonly _pending_notifications: {
    readonly size: number;
    filterOut(isOut: (entry: { readonly monitoredItemId?: number }) => boolean): number;
  };
  /** Messages that were sent and not acknowledged, for Republish; the oldest first. */
  readonly _sent_notification_messages: { readonly notificationData?: readonly object[] | null }[];
}

/** Where events of an item are missing now. */
export type Gap = "front" | "end";

/** What can be given up at once: the queue of an item, or what a subscription has taken out of its items. */
interface Holding {
  fields: number;
  /** Gives up about half of it; returns how many fields are left, as many as before when nothing can be given up. */
  readonly halve: () => number;
}

/** After a count no more is left than this share of the bound: the next one is not due at once. */
const keptShare = 0.9;
/** A mark of what is missing and one event are not halved. */
const leastQueue = 3;
/** Items are looked through when so many were added: those that are gone are forgotten. */
const itemsBetweenCounts = 1_000;

/**
 * Bounds the fields of all events that wait in a server, whatever its clients ask for and do not fetch: each of a million
 * monitored items could hold thousands of events. Beyond the bound the session that holds most gives up the longest of what
 * it holds, oldest first unless it wants to keep the oldest; `mark` puts the event of an overflow into the gap
 * (OPC 10000-4, 5.13.1.5).
 */
export class EventBudget {
  readonly #most: number;
  readonly #mark: (item: HoldingItem, gap: Gap) => void;
  /** Items that may hold something, and the fields of an event of each. */
  readonly #items = new Map<HoldingItem, number>();
  /** Subscriptions that may keep sent events, and the fields of an event of each. */
  readonly #subscriptions = new Map<HoldingSubscription, number>();
  #counted = 0;
  #added = 0;
  #countAtItems = itemsBetweenCounts;

  /** Of `most` fields of events. */
  constructor(most: number, mark: (item: HoldingItem, gap: Gap) => void) {
    this.#most = most;
    this.#mark = mark;
  }

  /** Told that an event of so many fields was put into an item's queue. */
  add(item: HoldingItem, fields: number): void {
    this.#items.set(item, Math.max(1, fields, this.#items.get(item) ?? 0));
    const { $subscription: its } = item;
    if (its !== undefined) this.#subscriptions.set(its, Math.max(1, fields, this.#subscriptions.get(its) ?? 0));
    this.#added += fields;
    // What left the queues meanwhile is unknown: it is counted only when the bound may be reached.
    if (this.#counted + this.#added > this.#most || this.#items.size > this.#countAtItems) this.#count();
  }

  /** Fields that wait now. */
  count(): number {
    return this.#sessions().reduce((sum, session) => sum + fieldsOf(session), 0);
  }

  #count(): void {
    const sessions = this.#sessions();
    let total = sessions.reduce((sum, session) => sum + fieldsOf(session), 0);
    if (total > keptShare * this.#most) total = giveUp(sessions, total, keptShare * this.#most);
    this.#counted = total;
    this.#added = 0;
    this.#countAtItems = 2 * this.#items.size + itemsBetweenCounts;
  }

  /** What each session holds; forgets items that hold nothing. */
  #sessions(): readonly (readonly Holding[])[] {
    const sessions = new Map<unknown, Holding[]>();
    const put = (subscription: HoldingSubscription | undefined, holding: Holding): void => {
      const session = subscription?.publishEngine ?? subscription;
      const others = sessions.get(session);
      if (others === undefined) sessions.set(session, [holding]);
      else others.push(holding);
    };
    const taken = new Map<HoldingSubscription, HoldingItem[]>();
    for (const [item, fields] of this.#items) {
      const { queue, $subscription: subscription } = item;
      const pending = subscription?._pending_notifications.size ?? 0;
      if (queue.length === 0 && pending === 0) this.#items.delete(item);
      if (queue.length > 0) put(subscription, this.#queueOf(item, fields));
      if (subscription === undefined || pending === 0) continue;
      const others = taken.get(subscription);
      if (others === undefined) taken.set(subscription, [item]);
      else others.push(item);
    }
    for (const [subscription, items] of taken) put(subscription, this.#pendingOf(subscription, items));
    for (const [subscription, fields] of this.#subscriptions) {
      const sent = sentOf(subscription, fields);
      if (sent.fields > 0) put(subscription, sent);
      else if (!taken.has(subscription)) this.#subscriptions.delete(subscription);
    }
    return [...sessions.values()];
  }

  #queueOf(item: HoldingItem, fields: number): Holding {
    const { queue, discardOldest } = item;
    const halve = (): number => {
      if (queue.length >= leastQueue) {
        const dropped = Math.ceil(queue.length / 2);
        queue.splice(discardOldest ? 0 : queue.length - dropped, dropped);
        this.#mark(item, discardOldest ? "front" : "end");
      }
      return queue.length * fields;
    };
    return { fields: queue.length * fields, halve };
  }

  /** Of these nothing is left: they are older than what is in the queues. */
  #pendingOf({ _pending_notifications: pending }: HoldingSubscription, items: readonly HoldingItem[]): Holding {
    const fields = Math.max(...items.map((item) => this.#items.get(item) ?? 1));
    const byId = new Map(items.map((item) => [item.monitoredItemId, item]));
    let events = 0;
    // Values wait there as well.
    pending.filterOut(({ monitoredItemId }) => {
      if (byId.has(monitoredItemId ?? -1)) events += 1;
      return false;
    });
    const halve = (): number => {
      const missing = new Set<HoldingItem>();
      pending.filterOut(({ monitoredItemId }) => {
        const item = byId.get(monitoredItemId ?? -1);
        if (item !== undefined) missing.add(item);
        return item !== undefined;
      });
      for (const item of missing) this.#mark(item, "front");
      return 0;
    };
    return { fields: events * fields, halve };
  }
}

/** What was sent is given up without a mark, as in any full retransmission queue (OPC 10000-4, 5.14.1.2). */
function sentOf(subscription: HoldingSubscription, fields: number): Holding {
  const left = (): number => fields * subscription._sent_notification_messages.reduce((sum, m) => sum + eventsIn(m), 0);
  const halve = (): number => {
    const messages = subscription._sent_notification_messages;
    messages.splice(0, Math.ceil(messages.length / 2));
    return left();
  };
  return { fields: left(), halve };
}

function eventsIn({ notificationData }: HoldingSubscription["_sent_notification_messages"][number]): number {
  let events = 0;
  for (const data of notificationData ?? []) {
    if ("events" in data && Array.isArray(data.events)) events += data.events.length;
  }
  return events;
}

/** Halves the largest holding of the session that holds most until no more than `target` fields are left; returns these. */
function giveUp(sessions: readonly (readonly Holding[])[], total: number, target: number): number {
  let left = total;
  while (left > target) {
    const session = largest(sessions, fieldsOf);
    const holding = session === undefined ? undefined : largest(session, ({ fields }) => fields);
    if (holding === undefined) break;
    const before = holding.fields;
    holding.fields = holding.halve();
    // Even the largest is no more than a mark and an event.
    if (holding.fields >= before) break;
    left -= before - holding.fields;
  }
  return left;
}

function fieldsOf(session: readonly Holding[]): number {
  return session.reduce((sum, { fields }) => sum + fields, 0);
}

function largest<T>(of: readonly T[], size: (each: T) => number): T | undefined {
  let found: T | undefined;
  let most = 0;
  for (const each of of) {
    const its = size(each);
    if (its <= most) continue;
    found = each;
    most = its;
  }
  return found;
}
