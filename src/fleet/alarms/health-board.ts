import type { Device } from "#fleet/device.ts";
import type { Ne107Class } from "#model/alarm-spec.ts";
import type { AlarmState } from "#model/alarm-state.ts";
import type { DevicePackage } from "#model/device-package.ts";
import { isBad } from "#model/quality.ts";
import type { AlarmEngine } from "./alarm-engine.ts";
import type { ConditionRef } from "./condition-ref.ts";
import { type DeviceHealth, deviceHealths, type HealthBoard } from "./ports.ts";
import { healthSpecs } from "./standard-specs.ts";
import type { Situation, Trigger } from "./trigger.ts";
import type { TypeAlarms } from "./type-alarms.ts";

/** Gravest first: the order in which one class hides another. */
const classes = ["F", "C", "S", "M"] as const satisfies readonly Ne107Class[];

const healthOfClass: Readonly<Record<Ne107Class, DeviceHealth>> = {
  F: "failure",
  C: "check-function",
  S: "off-spec",
  M: "maintenance-required",
};

const healthNames: ReadonlySet<string> = new Set(classes.map((ne107) => healthSpecs[ne107].name));

/** Derives DeviceHealth and the four health alarms of each device from its alarms and from what it says of itself. */
export class AlarmHealth implements HealthBoard {
  readonly #engine: AlarmEngine;
  /** How many alarms of each class stand, by device. */
  readonly #standing = new Map<Device, number[]>();
  /** The health of those that are not well. */
  readonly #unwell = new Map<Device, DeviceHealth>();
  readonly #listeners: ((device: Device, health: DeviceHealth) => void)[] = [];
  readonly #deviceCount: () => number;

  constructor(engine: AlarmEngine, deviceCount: () => number) {
    this.#engine = engine;
    this.#deviceCount = deviceCount;
  }

  /** Gives a type its four health alarms; those whose name the package has taken are left out. */
  addRules(type: TypeAlarms, pkg: DevicePackage): void {
    const own = pkg.parameterByName.get("DeviceHealth");
    const { situation } = this.#engine;
    for (const [index, ne107] of classes.entries()) {
      const spec = healthSpecs[ne107];
      if (type.columnByName.has(spec.name)) continue;
      const isReported = own === undefined ? undefined : reportedAs(own.index, index + 1, situation);
      const trigger: Trigger = {
        inputs: own === undefined ? [] : [own.index],
        holds: () => {
          const count = this.#countOf(situation.device, index);
          return count > 0 ? true : isReported === undefined ? false : isReported();
        },
        text: (row) => `${spec.message} (${causesOf(type, row, ne107)})`,
      };
      this.#engine.addRule(type, spec, trigger);
    }
  }

  of(device: Device): DeviceHealth {
    return this.#unwell.get(device) ?? "normal";
  }

  counts(): Readonly<Record<DeviceHealth, number>> {
    const counts = { normal: 0, failure: 0, "check-function": 0, "off-spec": 0, "maintenance-required": 0 };
    for (const health of this.#unwell.values()) counts[health] += 1;
    return { ...counts, normal: this.#deviceCount() - this.#unwell.size };
  }

  onChange(listener: (device: Device, health: DeviceHealth) => void): void {
    this.#listeners.push(listener);
  }

  /** An alarm has changed; `before` undefined when it was restored. */
  observe(condition: ConditionRef, before: AlarmState | undefined, after: AlarmState): void {
    const device = condition.type.devices[condition.row];
    const { ne107, name } = condition.column.spec;
    if (device === undefined || ne107 === undefined) return;
    if (healthNames.has(name)) {
      this.#judge(device);
      return;
    }
    const change = Number(speaks(after)) - (before === undefined ? 0 : Number(speaks(before)));
    if (change === 0) return;
    const standing = this.#standing.get(device) ?? [0, 0, 0, 0];
    const index = classes.indexOf(ne107);
    standing[index] = (standing[index] ?? 0) + change;
    this.#standing.set(device, standing);
    const alarm = this.#engine.find(device, healthSpecs[ne107].name);
    // While a device comes into being, its health alarms come after the alarms that they summarise.
    if (alarm !== undefined && before !== undefined) this.#engine.reconsider(alarm);
  }

  forget(device: Device): void {
    this.#standing.delete(device);
    this.#unwell.delete(device);
  }

  #countOf(device: Device | undefined, index: number): number {
    return device === undefined ? 0 : (this.#standing.get(device)?.[index] ?? 0);
  }

  #judge(device: Device): void {
    const active = classes.find((ne107) => {
      const alarm = this.#engine.find(device, healthSpecs[ne107].name);
      return alarm?.column.stateAt(alarm.row).active === true;
    });
    const health = active === undefined ? "normal" : healthOfClass[active];
    if (health === this.of(device)) return;
    if (health === "normal") this.#unwell.delete(device);
    else this.#unwell.set(device, health);
    for (const listener of this.#listeners) listener(device, health);
  }
}

/** The alarms that put a device into a class, by name. */
function causesOf({ columns }: TypeAlarms, row: number, ne107: Ne107Class): string {
  const causes = columns.filter(
    (column) => column.spec.ne107 === ne107 && !healthNames.has(column.spec.name) && speaks(column.stateAt(row)),
  );
  return causes.map(({ spec }) => spec.displayName).join(", ") || "as the device reports";
}

/** What stands and was not set aside by people says how the device is. */
function speaks({ active, suppressed, outOfService }: AlarmState): boolean {
  return active && !suppressed && !outOfService;
}

/** DeviceHealth as the device reports it, in the numbers of DI. */
function reportedAs(parameter: number, health: number, situation: Situation): () => boolean | undefined {
  return () => {
    const slot = situation.firstSlot + parameter;
    const quality = situation.live.qualities[slot] ?? 0;
    const value = situation.live.values[slot] ?? Number.NaN;
    if (quality > situation.worst) situation.worst = quality;
    return isBad(quality) || Number.isNaN(value) ? undefined : value === health;
  };
}

/** DeviceHealth as the number that DI gives it. */
export function healthNumberOf(health: DeviceHealth): number {
  return deviceHealths.indexOf(health);
}
