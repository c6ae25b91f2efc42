import { demand, type NamedAction } from "#fleet/access/action.ts";
import type { AlarmColumn } from "#fleet/alarms/alarm-column.ts";
import type { AlarmEngine } from "#fleet/alarms/alarm-engine.ts";
import type { RuleStore } from "#fleet/alarms/ports.ts";
import { Situation } from "#fleet/alarms/trigger.ts";
import type { TypeAlarms } from "#fleet/alarms/type-alarms.ts";
import type { Audit } from "#fleet/audit.ts";
import { LiveValues } from "#fleet/live-values.ts";
import type { Clock } from "#lib/clock.ts";
import type { Principal } from "#model/command.ts";
import type { DevicePackage } from "#model/device-package.ts";
import { HostError } from "#model/errors.ts";
import { Fields } from "./fields.ts";
import { readRule } from "./read-rule.ts";
import type { RuleDefinition } from "./rule-definition.ts";
import { alarmSpecOf } from "./rule-spec.ts";
import { ruleTrigger } from "./rule-trigger.ts";

export interface RuleBookParts {
  readonly engine: AlarmEngine;
  readonly audit: Audit;
  readonly clock: Clock;
  /** Called after the devices of a package got or lost a rule. */
  readonly onChange: (pkg: DevicePackage) => void;
}

/** A rule and where it works. */
export interface RuleReport {
  readonly rule: RuleDefinition;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Device types that have it. */
  readonly types: readonly string[];
  /** Why it does not work for a type that it names. */
  readonly problems: readonly string[];
}

interface Entry {
  rule: RuleDefinition;
  readonly createdAt: number;
  updatedAt: number;
}

const maxRules = 1_000;
const action: NamedAction = "alarm.configure";

/** The rules that people wrote: added, changed and taken away at run time, at once for every device that they are for. */
export class RuleBook {
  readonly #parts: RuleBookParts;
  readonly #entries = new Map<number, Entry>();
  readonly #ids = new Map<string, number>();
  readonly #columns = new Map<number, { readonly type: TypeAlarms; readonly column: AlarmColumn }[]>();
  readonly #problems = new Map<number, string[]>();
  #store: RuleStore | undefined;
  #saving: Promise<void> = Promise.resolve();
  #nextId = 1;

  constructor(parts: RuleBookParts) {
    this.#parts = parts;
  }

  /** Loads what `store` has, and keeps there what changes. Throws `config-invalid` and `argument-invalid`. */
  async load(store: RuleStore): Promise<void> {
    for (const value of await store.load()) {
      const { all } = Fields.of(value, "rule");
      const id = typeof all["id"] === "number" ? all["id"] : this.#nextId;
      const createdAt = Number(all["created_at_ms"] ?? this.#parts.clock.now());
      this.#put(readRule(value, id), createdAt, Number(all["updated_at_ms"] ?? createdAt));
    }
    this.#store = store;
  }

  /** Adds rules that a file of the configuration has, unless a rule of that name is there. Throws `argument-invalid`. */
  addMissing(rules: readonly unknown[]): number {
    let added = 0;
    for (const value of rules) {
      const rule = readRule(value, this.#nextId);
      if ([...this.#entries.values()].some((entry) => entry.rule.name === rule.name)) continue;
      this.#put(rule, this.#parts.clock.now());
      added += 1;
    }
    if (added > 0) this.#save();
    return added;
  }

  /** The number of a rule by the name of its alarm; cheap, because it is asked for each notification. */
  idOf(name: string): number | undefined {
    return this.#ids.get(name);
  }

  list(): RuleReport[] {
    return [...this.#entries.values()].map((entry) => this.#report(entry));
  }

  /** Throws `alarm-rule-unknown`. */
  get(id: number): RuleReport {
    return this.#report(this.#entry(id));
  }

  /**
   * Adds a rule in its JSON shape. Throws `access-denied` below the role maintenance, `argument-invalid` for what cannot
   * work, e.g. a field that no device type of the rule has, and `overloaded` for too many.
   */
  add(value: unknown, by: Principal): RuleReport {
    return this.#audited("add rule", by, value, () => {
      if (this.#entries.size >= maxRules)
        throw new HostError("overloaded", `there are ${maxRules} alarm rules already`);
      return this.#put(this.#checked(value, this.#nextId), this.#parts.clock.now());
    });
  }

  /** Replaces members of a rule; alarms of the old one are cleared. Throws as `add` does, and `alarm-rule-unknown`. */
  change(id: number, changes: unknown, by: Principal): RuleReport {
    return this.#audited("change rule", by, changes, () => {
      const before = this.#entry(id);
      const value = { ...before.rule.source, ...Fields.of(changes, "rule").all };
      const rule = this.#checked(value, id);
      this.#takeOut(before.rule);
      return this.#put(rule, before.createdAt);
    });
  }

  /** Throws `access-denied` and `alarm-rule-unknown`. */
  remove(id: number, by: Principal): void {
    this.#audited("remove rule", by, { id }, () => {
      const entry = this.#entry(id);
      this.#takeOut(entry.rule);
      this.#entries.delete(id);
      return entry;
    });
  }

