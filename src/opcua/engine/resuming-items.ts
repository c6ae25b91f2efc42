import { type BaseNode, DataValue, MonitoredItem, type NodeId, StatusCodes } from "node-opcua";

/** The parts of node-opcua's MonitoredItem that are not in its public types (2.186.4). */
interface ItemInternals {
  _node: BaseNode | null;
  readonly monitoringMode: number;
  _on_node_disposed_listener: (() => void) | null;
  setNode(node: BaseNode): void;
  dispose(): void;
  _on_node_disposed(node: BaseNode): void;
  _close_coalesce_window(): void;
  _on_value_changed(value: DataValue): void;
  _start_sampling(recordInitialValue: boolean): void;
  _stop_sampling(): void;
}

const disabled = 0;

/** Items whose node is gone, by the text of its NodeId. */
const waiting = new Map<string, Set<ItemInternals>>();

let installed = false;

/**
 * Lets a monitored item outlive its node: it reports BadNodeIdUnknown when the node goes, and goes on when a node with the
 * same NodeId comes (OPC 10000-4, 5.13.1.1). node-opcua reports BadNodeIdInvalid and leaves the item dead, so that a client
 * would have to notice and make it again after every package upgrade. Affects every server of the process.
 */
export function installResumingItems(): void {
  if (installed) return;
  installed = true;
  const prototype = MonitoredItem.prototype as unknown as ItemInternals;
  const { dispose } = prototype;
  prototype._on_node_disposed = function (node) {
    nodeGone(this, node);
  };
  prototype.dispose = function () {
    if (waiting.size > 0 && this._node !== null) forget(this, this._node.nodeId);
    dispose.call(this);
  };
}

/** Lets items that wait for these nodes go on with them; costs one look while none waits. */
export function resumeItems(nodes: readonly BaseNode[]): void {
  if (waiting.size === 0) return;
  for (const node of nodes) {
    const key = node.nodeId.toString();
    const items = waiting.get(key);
    if (items === undefined) continue;
    waiting.delete(key);
    for (const item of items) resume(item, node);
  }
}

/** How many items wait for their node to come back. */
export function waitingItems(): number {
  let count = 0;
  for (const items of waiting.values()) count += items.size;
  return count;
}

function nodeGone(item: ItemInternals, node: BaseNode): void {
  // A value that is still held back must not be reported after this one.
  item._close_coalesce_window();
  item._on_value_changed(new DataValue({ sourceTimestamp: new Date(), statusCode: StatusCodes.BadNodeIdUnknown }));
  item._stop_sampling();
  const listener = item._on_node_disposed_listener;
  if (listener !== null) node.removeListener("dispose", listener);
  item._on_node_disposed_listener = null;
  const key = node.nodeId.toString();
  const items = waiting.get(key) ?? new Set();
  items.add(item);
  waiting.set(key, items);
}

function resume(item: ItemInternals, node: BaseNode): void {
  item._node = null;
  item.setNode(node);
  if (item.monitoringMode !== disabled) item._start_sampling(true);
}

function forget(item: ItemInternals, nodeId: NodeId): void {
  const key = nodeId.toString();
  const items = waiting.get(key);
  if (items?.delete(item) === true && items.size === 0) waiting.delete(key);
}
