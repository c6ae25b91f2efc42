import type { Device } from "#fleet/device.ts";
import type { LiveValues } from "#fleet/live-values.ts";
import type { DevicePackage } from "#model/device-package.ts";
import { isBad, isGood } from "#model/quality.ts";
import type { AlarmColumn } from "./alarm-column.ts";

/** What was last seen of an input, per row. */
interface Seen {
  values: Float64Array<ArrayBuffer>;
  /** 0 never, 1 good, 2 uncertain, 3 bad. */
  trust: Uint8Array<ArrayBuffer>;
}

/** The alarms of all devices of one type: rules as columns, devices as rows. The host itself is a type with one row. */
export class TypeAlarms {
  /** Undefined: the host itself. */
  readonly package: DevicePackage | undefined;
  readonly columns: AlarmColumn[] = [];
  readonly columnByName = new Map<string, AlarmColumn>();
  readonly devices: (Device | undefined)[] = [];
  /** By parameter index: the columns that read it; undefined where none does. */
  readonly readers: (AlarmColumn[] | undefined)[] = [];
  readonly #seen: (Seen | undefined)[] = [];
  readonly #free: number[] = [];

  constructor(pkg: DevicePackage | undefined) {
    this.package = pkg;
  }

  addColumn(column: AlarmColumn): void {
    this.columns.push(column);
    this.columnByName.set(column.spec.name, column);
    for (let row = this.devices.length - 1; row >= 0; row -= 1) column.open(row);
    for (const input of column.trigger.inputs) {
      this.readers[input] = [...(this.readers[input] ?? []), column];
      this.#seen[input] ??= { values: new Float64Array(16), trust: new Uint8Array(16) };
      this.#reach(this.devices.length);
    }
  }

  removeColumn(column: AlarmColumn): void {
    this.columns.splice(this.columns.indexOf(column), 1);
    this.columnByName.delete(column.spec.name);
    for (const input of column.trigger.inputs) {
      const others = this.readers[input]?.filter((other) => other !== column) ?? [];
      this.readers[input] = others.length === 0 ? undefined : others;
    }
  }

  /** Gives a device (or, for undefined, the host) a row. */
  open(device: Device | undefined): number {
    const row = this.#free.pop() ?? this.devices.length;
    this.devices[row] = device;
    this.#reach(row + 1);
    for (const seen of this.#seen) if (seen !== undefined) seen.trust[row] = 0;
    for (const column of this.columns) column.open(row);
    return row;
  }

  close(row: number): void {
    this.devices[row] = undefined;
    for (const column of this.columns) column.close(row);
    this.#free.push(row);
  }

  /** True when no other alarm of the same category is active on the device: this one came first. */
  isFirstUp(row: number, column: AlarmColumn): boolean {
    const { category } = column.spec;
    return !this.columns.some(
      (other) => other !== column && other.spec.category === category && other.stateAt(row).active,
    );
  }

  /** True when the parameter is not what it was when it was last asked for; a text always is. */
  changed(row: number, parameter: number, live: LiveValues): boolean {
    const seen = this.#seen[parameter];
    const slot = (this.devices[row]?.firstSlot ?? 0) + parameter;
    if (seen === undefined) return false;
    const value = live.values[slot] ?? Number.NaN;
    const quality = live.qualities[slot] ?? 0;
    const trust = isGood(quality) ? 1 : isBad(quality) ? 3 : 2;
    if (seen.trust[row] === trust && seen.values[row] === value) return false;
    seen.trust[row] = trust;
    seen.values[row] = value;
    return true;
  }

  #reach(rows: number): void {
    for (const seen of this.#seen) {
      if (seen === undefined || seen.values.length >= rows) continue;
      const [values, trust] = [new Float64Array(rows * 2), new Uint8Array(rows * 2)];
      values.set(seen.values);
      trust.set(seen.trust);
      seen.values = values;
      seen.trust = trust;
    }
  }
}
