import { getHeapStatistics } from "node:v8";
import {
  type AddressSpace,
  AttributeIds,
  type BaseNode,
  EventFieldList,
  EventFilter,
  type EventFilterResult,
  type ISessionContext,
  MonitoredItem,
  type MonitoredItemCreateRequest,
  MonitoredItemCreateResult,
  MonitoredItemModifyResult,
  type MonitoringParameters,
  PermissionType,
  type StatusCode,
  StatusCodes,
  Subscription,
  type UAObject,
  type Variant,
} from "node-opcua";
import type { EventFields } from "#opcua/events/event-fields.ts";
import { type CompiledFilter, compileEventFilter, type FilterCheck } from "#opcua/events/event-filter.ts";
import type { EventTypes } from "#opcua/events/event-types.ts";
import { serverEvent, serverEventTypes } from "#opcua/events/server-event.ts";
import { EventBudget, type Gap, type HoldingItem, type HoldingSubscription } from "./event-budget.ts";
import { isObjectNode } from "./node-guards.ts";
import { type StockEventData, stockEvent } from "./stock-event.ts";

/** A monitored item for events, as far as others need it. */
export interface EventItem {
  /** The notifier; null once the item is gone. */
  readonly node: BaseNode | null;
  readonly monitoredItemId: number;
  readonly queue: readonly unknown[];
  readonly queueSize: number;
}

/** The parts of node-opcua's MonitoredItem and Subscription that are not in their public types (2.186.4). */
interface ItemInternals extends EventItem {
  readonly queue: unknown[];
  queueSize: number;
  filter: unknown;
  readonly discardOldest: boolean;
  readonly clientHandle: number;
  readonly itemToMonitor: { readonly attributeId: number } | null;
  readonly $subscription?: SubscriptionInternals;
  getSessionContext(): ISessionContext | null;
  _on_opcua_event(event: unknown): void;
  _enqueue_notification(notification: unknown): void;
  _set_parameters(parameters: MonitoringParameters): void;
  _start_sampling(recordInitialValue?: boolean): void;
  __start_sampling(recordInitialValue?: boolean): void;
  modify(stamps: unknown, parameters: MonitoringParameters): MonitoredItemModifyResult;
}
interface SubscriptionInternals extends HoldingSubscription {
  readonly monitoredItems: ReadonlyMap<number, ItemInternals>;
  readonly subscriptionDiagnostics?: { eventQueueOverflowCount: number };
  preCreateMonitoredItem(space: AddressSpace, stamps: unknown, request: MonitoredItemCreateRequest): CreatedItem;
}
interface CreatedItem {
  readonly monitoredItem?: ItemInternals;
  readonly monitoredItemCreateRequest: MonitoredItemCreateRequest;
  readonly createResult: MonitoredItemCreateResult;
}

/**
 * Lengths of event queues (OPC 10000-4, 7.21): for 0 and for 1 the client leaves it to the server. The default holds one
 * event of each device of a full fleet twice; node-opcua would hold at most 5000, fewer than a storm of trips.
 */
export const eventQueueSizes = { least: 100, forOne: 1_000, standard: 20_000, most: 20_000 } as const;

/** A field of a waiting event takes about so many bytes. */
const fieldBytes = 100;
/** Share of the heap that all waiting events of the process may take. */
const queuedShare = 1 / 8;
let budget = new EventBudget(Math.floor((getHeapStatistics().heap_size_limit * queuedShare) / fieldBytes), markGap);

/** Clauses beyond this are left to node-opcua, which refuses them by the limits in ServerCapabilities. */
const maxClauses = 1_000;

const filters = new WeakMap<EventFilter, CompiledFilter>();
const typesOf = new WeakMap<AddressSpace, EventTypes>();
const fleets = new WeakMap<AddressSpace, BaseNode>();
let installed = false;

/** An event of the host on its way to monitored items. */
class HostEvent {
  readonly fields: EventFields;

  constructor(fields: EventFields) {
    this.fields = fields;
  }
}

/**
 * Takes over what happens between an event and the queue of a monitored item: filters are checked and compiled when the
 * item is made, events need no nodes, all operators work, a queue that overflows says so (OPC 10000-4, 5.13.1.5). Affects
 * every server of the process; `types` are those of one address space. Who may not receive events of `fleet` receives none
 * of any device, whatever node he asks for them: the Server is everybody's.
 */
