import type { AlarmSpec } from "#model/alarm-spec.ts";
import type { AlarmState } from "#model/alarm-state.ts";
import { normalState } from "./alarm-states.ts";
import type { Trigger } from "./trigger.ts";

const initialRows = 16;

/**
 * One rule on all devices of a type: what is kept of each condition is a place in these columns. A state is an object only
 * while it differs from normal.
 */
export class AlarmColumn {
  /** Unique among all columns of the host. */
  readonly number: number;
  readonly spec: AlarmSpec;
  readonly trigger: Trigger;
  readonly normal: AlarmState;
  /** When a waiting change is due, on the clock that is never set; NaN = none waits. */
  due: Float64Array<ArrayBuffer> = new Float64Array(initialRows).fill(Number.NaN);
  /** Time of the earliest entry among the deadlines; infinite = none. */
  queuedAt: Float64Array<ArrayBuffer> = new Float64Array(initialRows).fill(Number.POSITIVE_INFINITY);
  /** How often it became active since `countedFrom`. */
  onsets: Uint16Array<ArrayBuffer> = new Uint16Array(initialRows);
  countedFrom: Float64Array<ArrayBuffer> = new Float64Array(initialRows).fill(Number.NEGATIVE_INFINITY);
  /** 1: toggles too often and is held active. */
  chattering: Uint8Array<ArrayBuffer> = new Uint8Array(initialRows);
  /** The last pass that evaluated it: each is evaluated once for a batch. */
  pass = 0;
  readonly #states: (AlarmState | undefined)[] = [];

  constructor(number: number, spec: AlarmSpec, trigger: Trigger) {
    this.number = number;
    this.spec = spec;
    this.trigger = trigger;
    this.normal = normalState(spec);
  }

  stateAt(row: number): AlarmState {
    return this.#states[row] ?? this.normal;
  }

  setState(row: number, state: AlarmState): void {
    this.#states[row] = state;
  }

  /** Rows that have, or had, a state other than normal. */
  *rowsWithState(): IterableIterator<number> {
    for (const [row, state] of this.#states.entries()) if (state !== undefined) yield row;
  }

  /** Makes place for a row and forgets what was there. */
  open(row: number): void {
    if (row >= this.due.length) this.#grow(Math.max(row + 1, this.due.length * 2));
    this.close(row);
  }

  close(row: number): void {
    this.#states[row] = undefined;
    this.due[row] = Number.NaN;
    this.queuedAt[row] = Number.POSITIVE_INFINITY;
    this.onsets[row] = 0;
    this.countedFrom[row] = Number.NEGATIVE_INFINITY;
    this.chattering[row] = 0;
    this.trigger.forget?.(row);
  }

  #grow(rows: number): void {
    const from = this.due.length;
    this.due = grown(this.due, new Float64Array(rows)).fill(Number.NaN, from);
    this.queuedAt = grown(this.queuedAt, new Float64Array(rows)).fill(Number.POSITIVE_INFINITY, from);
    this.onsets = grown(this.onsets, new Uint16Array(rows));
    this.countedFrom = grown(this.countedFrom, new Float64Array(rows)).fill(Number.NEGATIVE_INFINITY, from);
    this.chattering = grown(this.chattering, new Uint8Array(rows));
  }
}

type Column = Float64Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

function grown<T extends Column>(from: T, to: T): T {
  to.set(from);
  return to;
}
