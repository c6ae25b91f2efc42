import { describe, expect, it } from "vitest";
import { EventBudget, type Gap, type HoldingItem, type HoldingSubscription } from "#opcua/engine/event-budget.ts";

const gap = "gap";

class FakeSubscription implements HoldingSubscription {
  readonly publishEngine: object;
  pending: { readonly monitoredItemId?: number }[] = [];
  readonly _sent_notification_messages: { readonly notificationData: readonly object[] }[] = [];

  constructor(publishEngine: object = {}) {
    this.publishEngine = publishEngine;
  }

  get _pending_notifications() {
    return {
      size: this.pending.length,
      filterOut: (isOut: (entry: { readonly monitoredItemId?: number }) => boolean): number => {
        const before = this.pending.length;
        this.pending = this.pending.filter((entry) => !isOut(entry));
        return before - this.pending.length;
      },
    };
  }
}

function setup(most: number) {
  const budget = new EventBudget(most, (item: HoldingItem, where: Gap) => {
    if (where === "front") item.queue.unshift(gap);
    else item.queue.push(gap);
  });
  let nextId = 1;
  const itemOf = ($subscription: FakeSubscription, discardOldest = true): HoldingItem => {
    nextId += 1;
    return { monitoredItemId: nextId, queue: [], discardOldest, $subscription };
  };
  const fill = (item: HoldingItem, events: number, fields = 1): void => {
    for (let i = 0; i < events; i += 1) {
      item.queue.push(i);
      budget.add(item, fields);
    }
  };
  return { budget, itemOf, fill };
}

describe("the budget of events that wait", () => {
  it("holds however many items a client has, and what is left is the newest, behind the mark of a gap", () => {
    const { budget, itemOf, fill } = setup(1_000);
    const subscription = new FakeSubscription();
    const items = Array.from({ length: 50 }, () => itemOf(subscription));

    for (const item of items) fill(item, 100);

    expect(budget.count()).toBeLessThanOrEqual(1_000);
    const [first] = items;
    expect(first?.queue[0]).toBe(gap);
    expect(first?.queue.at(-1)).toBe(99);
  });

  it("leaves the oldest where the client wants to keep them, and marks the end", () => {
    const { budget, itemOf, fill } = setup(100);
    const item = itemOf(new FakeSubscription(), false);

    fill(item, 101);

    expect(item.queue.slice(0, 3)).toEqual([0, 1, 2]);
    expect(item.queue.at(-1)).toBe(gap);
    expect(budget.count()).toBeLessThanOrEqual(100);
  });

  it("takes from the session that holds most, not from others", () => {
    const { itemOf, fill } = setup(1_000);
    const modest = itemOf(new FakeSubscription());
    const greedy = new FakeSubscription();
    fill(modest, 100);

    for (let i = 0; i < 40; i += 1) fill(itemOf(greedy), 60);

    expect(modest.queue).toHaveLength(100);
    expect(modest.queue[0]).toBe(0);
  });

  it("counts wide events by their fields", () => {
    const { budget, itemOf, fill } = setup(10_000);
    const item = itemOf(new FakeSubscription());

    fill(item, 30, 1_000);

    expect(item.queue.length).toBeLessThanOrEqual(10);
    expect(budget.count()).toBeLessThanOrEqual(10_000);
  });

  it("is not used up by what was fetched", () => {
    const { itemOf, fill } = setup(100);
    const item = itemOf(new FakeSubscription());

    for (let i = 0; i < 20; i += 1) {
      fill(item, 50);
      expect(item.queue).not.toContain(gap);
      item.queue.length = 0;
    }
  });

  it("holds also for what a subscription took out of its items and nobody fetches", () => {
    const { budget, itemOf, fill } = setup(1_000);
    const subscription = new FakeSubscription();
    const item = itemOf(subscription);

    for (let i = 0; i < 30; i += 1) {
      fill(item, 100);
      for (const _ of item.queue) subscription.pending.push({ monitoredItemId: item.monitoredItemId });
      subscription.pending.push({ monitoredItemId: 0 });
      item.queue.length = 0;
    }

    expect(budget.count()).toBeLessThanOrEqual(1_100);
    // Values of other items in the same subscription stay.
    expect(subscription.pending.filter(({ monitoredItemId }) => monitoredItemId === 0)).toHaveLength(30);
  });

  it("holds also for what was sent and nobody acknowledges, of which the newest stay for Republish", () => {
    const { budget, itemOf, fill } = setup(1_000);
    const subscription = new FakeSubscription();
    const item = itemOf(subscription);
    const values = { monitoredItems: [] };

    for (let i = 0; i < 50; i += 1) {
      fill(item, 100);
      subscription._sent_notification_messages.push({ notificationData: [values, { events: item.queue.splice(0) }] });
    }

    expect(budget.count()).toBeLessThanOrEqual(1_100);
    expect(subscription._sent_notification_messages.length).toBeGreaterThan(2);
    expect(item.queue).toEqual([]);
  });
});
