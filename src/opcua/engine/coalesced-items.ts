import { type DataValue, MonitoredItem } from "node-opcua";
import { isLive } from "./live-variable.ts";

/** The parts of node-opcua's MonitoredItem that are not in its public types (2.186.4). */
interface ItemInternals {
  readonly node: unknown;
  readonly samplingInterval: number;
  _pendingDataValue: DataValue | null;
  [windowEnd]?: number;
  _on_value_changed(dataValue: DataValue): void;
  _on_value_changed_exception_based(dataValue: DataValue, indexRange?: unknown): void;
  _record_pending_value(): void;
}

const windowEnd = Symbol("until when changes are held back, in ms of performance.now()");

/** Windows that end within so many milliseconds end together. */
const stepMs = 10;

/** Items that hold a value back, by when that is to be told. */
const heldBack = new Map<number, ItemInternals[]>();

let installed = false;

/**
 * Keeps the window over which changes of an item on a fleet-fed variable are coalesced by the clock. node-opcua starts a timer
 * for every change of every item, also when nothing follows within the window: 50,000 timers a second at 50,000
 * notifications. Here only a value that is held back needs one, together with its neighbours. Affects every server of the
 * process; items on other nodes stay as they are.
 */
export function installCoalescedItems(): void {
  if (installed) return;
  installed = true;
  const prototype = MonitoredItem.prototype as unknown as ItemInternals;
  const { _on_value_changed_exception_based: stock } = prototype;
  prototype._on_value_changed_exception_based = function (dataValue, indexRange) {
    if (this.samplingInterval > 0 && isLive(this.node)) changed(this, dataValue);
    else stock.call(this, dataValue, indexRange);
  };
}

function changed(item: ItemInternals, dataValue: DataValue): void {
  const end = item[windowEnd] ?? 0;
  const now = performance.now();
  if (now < end || item._pendingDataValue !== null) {
    if (item._pendingDataValue === null) holdBack(item, end);
    item._pendingDataValue = dataValue;
    return;
  }
  item._on_value_changed(dataValue);
  item[windowEnd] = now + item.samplingInterval;
}

function holdBack(item: ItemInternals, until: number): void {
  const due = Math.ceil(until / stepMs) * stepMs;
  const others = heldBack.get(due);
  if (others !== undefined) {
    others.push(item);
    return;
  }
  heldBack.set(due, [item]);
  setTimeout(() => release(due), due - performance.now());
}

function release(due: number): void {
  const items = heldBack.get(due) ?? [];
  heldBack.delete(due);
  for (const item of items) {
    // It was told already when the item was changed or closed meanwhile.
    if (item._pendingDataValue === null) continue;
    item._record_pending_value();
    item[windowEnd] = performance.now() + item.samplingInterval;
  }
}
