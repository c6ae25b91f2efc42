import type { OfferedPoint, Uplink } from "#fleet/ports.ts";
import type { MetricSource } from "#transport/sparkplug/codec/metric-fields.ts";
import { numberOf } from "#transport/sparkplug/codec/metric-value.ts";
import { sourceOf } from "./data-reader.ts";
import type { EdgeDevice } from "./edge-node.ts";
import { PointCompiler } from "./point-compiler.ts";
import { deviceTypeMetric, isProtocolMetric, type Point, pointOf } from "./points.ts";

const serialNumberMetric = "Device/SerialNumber";

/** Metrics that a device without births can add to itself. */
const maxFlatPoints = 1000;

/** The value of the metric `bdSeq` of a decoded NBIRTH or NDEATH; undefined when it has none. */
export function bdSeqOf({ columns }: MetricSource): number | undefined {
  for (let i = 0; i < columns.size; i += 1) {
    if (columns.names[i] === "bdSeq") return numberOf(columns, i, columns.datatypes[i] ?? 0);
  }
  return undefined;
}

/** Applies BIRTHs: introduces devices to the fleet and compiles their metrics into points, by name and by alias. */
export class Births {
  readonly #uplink: Uplink;
  readonly #compiler = new PointCompiler();

  constructor(uplink: Uplink) {
    this.#uplink = uplink;
  }

  /**
   * Applies the decoded BIRTH in `source` and returns the indexes of the parameters that the BIRTH before had and this one
   * has not. The edge node itself is introduced only if it declares a type.
   */
  apply(device: EdgeDevice, source: MetricSource, receivedAt: number): number[] {
    const before = { record: device.record, points: device.points };
    const declaredType = textOfMetric(source, deviceTypeMetric);
    if (device.name !== "" || declaredType !== undefined) {
      device.declaredType = declaredType;
      this.#introduce(device, this.#compiler.offers(source), atOf(source, receivedAt));
    }
    const points = this.#pointsOf(device, source);
    const wrong =
      bindAliases(device, points) ?? (hasNameless(source) ? "a metric of the BIRTH has no name" : undefined);
    if (wrong !== undefined) this.#uplink.flawed(sourceOf(device), "malformed", wrong);
    this.#checkIdentity(device, source);
    device.points = points;
    device.isBorn = true;
    return before.record === device.record ? retiredParameters(before.points, points) : [];
  }

  /** Adds the metrics of `source` that the device does not have yet; true when it introduced itself with them. */
  extend(device: EdgeDevice, source: MetricSource, receivedAt: number): boolean {
    const { columns } = source;
    const isKnown = (name: string): boolean => name === "" || device.offered.has(name);
    if (columns.names.slice(0, columns.size).every(isKnown) || device.offered.size >= maxFlatPoints) return false;
    device.declaredType = textOfMetric(source, deviceTypeMetric) ?? device.declaredType;
    for (const offer of [...this.#compiler.offers(source), ...unnamedOffers(source)]) {
      const isNew = !device.offered.has(offer.address);
      if (isNew && device.offered.size < maxFlatPoints) device.offered.set(offer.address, offer);
    }
    const before = device.record;
    this.#introduce(device, [...device.offered.values()], atOf(source, receivedAt));
    if (device.record !== before) rebind(device);
    for (const [name, point] of this.#pointsOf(device, source)) device.points.set(name, point);
    device.isBorn = true;
    return true;
  }

  /** A device that is not admitted has no points: names alone cannot fill the memory. */
  #pointsOf(device: EdgeDevice, source: MetricSource): Map<string, Point> {
    if (device.record === undefined) return new Map();
    return this.#compiler.points(source, {
      owner: device.name,
      package: device.record.package,
      trustsDatatypes: device.node.profile.trustsDatatypes,
    });
  }

  #introduce(device: EdgeDevice, offers: readonly OfferedPoint[], at: number): void {
    const before = device.record;
    device.record = this.#uplink.announced({
      protocol: "sparkplug",
      name: device.name === "" ? device.node.name : device.name,
      address: device.address,
      declaredType: device.declaredType,
      references: [...this.#compiler.references],
      points: offers.map(({ address }) => address),
      offers: offers.filter(({ address }) => !isProtocolMetric(address)),
      at,
    });
    // A new record has not been told of any presence yet.
    if (device.record !== before) device.presence = "unknown";
  }

  // Nothing but its number tells a device from one that was given the same id.
  #checkIdentity(device: EdgeDevice, source: MetricSource): void {
    const serialNumber = textOfMetric(source, serialNumberMetric);
    const before = device.serialNumber;
    if (serialNumber === undefined || serialNumber === "") return;
    device.serialNumber = serialNumber;
    if (before === undefined || before === serialNumber || device.presence !== "online") return;
    this.#uplink.flawed(
      sourceOf(device),
      "foreign-device",
      `serial number ${serialNumber.slice(0, 80)} while ${before.slice(0, 80)} is online under this id`,
    );
  }
}

/** Gives the points that a device has already the meaning that its new package has for them. */
function rebind(device: EdgeDevice): void {
  for (const [name, point] of device.points) {
    device.points.set(name, pointOf(point, device.record?.package, device.node.profile.trustsDatatypes));
  }
}

/** Metrics as they are called, for those that are known under the names of their parts only. */
function unnamedOffers({ columns }: MetricSource): OfferedPoint[] {
  return columns.names.slice(0, columns.size).map((address) => ({ address, dataType: "string" as const }));
}

function atOf({ columns }: MetricSource, receivedAt: number): number {
  return Number.isNaN(columns.timestamp) ? receivedAt : columns.timestamp;
}

function textOfMetric(source: MetricSource, name: string): string | undefined {
  const at = source.columns.names.indexOf(name);
  return at < 0 || at >= source.columns.size ? undefined : source.textOf(at);
}

function hasNameless({ columns }: MetricSource): boolean {
  return columns.names.slice(0, columns.size).includes("");
}

/** Enters the aliases of a BIRTH into those of the edge node; returns what was wrong with them, or undefined. */
function bindAliases(device: EdgeDevice, points: ReadonlyMap<string, Point>): string | undefined {
  const { aliases } = device.node;
  for (const point of device.points.values()) if (aliases.get(point.alias) === point) aliases.delete(point.alias);
  const ambiguous = new Set<number>();
  let wrong: string | undefined;
  for (const point of points.values()) {
    if (point.alias < 0) continue;
    const taken = aliases.get(point.alias);
    if (taken !== undefined) {
      ambiguous.add(point.alias);
      wrong ??= `alias ${point.alias} stands for ${taken.name} and ${point.name}`;
    }
    aliases.set(point.alias, point);
  }
  // Neither owner of a doubled alias can be trusted: data that uses it counts as unknown.
  for (const alias of ambiguous) aliases.delete(alias);
  return wrong;
}

function retiredParameters(before: ReadonlyMap<string, Point>, now: ReadonlyMap<string, Point>): number[] {
  const retired: number[] = [];
  for (const [name, point] of before) if (point.parameter >= 0 && !now.has(name)) retired.push(point.parameter);
  return retired;
}
