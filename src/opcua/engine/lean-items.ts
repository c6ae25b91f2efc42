import { DataValue, MonitoredItem } from "node-opcua";
import { isPlain } from "./lean-notifications.ts";
import { isLive } from "./live-variable.ts";

/** The parts of node-opcua's MonitoredItem that are not in its public types (2.186.4). */
interface ItemInternals {
  readonly node: unknown;
  oldDataValue: DataValue;
  [lastTold]?: DataValue;
  _enqueue_value(dataValue: DataValue): void;
  _makeDataChangeNotification(dataValue: DataValue): unknown;
  _enqueue_notification(notification: unknown): void;
}

const lastTold = Symbol("the value that the next one is compared with");

let installed = false;

/**
 * Lets an item on a fleet-fed variable write the last told value over the one before. node-opcua keeps a clone of each: it
 * lives until the next change, long enough to be moved to the old generation, and at 50,000 notifications a second a heap of
 * a gigabyte is then searched for garbage every few seconds. Affects every server of the process; values that are no plain
 * scalars go the stock way.
 */
export function installLeanItems(): void {
  if (installed) return;
  installed = true;
  const prototype = MonitoredItem.prototype as unknown as ItemInternals;
  const { _enqueue_value: stock } = prototype;
  prototype._enqueue_value = function (dataValue) {
    if (!isLive(this.node) || !isPlain(dataValue) || dataValue.statusCode.hasSemanticChangedBit) {
      stock.call(this, dataValue);
      return;
    }
    this[lastTold] ??= new DataValue(null);
    copy(dataValue, this[lastTold]);
    this.oldDataValue = this[lastTold];
    // It shares the Variant of `dataValue`, which was made for this change and which nobody writes again.
    this._enqueue_notification(this._makeDataChangeNotification(dataValue));
  };
}

function copy(from: DataValue, to: DataValue): void {
  to.value.dataType = from.value.dataType;
  to.value.value = from.value.value as unknown;
  to.statusCode = from.statusCode;
  to.sourceTimestamp = from.sourceTimestamp;
  to.sourcePicoseconds = from.sourcePicoseconds;
  to.serverTimestamp = from.serverTimestamp;
  to.serverPicoseconds = from.serverPicoseconds;
}
