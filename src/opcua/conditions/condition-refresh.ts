import {
  type AddressSpace,
  type CallMethodResultOptions,
  type ISessionContext,
  ServerSession,
  type StatusCode,
  StatusCodes,
  type UAObject,
  type Variant,
} from "node-opcua";
import type { Alarm, AlarmBoard } from "#fleet/alarms/ports.ts";
import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import { InternalError } from "#model/errors.ts";
import type { DeviceId } from "#model/ids.ts";
import { type EventItem, eventItemsOf, offerEvent, putEvent } from "#opcua/engine/event-items.ts";
import { isMethodNode } from "#opcua/engine/node-guards.ts";
import { isRetained } from "#opcua/events/alarm-fields.ts";
import type { EventRecords } from "#opcua/events/record-fields.ts";
import { serverEvent, serverEventTypes } from "#opcua/events/server-event.ts";

export interface ConditionRefreshParts {
  readonly board: Pick<AlarmBoard, "retained" | "find">;
  readonly records: EventRecords;
  readonly notifiersOf: (device: DeviceId | undefined) => readonly UAObject[];
  readonly clock: Clock;
  readonly log: Logger;
}

/** NodeIds of the two methods of ConditionType. */
const refreshMethods = { ConditionRefresh: "ns=0;i=3875", ConditionRefresh2: "ns=0;i=12912" } as const;

/** Events are made for this long at a time; other clients are served in between. */
const sliceMs = 10;

/** How long to wait for a full queue before looking again. */
const waitMs = 20;

/**
 * ConditionRefresh and ConditionRefresh2 (OPC 10000-9, 5.5.7 and 5.5.8): the present state of every alarm that should be
 * seen, between a start and an end event, to one subscription or one item only. However short the queue of an item is,
 * nothing is lost: the refresh waits for the client to fetch.
 */
export class ConditionRefreshes {
  readonly #parts: ConditionRefreshParts;
  /** Subscriptions with a refresh under way. */
  readonly #running = new WeakSet<object>();

  constructor(parts: ConditionRefreshParts) {
    this.#parts = parts;
  }

  /** Starts a refresh of a subscription of the calling session, or of one item of it. */
  start(context: ISessionContext, subscriptionId: number, itemId: number | undefined): StatusCode {
    const subscription = subscriptionOf(context, subscriptionId);
    if (subscription === undefined) return StatusCodes.BadSubscriptionIdInvalid;
    const all = eventItemsOf(subscription);
    const items = itemId === undefined ? all : all.filter(({ monitoredItemId }) => monitoredItemId === itemId);
    if (itemId !== undefined && items.length === 0) return StatusCodes.BadMonitoredItemIdInvalid;
    if (this.#running.has(subscription)) return StatusCodes.BadRefreshInProgress;
    this.#running.add(subscription);
    this.#refresh(items)
      .catch((error: unknown) => this.#parts.log.error({ err: error }, "a condition refresh failed"))
      .finally(() => this.#running.delete(subscription));
    return StatusCodes.Good;
  }

  async #refresh(items: readonly EventItem[]): Promise<void> {
    const { board } = this.#parts;
    const toAll = (event: ReturnType<typeof serverEvent>): void => {
      for (const item of items) if (isThere(item)) putEvent(item, event);
    };
    toAll(serverEvent(serverEventTypes.refreshStart, "refresh started"));
    // By name: an alarm may change while the refresh waits, and then its newest state is what counts.
    const ids = Array.from(board.retained(), ({ id }) => id);
    let sliceEnd = performance.now() + sliceMs;
    for (const id of ids) {
      while (items.some(isCrowded)) {
        await this.#wait(waitMs);
        sliceEnd = performance.now() + sliceMs;
      }
      if (performance.now() >= sliceEnd) {
        await this.#wait(0);
        sliceEnd = performance.now() + sliceMs;
      }
      const alarm = board.find(id);
      if (alarm !== undefined && isRetained(alarm.state)) this.#tell(alarm, items);
    }
    toAll(serverEvent(serverEventTypes.refreshEnd, "refresh ended"));
  }

  #tell(alarm: Alarm, items: readonly EventItem[]): void {
    const { records, notifiersOf } = this.#parts;
    const event = records.ofAlarm(alarm);
    const notifiers = notifiersOf(alarm.device?.id);
    for (const item of items) {
      if (notifiers.some((node) => node === item.node)) offerEvent(item, event);
    }
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#parts.clock.after(ms, resolve));
  }
}

function isThere({ node }: EventItem): boolean {
  return node !== null;
}

/** Half of a queue is left to what happens meanwhile. */
function isCrowded(item: EventItem): boolean {
  return isThere(item) && item.queue.length >= item.queueSize / 2;
}

/** A subscription of the session that calls. */
function subscriptionOf({ session }: ISessionContext, id: number): object | undefined {
  return session instanceof ServerSession ? (session.getSubscription(id) ?? undefined) : undefined;
}

/** Lets clients call the two methods on ConditionType. */
export function bindConditionRefresh(addressSpace: AddressSpace, refreshes: ConditionRefreshes): void {
  for (const nodeId of Object.values(refreshMethods)) {
    const method = addressSpace.findNode(nodeId);
    if (!isMethodNode(method)) throw new InternalError(`${nodeId} is no method`);
    method.bindMethod((inputs: Variant[], context: ISessionContext): Promise<CallMethodResultOptions> => {
      const [subscriptionId = 0, itemId] = inputs.map(({ value }) => Number(value));
      const statusCode = refreshes.start(context, subscriptionId, itemId);
      return Promise.resolve({ statusCode, outputArguments: [] });
    });
  }
}