export function installEventItems(addressSpace: AddressSpace, types: EventTypes, fleet: BaseNode): void {
  typesOf.set(addressSpace, types);
  fleets.set(addressSpace, fleet);
  if (installed) return;
  installed = true;
  const item = MonitoredItem.prototype as unknown as ItemInternals;
  const { _enqueue_notification: enqueue, _set_parameters: setParameters, _start_sampling: start, modify } = item;
  item._on_opcua_event = receive;
  item._enqueue_notification = function (notification) {
    if (!(notification instanceof EventFieldList)) return enqueue.call(this, notification);
    if (this.queue.length >= this.queueSize) overflow(this, notification);
    else enqueue.call(this, notification);
    budget.add(this, notification.eventFields?.length ?? 0);
  };
  item._set_parameters = function (parameters) {
    setParameters.call(this, parameters);
    if (isEventItem(this)) this.queueSize = queueSizeFor(parameters.queueSize);
  };
  // node-opcua begins to listen in a later turn: what happens until then would be lost to a client that has its answer.
  item._start_sampling = function (recordInitialValue) {
    if (isEventItem(this)) this.__start_sampling(recordInitialValue);
    else start.call(this, recordInitialValue);
  };
  item.modify = function (stamps, parameters) {
    return isEventItem(this)
      ? modifyItem(this, parameters, () => modify.call(this, stamps, parameters))
      : modify.call(this, stamps, parameters);
  };
  const subscription = Subscription.prototype as unknown as SubscriptionInternals;
  const { preCreateMonitoredItem: create } = subscription;
  subscription.preCreateMonitoredItem = function (space, stamps, request) {
    const checked = checkOf(space, request);
    if (checked?.statusCode.isNotGood() === true) return refusal(request, checked);
    const created = create.call(this, space, stamps, request);
    if (checked !== undefined && created.monitoredItem !== undefined)
      created.createResult.filterResult = checked.result;
    return created;
  };
}

/** Sets how many fields of events may wait in the process, instead of an eighth of its heap. */
export function boundQueuedEvents(mostFields: number): void {
  budget = new EventBudget(mostFields, markGap);
}

/** Tells the items on these notifiers of an event. `fields` is only asked for when there are any. */
export function emitEvent(notifiers: readonly UAObject[], fields: () => EventFields): void {
  let event: HostEvent | undefined;
  for (const node of notifiers) {
    if (node.listenerCount("event") === 0) continue;
    event ??= new HostEvent(fields());
    (node.emit as (name: "event", event: unknown) => boolean).call(node, "event", event);
  }
}

/** The items for events of a subscription. */
export function eventItemsOf(subscription: object): EventItem[] {
  const { monitoredItems } = subscription as SubscriptionInternals;
  return [...monitoredItems.values()].filter(isEventItem);
}

/** Puts an event of the fleet into one item's queue if its session may receive it and its filter lets it pass. */
export function offerEvent(item: EventItem, event: EventFields): void {
  const target = item as ItemInternals;
  const filter = filterOf(target);
  if (filter?.accepts(event) === true && mayReceiveFleet(target)) enqueueFields(target, filter.select(event));
}

/** Puts an event about the item's subscription into its queue, whatever the filter says. */
export function putEvent(item: EventItem, event: EventFields): void {
  const target = item as ItemInternals;
  const filter = filterOf(target);
  if (filter !== undefined) enqueueFields(target, filter.select(event));
}

function mayReceiveFleet(item: ItemInternals): boolean {
  const context = item.getSessionContext();
  const fleet = item.node === null ? undefined : fleets.get(item.node.addressSpace as AddressSpace);
  return context === null || fleet === undefined || context.checkPermission(fleet, PermissionType.ReceiveEvents);
}

function isEventItem(item: ItemInternals): boolean {
  return item.itemToMonitor?.attributeId === attribute;
}

const attribute: number = AttributeIds.EventNotifier;

function receive(this: ItemInternals, event: unknown): void {
  if (event instanceof HostEvent) {
    offerEvent(this, event.fields);
    return;
  }
  const data = event as StockEventData;
  if (!mayReceive(this, data)) return;
  const fields = stockEvent(data);
  if (filterOf(this)?.accepts(fields) === true) putEvent(this, fields);
}

/** Audit events are not for everybody: OPC 10000-3, 8.55 (ReceiveEvents), by the event's type and by its source. */
function mayReceive(item: ItemInternals, event: StockEventData): boolean {
  const context = item.getSessionContext();
  if (context === null) return true;
  const type = event.getEventDataSource();
  if (!context.checkPermission(type, PermissionType.ReceiveEvents)) return false;
  const sourceId = event.sourceNode?.value ?? undefined;
  const source = sourceId === undefined ? null : type.addressSpace.findNode(sourceId);
  return source === null || context.checkPermission(source, PermissionType.ReceiveEvents);
}

