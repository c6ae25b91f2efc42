import { RuleBook } from "#fleet/alarms/rules/rule-book.ts";
import type { Audit } from "#fleet/audit.ts";
import type { Device } from "#fleet/device.ts";
import type { LiveValues } from "#fleet/live-values.ts";
import type { DeviceEvent, SampleSink, TransportNotice } from "#fleet/ports.ts";
import type { PresenceBoard } from "#fleet/presence.ts";
import type { DeviceRegistry } from "#fleet/registry.ts";
import type { WarningBoard } from "#fleet/warning-board.ts";
import type { Clock } from "#lib/clock.ts";
import type { AlarmState } from "#model/alarm-state.ts";
import type { DevicePackage } from "#model/device-package.ts";
import { HostError } from "#model/errors.ts";
import type { EpochMs } from "#model/ids.ts";
import { AlarmEngine } from "./alarm-engine.ts";
import { dissolved, isNormal } from "./alarm-states.ts";
import { type Change, type ConditionRef, conditionId } from "./condition-ref.ts";
import { CurrentEvents } from "./current-events.ts";
import { DeviceEvents } from "./device-events.ts";
import { expressionTrigger } from "./expression-trigger.ts";
import { AlarmHealth } from "./health-board.ts";
import { OperatorActions } from "./operator-actions.ts";
import type { Alarm, AlarmActions, AlarmBoard, EventRecord, KeptAlarm } from "./ports.ts";
import { StandardAlarms } from "./standard-alarms.ts";
import type { HostMatter } from "./standard-specs.ts";

export interface AlarmsParts {
  readonly registry: DeviceRegistry;
  readonly live: LiveValues;
  readonly presence: PresenceBoard;
  readonly warnings: WarningBoard;
  readonly audit: Audit;
  readonly clock: Clock;
  /** Milliseconds of a clock that is never set. */
  readonly elapsed: () => number;
  /** 32 hexadecimal digits, never the same twice. */
  readonly newEventId: () => string;
  /** False while the host itself is cut off from the devices of that protocol. */
  readonly isReachable: (device: Device) => boolean;
  /** When the host started. */
  readonly startedAt: EpochMs;
}

/** All alarms of the fleet and of the host: the board that people and views look at. */
export class Alarms implements AlarmBoard {
  readonly engine: AlarmEngine;
  readonly health: AlarmHealth;
  readonly #registry: DeviceRegistry;
  readonly #actions: AlarmActions;
  /** The rules that people wrote. */
  readonly rules: RuleBook;
  readonly #standard: StandardAlarms;
  readonly #deviceEvents: DeviceEvents;
  readonly #current = new CurrentEvents();
  readonly #eventListeners: ((event: EventRecord) => void)[] = [];
  readonly #stateListeners: ((id: string, state: AlarmState) => void)[] = [];
  readonly #ruleListeners: ((pkg: DevicePackage | undefined) => void)[] = [];
  /** What the last run knew of conditions that are not there yet. */
  readonly #restored = new Map<string, AlarmState>();
  readonly #notices = new Map<string, string>();