  /** Gives a type that has just come into being the rules that are for it. */
  addTo(type: TypeAlarms, pkg: DevicePackage): void {
    for (const { rule } of this.#entries.values()) this.#apply(rule, type, pkg);
  }

  /** The rule in its JSON shape, checked but not in force: to be tried. Throws `argument-invalid`. */
  draft(value: unknown): RuleDefinition {
    return readRule(value, 0);
  }

  /** Resolves when everything is written. */
  async saved(): Promise<void> {
    await this.#saving;
  }

  #checked(value: unknown, id: number): RuleDefinition {
    const rule = readRule(value, id);
    const namesake = [...this.#entries.values()].find((entry) => entry.rule.name === rule.name && entry.rule.id !== id);
    if (namesake !== undefined) {
      throw new HostError("argument-invalid", `rule.rule_name: rule ${namesake.rule.id} is named ${rule.name} already`);
    }
    const packages = [...this.#parts.engine.types()].flatMap(({ package: pkg }) => pkg ?? []);
    const concerned = packages.filter((pkg) => concerns(rule, pkg));
    const problems = concerned.flatMap((pkg) => problemOf(rule, pkg) ?? []);
    if (concerned.length > 0 && problems.length === concerned.length) {
      throw new HostError("argument-invalid", `rule ${rule.name}: ${problems[0] ?? ""}`);
    }
    return rule;
  }

  #put(rule: RuleDefinition, createdAt: number, updatedAt = this.#parts.clock.now()): Entry {
    const entry: Entry = { rule, createdAt, updatedAt };
    this.#entries.set(rule.id, entry);
    this.#ids.set(rule.name, rule.id);
    this.#nextId = Math.max(this.#nextId, rule.id + 1);
    for (const type of this.#parts.engine.types()) {
      if (type.package !== undefined) this.#apply(rule, type, type.package);
    }
    return entry;
  }

  #apply(rule: RuleDefinition, type: TypeAlarms, pkg: DevicePackage): void {
    if (!rule.isActive || !concerns(rule, pkg)) return;
    const { engine, onChange } = this.#parts;
    const taken = type.columnByName.has(rule.name);
    const trigger = taken
      ? `${pkg.typeName} has an alarm ${rule.name} already`
      : ruleTrigger(rule, pkg, engine.situation);
    if (typeof trigger === "string") {
      this.#problems.set(rule.id, [...(this.#problems.get(rule.id) ?? []), trigger].slice(-20));
      return;
    }
    const column = engine.addRule(type, alarmSpecOf(rule), trigger);
    this.#columns.set(rule.id, [...(this.#columns.get(rule.id) ?? []), { type, column }]);
    onChange(pkg);
  }

  #takeOut({ id, name }: RuleDefinition): void {
    this.#ids.delete(name);
    const { engine, onChange } = this.#parts;
    for (const { type, column } of this.#columns.get(id) ?? []) {
      engine.removeRule(type, column);
      if (type.package !== undefined) onChange(type.package);
    }
    this.#columns.delete(id);
    this.#problems.delete(id);
  }

  #entry(id: number): Entry {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new HostError("alarm-rule-unknown", `there is no alarm rule ${id}`);
    return entry;
  }

  #report({ rule, createdAt, updatedAt }: Entry): RuleReport {
    const types = (this.#columns.get(rule.id) ?? []).flatMap(({ type }) => type.package?.typeName ?? []);
    return { rule, createdAt, updatedAt, types, problems: this.#problems.get(rule.id) ?? [] };
  }

  // oxlint-disable-next-line max-params -- what, who, with what, and how
  #audited(what: string, by: Principal, value: unknown, work: () => Entry): RuleReport {
    const { audit, clock } = this.#parts;
    const about = { at: clock.now(), commandId: "", user: by.user, origin: by.origin, device: "" };
    try {
      demand(by, action, what);
      const entry = work();
      const detail = JSON.stringify(value).slice(0, 2_000);
      audit.note({ ...about, kind: "alarm", action: `${what} ${entry.rule.name}`, detail });
      this.#save();
      return this.#report(entry);
    } catch (error) {
      const detail = HostError.from(error)?.message ?? "failed";
      audit.note({ ...about, kind: "refused", action: what, detail });
      throw error;
    }
  }

  #save(): void {
    const store = this.#store;
    if (store === undefined) return;
    const rules = [...this.#entries.values()].map(({ rule, createdAt, updatedAt }) => ({
      ...rule.source,
      id: rule.id,
      created_at_ms: createdAt,
      updated_at_ms: updatedAt,
    }));
    // A file that cannot be written is told by the store; what is in force stays in force.
    this.#saving = this.#saving.then(() => store.save(rules)).catch(() => undefined);
  }
}

/** True for the devices that the rule names: by what they declare, their package or their type; without a name for all. */
export function concerns({ deviceType }: RuleDefinition, pkg: DevicePackage): boolean {
  if (deviceType === undefined) return true;
  return pkg.detection.declaredTypes.includes(deviceType) || pkg.id === deviceType || pkg.typeName === deviceType;
}

/** Why the rule cannot work for devices of that package; tried on nothing. */
function problemOf(rule: RuleDefinition, pkg: DevicePackage): string | undefined {
  const trigger = ruleTrigger(rule, pkg, new Situation(new LiveValues()));
  return typeof trigger === "string" ? trigger : undefined;
}
