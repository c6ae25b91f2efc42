import type { Device } from "#fleet/device.ts";
import { type DevicePackage, packageKey } from "#model/device-package.ts";
import { InternalError } from "#model/errors.ts";
import type { DeviceInfo, SeriesInfo } from "./store/history-store.ts";

interface DeviceSeries {
  readonly package: DevicePackage;
  /** Series number of each parameter, -1 before its first sample. */
  readonly numbers: Int32Array;
}

/** Numbers the series that the writer has seen, 0, 1, 2, ..., and remembers what the store calls them. */
export class SeriesTable {
  readonly #devices = new Map<string, DeviceSeries>();
  /** Devices that the store was not told about, by name. */
  #newDevices = new Map<string, DeviceInfo>();
  readonly #numberOf = new Map<string, number>();
  readonly #infos: SeriesInfo[] = [];
  #storeIds = new Int32Array(1024);

  /** Store id of each series by number; 0 where the store was not asked yet. */
  get storeIds(): Int32Array {
    return this.#storeIds;
  }

  /** The number of a device's parameter. */
  numberOf(device: Device, parameter: number): number {
    let series = this.#devices.get(device.id);
    if (series?.package !== device.package) {
      series = { package: device.package, numbers: new Int32Array(device.package.parameters.length).fill(-1) };
      this.#devices.set(device.id, series);
      this.#newDevices.set(device.id, deviceInfoOf(device.id, device.package));
    }
    const known = series.numbers[parameter] ?? -1;
    if (known >= 0) return known;
    const number = this.numberOfInfo(infoOf(device, parameter));
    series.numbers[parameter] = number;
    return number;
  }

  /** The series among `numbers` that the store has not named yet, each once. */
  unnamed(numbers: Int32Array): readonly number[] {
    const missing = new Set<number>();
    for (const number of numbers) if (this.#storeIds[number] === 0) missing.add(number);
    return [...missing];
  }

  infosOf(numbers: readonly number[]): readonly SeriesInfo[] {
    return numbers.map((number) => this.infoOf(number));
  }

  /** Keeps the store's ids of the series `numbers`. */
  name(numbers: readonly number[], ids: Int32Array): void {
    for (const [i, number] of numbers.entries()) this.#storeIds[number] = ids[i] ?? 0;
  }

  /** Devices that the store does not know of in their present form. */
  get newDevices(): readonly DeviceInfo[] {
    return [...this.#newDevices.values()];
  }

  /** Tells that the store knows `devices`. */
  described(devices: readonly DeviceInfo[]): void {
    for (const device of devices) if (this.#newDevices.get(device.id) === device) this.#newDevices.delete(device.id);
  }

  /** Forgets what the store was told and called things: it is a new one. */
  forgetNames(): void {
    this.#storeIds.fill(0);
    for (const [id, { package: pkg }] of this.#devices) this.#newDevices.set(id, deviceInfoOf(id, pkg));
  }

  /** What a series is, by number. */
  infoOf(number: number): SeriesInfo {
    const info = this.#infos[number];
    if (info === undefined) throw new InternalError(`There is no series ${number}`);
    return info;
  }

  /** The number of the series that `info` names; a new one when it was not seen before. */
  numberOfInfo(info: SeriesInfo): number {
    const known = this.#numberOf.get(info.key);
    if (known !== undefined) return known;
    const number = this.#infos.length;
    this.#infos.push(info);
    this.#numberOf.set(info.key, number);
    if (number === this.#storeIds.length) {
      const grown = new Int32Array(2 * number);
      grown.set(this.#storeIds);
      this.#storeIds = grown;
    }
    return number;
  }

  /** The series that the store calls `storeId`. */
  infoOfStoreId(storeId: number): SeriesInfo | undefined {
    return this.#infos[this.#storeIds.indexOf(storeId)];
  }
}

function deviceInfoOf(id: string, pkg: DevicePackage): DeviceInfo {
  const { manufacturer, model } = pkg.identity;
  return { id, type: pkg.typeName, manufacturer, model, package: packageKey(pkg) };
}

function infoOf(device: Device, parameter: number): SeriesInfo {
  const spec = device.package.parameters[parameter];
  const name = spec?.name ?? String(parameter);
  return {
    key: seriesKey(device.id, name),
    device: device.id,
    parameter: name,
    dataType: spec?.dataType ?? "double",
    unit: spec?.unit?.code ?? "",
  };
}

/** The name of a series: device names hold no slash. */
export function seriesKey(device: string, parameter: string): string {
  return `${device}/${parameter}`;
}