  constructor(parts: AlarmsParts) {
    const { registry, audit, clock, newEventId } = parts;
    this.#registry = registry;
    const engine = new AlarmEngine({
      ...parts,
      restored: (condition) => this.#restore(condition),
      onRestored: (condition, state) => this.health.observe(condition, undefined, state),
      onChange: (change) => this.#changed(change),
      onChatter: (condition, isChattering) => this.#standard.chatter(condition, isChattering),
    });
    this.engine = engine;
    this.health = new AlarmHealth(engine, () => registry.size);
    this.#standard = new StandardAlarms({ ...parts, engine });
    this.rules = new RuleBook({ engine, audit, clock, onChange: (pkg) => this.#rulesChanged(pkg) });
    this.#deviceEvents = new DeviceEvents({ engine, clock, newEventId, tell: (event) => this.#tell(event) });
    const isCurrentEvent = (id: string, eventId: string): boolean => this.#current.has(id, eventId);
    const conditionOf = (id: string): ConditionRef => this.#get(id);
    this.#actions = new OperatorActions({ engine, conditionOf, isCurrentEvent, audit, clock });
    registry.onChange(({ kind, device, counterpart }) => {
      if (kind === "added") this.#open(device);
      else this.#close(device, counterpart !== undefined);
    });
    this.#standard.openHost();
    for (const device of registry.all()) this.#open(device);
  }

  /** Hears of every accepted sample. */
  get sink(): SampleSink {
    return this.engine;
  }

  /** Takes over what the last run knew; call it before the devices are there. */
  restore(kept: readonly KeptAlarm[]): void {
    for (const { id, state } of kept) if (state !== undefined) this.#restored.set(id, state);
    const host = this.engine.placeOf(undefined);
    if (host !== undefined) for (const column of host.type.columns) this.engine.restore({ ...host, column });
    this.#standard.restored();
  }

  /** Every alarm that a restart has to know of. */
  kept(): KeptAlarm[] {
    const waiting = [...this.#restored].map(([id, state]): KeptAlarm => ({ id, state }));
    const standing: KeptAlarm[] = [];
    for (const condition of this.engine.touched()) {
      const state = condition.column.stateAt(condition.row);
      if (!isNormal(state)) standing.push({ id: conditionId(condition), state });
    }
    return [...waiting, ...standing];
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
    this.#eventListeners.push(listener);
  }

  onRulesChange(listener: (pkg: DevicePackage | undefined) => void): void {
    this.#ruleListeners.push(listener);
  }

  /** Called with every new state of an alarm, for whoever keeps them. */
  onState(listener: (id: string, state: AlarmState) => void): void {
    this.#stateListeners.push(listener);
  }

  /** Something is wrong with the host itself, or is right again. */
  tellHost(matter: HostMatter, holds: boolean, text?: string): void {
    this.#standard.tellHost(matter, holds, text);
  }

  /** A device reports something that is no sample. */
  deviceEvent(device: Device, event: DeviceEvent): void {
    this.#deviceEvents.accept(device, event);
  }

  /** A transport found something wrong, or right again. */
  notice({ id, active, text }: TransportNotice): void {
    if (active) this.#notices.set(id, text);
    else this.#notices.delete(id);
    this.tellHost("transportTrouble", this.#notices.size > 0, [...this.#notices.values()].join("; ") || text);
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

  /** No delay runs any more. */
  [Symbol.dispose](): void {
    this.engine.stop();
    this.#standard.stop();
  }

  #open(device: Device): void {
    this.#prepare(device.package);
    this.engine.open(device);
    this.#standard.opened(device);
  }

  #close(device: Device, isReplaced: boolean): void {
    for (const { id, state } of this.of(device)) {
      if (isNormal(state)) continue;
      // With another revision of its package the device comes back at once, and what stands about it with it.
      if (isReplaced) this.#restored.set(id, state);
      else for (const listener of this.#stateListeners) listener(id, { ...state, ...dissolved });
    }
    this.health.forget(device);
    this.#standard.forget(device);
    this.#deviceEvents.forget(device);
    this.engine.close(device);
  }

  /** Sees to it that the type of a package has its rules. */
  #prepare(pkg: DevicePackage): void {
    const type = this.engine.typeOf(pkg);
    if (type.columns.length > 0) return;
    for (const spec of pkg.alarms) {
      this.engine.addRule(type, spec, expressionTrigger(spec, pkg, this.engine.situation));
    }
    this.#standard.addRules(type);
    this.health.addRules(type, pkg);
    this.rules.addTo(type, pkg);
  }

  #rulesChanged(pkg: DevicePackage | undefined): void {
    for (const listener of this.#ruleListeners) listener(pkg);
  }

  #restore(condition: ConditionRef): AlarmState | undefined {
    const id = conditionId(condition);
    const state = this.#restored.get(id);
    if (state === undefined) return undefined;
    this.#restored.delete(id);
    this.#current.note(id, "updated", state);
    return state;
  }

  #changed(change: Change): void {
    const { condition, kind, before, after, receivedAt, user } = change;
    const device = condition.type.devices[condition.row];
    const { spec } = condition.column;
    const id = conditionId(condition);
    this.#current.note(id, kind, after);
    for (const listener of this.#stateListeners) listener(id, after);
    const { eventId, changedAt: at, severity, message } = after;
    const about = { eventId, kind, at, receivedAt, device: device?.id, name: spec.name, severity, message, user };
    this.#tell({ ...about, alarm: { spec, state: after }, fields: {} });
    this.#standard.observe(change);
    this.health.observe(condition, before, after);
  }

  #tell(event: EventRecord): void {
    for (const listener of this.#eventListeners) listener(event);
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
    const device = this.#registry.find(holder);
    if (device === undefined && holder !== "Server") return undefined;
    return this.engine.find(device, id.slice(slash + 1));
  }
}

function alarmOf(condition: ConditionRef): Alarm {
  const { type, row, column } = condition;
  return { id: conditionId(condition), device: type.devices[row], spec: column.spec, state: column.stateAt(row) };
}
