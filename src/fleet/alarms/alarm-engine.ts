import type { Device } from "#fleet/device.ts";
import type { LiveValues } from "#fleet/live-values.ts";
import type { SampleSink } from "#fleet/ports.ts";
import type { Clock } from "#lib/clock.ts";
import type { AlarmSpec } from "#model/alarm-spec.ts";
import { type AlarmState, isRetained } from "#model/alarm-state.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { EpochMs } from "#model/ids.ts";
import { Quality, type QualityCode } from "#model/quality.ts";
import { type SampleBatch, SampleFlag } from "#model/sample-batch.ts";
import { AlarmColumn } from "./alarm-column.ts";
import { alarmMessage } from "./alarm-message.ts";
import { activated, causeGone, dissolved, isNormal, type StatePatch } from "./alarm-states.ts";
import type { Change, ConditionRef, Place } from "./condition-ref.ts";
import { Deadlines } from "./deadlines.ts";
import { ExternalTrigger } from "./external-trigger.ts";
import type { EventKind } from "./ports.ts";
import { Situation, type Trigger } from "./trigger.ts";
import { TypeAlarms } from "./type-alarms.ts";

export interface EngineParts {
  readonly live: LiveValues;
  readonly clock: Clock;
  /** Milliseconds of a clock that is never set. */
  readonly elapsed: () => number;
  /** 32 hexadecimal digits, never the same twice. */
  readonly newEventId: () => string;
  /** What the last run knew of a condition; asked once when its device comes. */
  readonly restored: (condition: ConditionRef) => AlarmState | undefined;
  /** A condition is as the last run left it. */
  readonly onRestored: (condition: ConditionRef, state: AlarmState) => void;
  readonly onChange: (change: Change) => void;
  /** A condition began to chatter, or became quiet. */
  readonly onChatter: (condition: ConditionRef, isChattering: boolean) => void;
}

/** An alarm that becomes active more often than this within a minute chatters: it is held until it has been quiet. */
export const chatterLimit = { onsets: 10, withinMs: 60_000, quietMs: 60_000 } as const;

const maxRows = 2 ** 20;

/**
 * Decides which alarms are active: one condition for each rule on each device, evaluated when an input changed or a delay
 * is over. Inputs that are Bad neither raise nor clear.
 */