function filterOf({ filter, node }: ItemInternals): CompiledFilter | undefined {
  if (!(filter instanceof EventFilter) || node === null) return undefined;
  const known = filters.get(filter);
  if (known !== undefined) return known;
  return check(filter, node.addressSpace as AddressSpace)?.filter;
}

/** Compiles a filter and remembers it with the filter. */
function check(filter: EventFilter, addressSpace: AddressSpace): FilterCheck | undefined {
  const types = typesOf.get(addressSpace);
  const elements = filter.whereClause?.elements ?? [];
  if (types === undefined || elements.length > maxClauses || (filter.selectClauses ?? []).length > maxClauses)
    return undefined;
  const result = compileEventFilter(filter, types);
  if (result.filter !== undefined) filters.set(filter, result.filter);
  return result;
}

function checkOf(space: AddressSpace, request: MonitoredItemCreateRequest): FilterRefusal | FilterCheck | undefined {
  const { itemToMonitor, requestedParameters } = request;
  if (itemToMonitor.attributeId !== attribute || !isObjectNode(space.findNode(itemToMonitor.nodeId))) return undefined;
  return parametersCheck(requestedParameters, space);
}

type FilterRefusal = { readonly statusCode: StatusCode; readonly result: EventFilterResult | null };

/** An item for events needs an event filter (OPC 10000-4, 7.22.3). */
function parametersCheck(
  { filter }: MonitoringParameters,
  space: AddressSpace,
): FilterRefusal | FilterCheck | undefined {
  if (filter instanceof EventFilter) return check(filter, space);
  return { statusCode: StatusCodes.BadEventFilterInvalid, result: null };
}

function refusal(request: MonitoredItemCreateRequest, { statusCode, result }: FilterRefusal): CreatedItem {
  const createResult = new MonitoredItemCreateResult({ statusCode, filterResult: result });
  return { createResult, monitoredItemCreateRequest: request };
}

function modifyItem(
  item: ItemInternals,
  parameters: MonitoringParameters,
  modify: () => MonitoredItemModifyResult,
): MonitoredItemModifyResult {
  const checked = item.node === null ? undefined : parametersCheck(parameters, item.node.addressSpace as AddressSpace);
  if (checked?.statusCode.isNotGood() === true) {
    return new MonitoredItemModifyResult({ statusCode: checked.statusCode, filterResult: checked.result });
  }
  // node-opcua asserts that a queue is not longer than its size, which the mark of an overflow makes it.
  if (item.queue.length > item.queueSize) item.queue.splice(item.discardOldest ? 1 : item.queueSize - 1, 1);
  const result = modify();
  if (checked !== undefined && result.statusCode.isGood()) result.filterResult = checked.result;
  return result;
}

function queueSizeFor(wanted: number): number {
  const { least, forOne, standard, most } = eventQueueSizes;
  if (wanted === 0) return standard;
  return wanted === 1 ? forOne : Math.min(Math.max(wanted, least), most);
}

function enqueueFields(item: ItemInternals, fields: Variant[]): void {
  item._enqueue_notification(listOf(item, fields));
}

/** Without the copies that the constructor would make of every field. */
function listOf({ clientHandle }: ItemInternals, fields: Variant[]): EventFieldList {
  const list = new EventFieldList({ clientHandle });
  list.eventFields = fields;
  return list;
}

/**
 * One event too many. The mark comes on top of the queue's length and stands where events are missing: in front when the
 * oldest are discarded, else at the end (OPC 10000-4, 5.13.1.5).
 */
function overflow(item: ItemInternals, list: EventFieldList): void {
  const { queue, queueSize, discardOldest } = item;
  const diagnostics = item.$subscription?.subscriptionDiagnostics;
  if (diagnostics !== undefined) diagnostics.eventQueueOverflowCount += 1;
  const isMarked = queue.length > queueSize;
  if (!discardOldest) {
    if (!isMarked) queue.push(overflowMark(item));
    return;
  }
  if (isMarked) queue.splice(1, 1);
  else queue[0] = overflowMark(item);
  queue.push(list);
}

/** Says in the queue that events were given up there: the server held too many. */
function markGap(item: HoldingItem, gap: Gap): void {
  const target = item as ItemInternals;
  const diagnostics = target.$subscription?.subscriptionDiagnostics;
  if (diagnostics !== undefined) diagnostics.eventQueueOverflowCount += 1;
  if (gap === "front") item.queue.unshift(overflowMark(target));
  else item.queue.push(overflowMark(target));
}

function overflowMark(item: ItemInternals): EventFieldList {
  const event = serverEvent(
    serverEventTypes.queueOverflow,
    "events were lost: the queue of this monitored item was full",
  );
  return listOf(item, filterOf(item)?.select(event) ?? []);
}
