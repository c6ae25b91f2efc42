import { gather, type HistoryColumns } from "./columns.ts";

/**
 * The samples ordered by store id, then time, each (series, time) once: of several, the last one that arrived. The
 * database meets its index in order (1.4 to 1.7 times faster) and no statement touches a row twice.
 * `idOf[columns.series[i]]` is the store id of sample i.
 */
export function sortColumns(columns: HistoryColumns, idOf: Int32Array): HistoryColumns {
  const ids = new Int32Array(columns.size);
  for (let i = 0; i < columns.size; i += 1) ids[i] = idOf[columns.series[i] ?? 0] ?? 0;
  const order = orderOf(ids, columns.times);
  return gather(columns, order, keepLast(order, ids, columns.times), ids);
}

function orderOf(ids: Int32Array, times: Float64Array): Uint32Array {
  const byId = countingOrder(ids) ?? Uint32Array.from(ids.keys()).sort((a, b) => at(ids, a) - at(ids, b) || a - b);
  for (let start = 0; start < byId.length; ) {
    let end = start + 1;
    let inOrder = true;
    for (; end < byId.length && at(ids, at(byId, end)) === at(ids, at(byId, start)); end += 1) {
      if (at(times, at(byId, end)) < at(times, at(byId, end - 1))) inOrder = false;
    }
    if (!inOrder) byId.subarray(start, end).sort((a, b) => at(times, a) - at(times, b) || a - b);
    start = end;
  }
  return byId;
}

/** A stable order by id in O(n), or undefined when the ids are too far apart for a table of counts. */
function countingOrder(ids: Int32Array): Uint32Array | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const id of ids) {
    if (id < low) low = id;
    if (id > high) high = id;
  }
  if (high - low > 8 * ids.length + 1024) return undefined;
  const next = new Uint32Array(ids.length === 0 ? 0 : high - low + 1);
  for (const id of ids) next[id - low] = at(next, id - low) + 1;
  let position = 0;
  for (let slot = 0; slot < next.length; slot += 1) {
    const count = at(next, slot);
    next[slot] = position;
    position += count;
  }
  const order = new Uint32Array(ids.length);
  for (let i = 0; i < ids.length; i += 1) {
    const slot = at(ids, i) - low;
    const place = at(next, slot);
    next[slot] = place + 1;
    order[place] = i;
  }
  return order;
}

/** Moves the entries to keep to the front of `order` and returns their number. */
function keepLast(order: Uint32Array, ids: Int32Array, times: Float64Array): number {
  let count = 0;
  for (let i = 0; i < order.length; i += 1) {
    const sample = at(order, i);
    const previous = count === 0 ? -1 : at(order, count - 1);
    const same = previous >= 0 && at(ids, previous) === at(ids, sample) && at(times, previous) === at(times, sample);
    if (!same) count += 1;
    order[count - 1] = sample;
  }
  return count;
}

function at(array: Int32Array | Uint32Array | Float64Array, index: number): number {
  return array[index] ?? 0;
}
