import type { Audit } from "#fleet/audit.ts";
import type { Device } from "#fleet/device.ts";
import type { LiveValues } from "#fleet/live-values.ts";
import type { SampleSink } from "#fleet/ports.ts";
import type { DeviceRegistry } from "#fleet/registry.ts";
import type { Clock } from "#lib/clock.ts";
import type { AlarmState } from "#model/alarm-state.ts";
import type { DevicePackage } from "#model/device-package.ts";
import { HostError } from "#model/errors.ts";
import { AlarmEngine, type Change, type ConditionRef, conditionId } from "./alarm-engine.ts";
import { CurrentEvents } from "./current-events.ts";
import { expressionTrigger } from "./expression-trigger.ts";
import { OperatorActions } from "./operator-actions.ts";
import type { Alarm, AlarmActions, AlarmBoard, EventRecord } from "./ports.ts";

export interface AlarmsParts {
  readonly registry: DeviceRegistry;
  readonly live: LiveValues;
  readonly audit: Audit;
  readonly clock: Clock;
  /** Milliseconds of a clock that is never set. */
  readonly elapsed: () => number;
  /** 32 hexadecimal digits, never the same twice. */
  readonly newEventId: () => string;
}

/** All alarms of the fleet and of the host: the board that people and views look at. */
export class Alarms implements AlarmBoard {
  readonly engine: AlarmEngine;
  readonly #parts: AlarmsParts;
  readonly #actions: AlarmActions;
  readonly #current = new CurrentEvents();
  readonly #listeners: ((event: EventRecord) => void)[] = [];
  readonly #restored = new Map<string, AlarmState>();

  constructor(parts: AlarmsParts) {
    this.#parts = parts;
    const { registry, live, audit, clock, elapsed, newEventId } = parts;
    const engine = new AlarmEngine({
      live,
      clock,
      elapsed,
      newEventId,
      restored: (id) => this.#restore(id),
      onChange: (change) => this.#changed(change),
    });
    this.engine = engine;
    const isCurrentEvent = (id: string, eventId: string): boolean => this.#current.has(id, eventId);
    const conditionOf = (id: string): ConditionRef => this.#get(id);
    this.#actions = new OperatorActions({ engine, conditionOf, isCurrentEvent, audit, clock });
    registry.onChange(({ kind, device }) => {
      if (kind === "added") this.#open(device);
      else this.#close(device);
    });
  }

  /** Hears of every accepted sample. */
  get sink(): SampleSink {
    return this.engine;
  }

  find(id: string): Alarm | undefined {
    const condition = this.#find(id);
    return condition === undefined ? undefined : alarmOf(condition);
  }

  of(device: Device | undefined): readonly Alarm[] {
    const place = this.engine.placeOf(device);
    return place?.type.columns.map((column) => alarmOf({ ...place, column })) ?? [];
  }

  *retained(): IterableIterator<Alarm> {
    for (const condition of this.engine.retained()) yield alarmOf(condition);
  }

  onEvent(listener: (event: EventRecord) => void): void {
    this.#listeners.push(listener);
  }

  acknowledge: AlarmActions["acknowledge"] = (...args) => this.#actions.acknowledge(...args);
  confirm: AlarmActions["confirm"] = (...args) => this.#actions.confirm(...args);
  comment: AlarmActions["comment"] = (...args) => this.#actions.comment(...args);
  setEnabled: AlarmActions["setEnabled"] = (...args) => this.#actions.setEnabled(...args);
  shelve: AlarmActions["shelve"] = (...args) => this.#actions.shelve(...args);
  unshelve: AlarmActions["unshelve"] = (...args) => this.#actions.unshelve(...args);
  setSuppressed: AlarmActions["setSuppressed"] = (...args) => this.#actions.setSuppressed(...args);
  setOutOfService: AlarmActions["setOutOfService"] = (...args) => this.#actions.setOutOfService(...args);
  reset: AlarmActions["reset"] = (...args) => this.#actions.reset(...args);

  #open(device: Device): void {
    this.#prepare(device.package);
    this.engine.open(device);
  }

  #close(device: Device): void {
    // The device may come back, e.g. with another revision of its package: what stands about it must stand then too.
    for (const { id, state } of this.of(device)) if (state.changedAt > 0) this.#restored.set(id, state);
    this.engine.close(device);
  }

  /** Sees to it that the type of a package has its rules. */
  #prepare(pkg: DevicePackage): void {
    const type = this.engine.typeOf(pkg);
    if (type.columns.length > 0) return;
    for (const spec of pkg.alarms) {
      this.engine.addRule(type, spec, expressionTrigger(spec, pkg, this.engine.situation));
    }
  }

  #restore(id: string): AlarmState | undefined {
    const state = this.#restored.get(id);
    if (state !== undefined) this.#current.note(id, "updated", state);
    return state;
  }

  #changed({ condition, kind, after, receivedAt, user }: Change): void {
    const device = condition.type.devices[condition.row];
    const { spec } = condition.column;
    this.#current.note(conditionId(condition), kind, after);
    const { eventId, changedAt: at, severity, message } = after;
    const about = { eventId, kind, at, receivedAt, device: device?.id, name: spec.name, severity, message, user };
    this.#tell({ ...about, alarm: { spec, state: after }, fields: {} });
  }

  #tell(event: EventRecord): void {
    for (const listener of this.#listeners) listener(event);
  }

  #get(id: string): ConditionRef {
    const condition = this.#find(id);
    if (condition === undefined) {
      throw new HostError("alarm-unknown", `there is no alarm ${JSON.stringify(id.slice(0, 160))}`);
    }
    return condition;
  }

  #find(id: string): ConditionRef | undefined {
    // The name of a device holds no slash, that of a rule may.
    const slash = id.indexOf("/");
    const holder = id.slice(0, Math.max(0, slash));
    const device = this.#parts.registry.find(holder);
    if (device === undefined && holder !== "Server") return undefined;
    return this.engine.find(device, id.slice(slash + 1));
  }
}

function alarmOf(condition: ConditionRef): Alarm {
  const { type, row, column } = condition;
  return { id: conditionId(condition), device: type.devices[row], spec: column.spec, state: column.stateAt(row) };
}
