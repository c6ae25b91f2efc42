import {
  type DataType,
  DataValue,
  type ISessionContext,
  type NumericRange,
  type StatusCode,
  type UAVariable,
} from "node-opcua";

/** The parts of node-opcua's UAVariableImpl that are not in its public types (2.186.4). */
interface VariableInternals {
  $dataValue: DataValue;
  [liveMark]?: true;
  readValue(context?: ISessionContext | null, indexRange?: NumericRange, dataEncoding?: unknown): DataValue;
}

const liveMark = Symbol("fed by the fleet");

/** What a variable shall show now; `value` is undefined where there is none. */
export interface LiveUpdate {
  readonly dataType: DataType;
  readonly value: unknown;
  readonly status: StatusCode;
  readonly sourceTime: Date | null;
  readonly serverTime: Date | null;
}

const nullType: DataType = 0;

/** Marks a variable as fed by the fleet: its monitored items follow changes instead of a timer. */
export function makeLive(variable: UAVariable): void {
  const internals = internalsOf(variable);
  internals[liveMark] = true;
  internals.readValue = readCopy;
}

export function isLive(node: unknown): boolean {
  return typeof node === "object" && node !== null && liveMark in node;
}

/**
 * Shows a new value: in place while nobody watches (0.02 us, no garbage), as a new DataValue with a change notification
 * when somebody does. Assumes that the type was checked by the caller.
 */
export function updateLive(variable: UAVariable, update: LiveUpdate): void {
  const internals = internalsOf(variable);
  if (variable.listenerCount("value_changed") === 0) {
    fill(internals.$dataValue, update);
    return;
  }
  const next = new DataValue(null);
  fill(next, update);
  internals.$dataValue = next;
  variable.emit("value_changed", next);
}

function fill(dataValue: DataValue, update: LiveUpdate): void {
  const { value: variant } = dataValue;
  variant.dataType = update.value === undefined ? nullType : update.dataType;
  variant.value = update.value ?? null;
  dataValue.statusCode = update.status;
  dataValue.sourceTimestamp = update.sourceTime;
  dataValue.sourcePicoseconds = 0;
  dataValue.serverTimestamp = update.serverTime;
  dataValue.serverPicoseconds = 0;
}

/**
 * node-opcua hands out the variable's own DataValue when its status is not Good, and the Read service then strips
 * timestamps from it; a copy keeps the node intact.
 */
function readCopy(
  this: UAVariable,
  context?: ISessionContext | null,
  indexRange?: NumericRange,
  dataEncoding?: unknown,
): DataValue {
  const prototype = Object.getPrototypeOf(this) as VariableInternals;
  const dataValue = prototype.readValue.call(this, context, indexRange, dataEncoding);
  return dataValue === internalsOf(this).$dataValue ? dataValue.clone() : dataValue;
}

function internalsOf(variable: UAVariable): VariableInternals {
  return variable as unknown as VariableInternals;
}