export class AlarmEngine implements SampleSink {
  readonly situation: Situation;
  readonly #parts: EngineParts;
  readonly #types = new Map<DevicePackage | undefined, TypeAlarms>();
  readonly #places = new Map<Device | undefined, Place>();
  readonly #columns = new Map<number, ConditionColumn>();
  readonly #retained = new Set<number>();
  readonly #deadlines: Deadlines;
  readonly #touched: AlarmColumn[] = [];
  #nextColumn = 1;
  #pass = 0;
  /** Evaluations since the start, for those who want to know the load. */
  evaluations = 0;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.situation = new Situation(parts.live);
    const { clock, elapsed } = parts;
    this.#deadlines = new Deadlines({ clock, elapsed, due: (key) => this.#due(key) });
  }

  /** The alarms of a type, undefined for the host's own; made when they are not there yet. */
  typeOf(pkg: DevicePackage | undefined): TypeAlarms {
    const known = this.#types.get(pkg);
    if (known !== undefined) return known;
    const type = new TypeAlarms(pkg);
    this.#types.set(pkg, type);
    return type;
  }

  types(): IterableIterator<TypeAlarms> {
    return this.#types.values();
  }

  /** Adds a rule to a type; `trigger` undefined = it is set from outside. Devices that are there get it at once. */
  addRule(type: TypeAlarms, spec: AlarmSpec, trigger: Trigger = new ExternalTrigger(this.situation)): AlarmColumn {
    const column = new AlarmColumn(this.#nextColumn, spec, trigger);
    this.#nextColumn += 1;
    this.#columns.set(column.number, { type, column });
    type.addColumn(column);
    for (let row = 0; row < type.devices.length; row += 1) {
      const condition = { type, row, column };
      if (this.#isOpen(condition)) this.#take(condition, this.#parts.clock.now());
    }
    return column;
  }

  /** Takes a rule away; alarms of it that stand are cleared first. */
  removeRule(type: TypeAlarms, column: AlarmColumn): void {
    const at = this.#parts.clock.now();
    for (let row = 0; row < type.devices.length; row += 1) {
      const condition = { type, row, column };
      if (!isNormal(column.stateAt(row))) this.change(condition, "cleared", { ...dissolved, clearedAt: at }, { at });
      this.#retained.delete(keyOf(condition));
    }
    type.removeColumn(column);
    this.#columns.delete(column.number);
  }

  /** Opens the conditions of a device, or of the host. */
  open(device: Device | undefined): Place {
    const known = this.#places.get(device);
    if (known !== undefined) return known;
    const type = this.typeOf(device?.package);
    const place: Place = { type, row: type.open(device) };
    this.#places.set(device, place);
    const at = this.#parts.clock.now();
    for (const column of type.columns) this.#take({ ...place, column }, at);
    return place;
  }

  /** The device is gone, and its conditions with it. */
  close(device: Device): void {
    const place = this.#places.get(device);
    if (place === undefined) return;
    for (const column of place.type.columns) this.#retained.delete(keyOf({ ...place, column }));
    this.#places.delete(device);
    place.type.close(place.row);
  }

  placeOf(device: Device | undefined): Place | undefined {
    return this.#places.get(device);
  }

  find(device: Device | undefined, name: string): ConditionRef | undefined {
    const place = this.#places.get(device);
    const column = place?.type.columnByName.get(name);
    return place === undefined || column === undefined ? undefined : { ...place, column };
  }

  *retained(): IterableIterator<ConditionRef> {
    for (const key of this.#retained) {
      const condition = this.#conditionOf(key);
      if (condition !== undefined) yield condition;
    }
  }

  accept(device: Device, batch: SampleBatch): void {
    const place = this.#places.get(device);
    if (place === undefined) return;
    const { type, row } = place;
    this.#begin(batch.receivedAt);
    this.#enter(place);
    this.#pass += 1;
    const touched = this.#touched;
    touched.length = 0;
    let at = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < batch.size; i += 1) {
      if (((batch.flags[i] ?? 0) & SampleFlag.historical) !== 0) continue;
      const parameter = batch.parameters[i] ?? 0;
      const readers = type.readers[parameter];
      if (readers === undefined) continue;
      const hasChanged = type.changed(row, parameter, this.#parts.live);
      for (const column of readers) {
        const { trigger } = column;
        trigger.sample?.(batch, i);
        if (column.pass === this.#pass || !(hasChanged || trigger.sample !== undefined)) continue;
        column.pass = this.#pass;
        touched.push(column);
      }
      at = Math.max(at, batch.times[i] ?? at);
    }
    for (const column of touched) this.#evaluate({ type, row, column }, at);
  }

  /** Says that a condition without an expression holds, or no longer does. */
  tell(condition: ConditionRef, holds: boolean, about: { readonly at: EpochMs; readonly text?: string }): void {
    const { trigger } = condition.column;
    if (!(trigger instanceof ExternalTrigger)) return;
    trigger.set(condition.row, holds, about.text);
    this.#begin(this.#parts.clock.now());
    this.#evaluate(condition, about.at);
  }

  /** Looks at a condition again, e.g. because it was enabled. */
  reconsider(condition: ConditionRef): void {
    const now = this.#parts.clock.now();
    this.#begin(now);
    this.#evaluate(condition, now);
  }

  /** Takes over what the last run knew of a condition. */
  restore(condition: ConditionRef): void {
    const restored = this.#parts.restored(condition);
    if (restored === undefined) return;
    condition.column.setState(condition.row, restored);
    this.#note(condition, restored);
    if (restored.shelvedUntil !== undefined) this.#queueShelving(condition, restored);
    this.#parts.onRestored(condition, restored);
  }

  /** Every condition that has, or had, a state other than normal. */
  *touched(): IterableIterator<ConditionRef> {
    for (const { type, column } of this.#columns.values()) {
      for (const row of column.rowsWithState()) yield { type, column, row };
    }
  }

  /** Replaces the state of a condition and tells of it; every change of an alarm goes through here. */
  change(
    condition: ConditionRef,
    kind: EventKind,
    patch: StatePatch,
    about: { readonly at: EpochMs; readonly user?: string },
  ): void {
    const { column, row } = condition;
    const before = column.stateAt(row);
    const after: AlarmState = { ...before, ...patch, changedAt: about.at, eventId: this.#parts.newEventId() };
    column.setState(row, after);
    this.#note(condition, after);
    if (after.shelvedUntil !== undefined && after.shelvedUntil !== before.shelvedUntil)
      this.#queueShelving(condition, after);
    const receivedAt = this.#parts.clock.now();
    this.#parts.onChange({ condition, kind, before, after, receivedAt, user: about.user });
  }

  /** No delay runs any more. */
  stop(): void {
    this.#deadlines.clear();
  }

  get retainedCount(): number {
    return this.#retained.size;
  }

  #begin(now: EpochMs): void {
    this.situation.now = now;
    this.situation.time = this.#parts.elapsed();
  }

  /** Listeners may have looked at another condition meanwhile: each evaluation says anew whom it is about. */
  #enter({ type, row }: Place): Situation {
    const { situation } = this;
    const device = type.devices[row];
    situation.row = row;
    situation.device = device;
    situation.firstSlot = device?.firstSlot ?? 0;
    situation.worst = Quality.good;
    situation.recheckAt = Number.POSITIVE_INFINITY;
    return situation;
  }

  /** A condition comes into being: as the last run left it, and by what is known now. */
  #take(condition: ConditionRef, at: EpochMs): void {
    this.restore(condition);
    this.#begin(at);
    this.#evaluate(condition, at);
  }

  #note(condition: ConditionRef, state: AlarmState): void {
    if (isRetained(state)) this.#retained.add(keyOf(condition));
    else this.#retained.delete(keyOf(condition));
  }

  #evaluate(condition: ConditionRef, at: EpochMs): void {
    const { column, row } = condition;
    const state = column.stateAt(row);
    if (!state.enabled) return;
    this.evaluations += 1;
    const situation = this.#enter(condition);
    const isPresent = state.active && !state.latched;
    const wanted = isPresent ? staysPresent(column.trigger) : column.trigger.holds();
    const { worst, recheckAt } = situation;
    if (recheckAt !== Number.POSITIVE_INFINITY) this.#queue(condition, recheckAt);
    // After a restart inputs have no value yet: that says nothing about the alarm.
    const isJudged = worst !== Quality.badWaitingForInitialData;
    if (state.active && isJudged && state.quality !== worst) {
      this.change(condition, "updated", { quality: worst }, { at });
    }
    if (wanted === undefined || wanted === isPresent) {
      column.due[row] = Number.NaN;
      return;
    }
    const due = column.due[row] ?? Number.NaN;
    if (Number.isNaN(due)) {
      const delayMs = wanted ? column.spec.onDelayMs : offDelayOf(column, row);
      if (delayMs === 0) this.#turn(condition, at, worst);
      else this.#wait(condition, delayMs);
    } else if (due <= this.#parts.elapsed()) this.#turn(condition, at, worst);
    else this.#queue(condition, due);
  }

  /** The cause of an alarm has come, or has gone. */
  #turn(condition: ConditionRef, at: EpochMs, quality: QualityCode): void {
    const { column, row, type } = condition;
    const { spec } = column;
    const state = column.stateAt(row);
    column.due[row] = Number.NaN;
    if (state.active && !state.latched) {
      this.#setChattering(condition, false);
      const patch = causeGone(spec, state, at);
      this.change(condition, patch.active === false ? "cleared" : "updated", patch, { at });
      return;
    }
    this.#count(condition);
    const firstUp = type.isFirstUp(row, column);
    const message = this.#messageOf(condition);
    this.change(condition, "active", activated(spec, { at, message, quality, firstUp }), { at });
  }

  #count(condition: ConditionRef): void {
    const { column, row } = condition;
    const now = this.#parts.elapsed();
    if (now - (column.countedFrom[row] ?? 0) > chatterLimit.withinMs) {
      column.countedFrom[row] = now;
      column.onsets[row] = 0;
    }
    const onsets = (column.onsets[row] ?? 0) + 1;
    column.onsets[row] = onsets;
    if (onsets > chatterLimit.onsets) this.#setChattering(condition, true);
  }

  #setChattering(condition: ConditionRef, isChattering: boolean): void {
    const { column, row } = condition;
    if ((column.chattering[row] === 1) === isChattering) return;
    column.chattering[row] = isChattering ? 1 : 0;
    this.#parts.onChatter(condition, isChattering);
  }

  #messageOf({ column, row, type }: ConditionRef): string {
    const { spec, trigger } = column;
    const device = type.devices[row];
    const text = trigger.text?.(row) ?? spec.message;
    return device === undefined ? text : alarmMessage(text, trigger.inputs, device, this.#parts.live);
  }

  #wait(condition: ConditionRef, delayMs: number): void {
    const due = this.#parts.elapsed() + delayMs;
    condition.column.due[condition.row] = due;
    this.#queue(condition, due);
  }

  #queueShelving(condition: ConditionRef, { shelvedUntil = 0 }: AlarmState): void {
    this.#queue(condition, this.#parts.elapsed() + Math.max(1, shelvedUntil - this.#parts.clock.now()));
  }

  #queue(condition: ConditionRef, at: number): void {
    const { column, row } = condition;
    if ((column.queuedAt[row] ?? 0) <= at) return;
    column.queuedAt[row] = at;
    this.#deadlines.add(at, keyOf(condition));
  }

  #due(key: number): void {
    const condition = this.#conditionOf(key);
    // The row may have been given back since.
    if (condition === undefined || !this.#isOpen(condition)) return;
    const { column, row } = condition;
    column.queuedAt[row] = Number.POSITIVE_INFINITY;
    const now = this.#parts.clock.now();
    const state = column.stateAt(row);
    const { shelvedUntil } = state;
    if (shelvedUntil !== undefined && shelvedUntil <= now) {
      this.change(condition, "unshelved", { shelving: "unshelved", shelvedUntil: undefined }, { at: now });
    } else if (shelvedUntil !== undefined) this.#queueShelving(condition, state);
    this.#begin(now);
    this.#evaluate(condition, now);
  }

  #isOpen({ type, row }: Place): boolean {
    return type.devices[row] !== undefined || type.package === undefined;
  }

  #conditionOf(key: number): ConditionRef | undefined {
    const found = this.#columns.get(Math.floor(key / maxRows));
    return found === undefined ? undefined : { ...found, row: key % maxRows };
  }
}

interface ConditionColumn {
  readonly type: TypeAlarms;
  readonly column: AlarmColumn;
}

/** With a condition of its own for clearing, both have to agree: the cause has gone and is not there again. */
function staysPresent(trigger: Trigger): boolean | undefined {
  const holds = trigger.holds();
  if (trigger.gone === undefined) return holds;
  const gone = trigger.gone();
  if (holds === true || gone === false) return true;
  return gone === true && holds === false ? false : undefined;
}

function offDelayOf({ spec, chattering }: AlarmColumn, row: number): number {
  return chattering[row] === 1 ? Math.max(spec.offDelayMs, chatterLimit.quietMs) : spec.offDelayMs;
}

function keyOf({ column, row }: ConditionRef): number {
  return column.number * maxRows + row;
}
