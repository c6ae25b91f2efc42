import type { OfferedPoint } from "#fleet/ports.ts";
import type { DevicePackage } from "#model/device-package.ts";
import { SparkplugType, type SparkplugTypeCode, WireKind } from "#transport/sparkplug/codec/data-type.ts";
import type { MetricSource } from "#transport/sparkplug/codec/metric-fields.ts";
import { NestedPool } from "#transport/sparkplug/codec/nested-metrics.ts";
import type { PropertySet } from "#transport/sparkplug/codec/payload.ts";
import { PropertyReader } from "#transport/sparkplug/codec/property-reader.ts";
import { dataTypeOf, type Point, pointOf } from "./points.ts";

/** What is compiled for. */
export interface CompileContext {
  /** Device id; empty for the edge node. */
  readonly owner: string;
  readonly package: DevicePackage | undefined;
  readonly trustsDatatypes: boolean;
}

/** Points of one BIRTH, members of templates and data sets included, beyond which the rest is left out. */
export const maxPoints = 10_000;

const maxReferences = 20;

/** Reads BIRTHs: which points a device offers, and the points that its metrics mean. Never throws. */
export class PointCompiler {
  readonly #nested = new NestedPool();
  readonly #properties = new PropertyReader();
  #left = 0;
  /** Template definitions that the last `offers` referred to. */
  references: ReadonlySet<string> = new Set();
  #referred = new Set<string>();

  /** Every scalar point of `source` with what the BIRTH says of it, flattened. */
  offers(source: MetricSource): OfferedPoint[] {
    const offers: OfferedPoint[] = [];
    this.#left = maxPoints;
    this.#referred = new Set();
    this.references = this.#referred;
    this.#offer(source, "", 0, offers);
    return offers;
  }

  /** The points of `source` by metric name; metrics without one are left out. */
  points(source: MetricSource, context: CompileContext): Map<string, Point> {
    const points = new Map<string, Point>();
    this.#left = maxPoints;
    for (let i = 0; i < source.columns.size && this.#left > 0; i += 1) {
      const name = source.columns.names[i] ?? "";
      if (name !== "") points.set(name, this.#point(source, i, { path: name, depth: 0 }, context));
    }
    return points;
  }

  #offer(source: MetricSource, prefix: string, depth: number, offers: OfferedPoint[]): void {
    const { columns } = source;
    for (let i = 0; i < columns.size && this.#left > 0; i += 1) {
      const name = columns.names[i] ?? "";
      if (name === "") continue;
      const path = prefix + name;
      const table = columns.kinds[i] === WireKind.dataset ? this.#dataSet(source, i, depth) : undefined;
      const members = columns.kinds[i] === WireKind.template ? this.#template(source, i, depth) : undefined;
      if (members?.reference !== undefined && this.#referred.size < maxReferences)
        this.#referred.add(members.reference);
      if (members !== undefined) this.#offer(members, `${path}/`, depth + 1, offers);
      else if (table !== undefined) {
        const width = table.columnNames.length;
        for (let cell = 0; cell < table.columns.size && this.#left > 0; cell += 1) {
          const column = table.columns.names[cell] ?? "";
          this.#left -= 1;
          offers.push({
            address: `${path}/${Math.floor(cell / width)}/${column}`,
            dataType: dataTypeOf(table.columns.datatypes[cell] ?? 0),
          });
        }
      } else if (columns.kinds[i] !== WireKind.template) {
        this.#left -= 1;
        offers.push({ address: path, dataType: dataTypeOf(typeOf(source, i)), ...this.#describe(source, i) });
      }
    }
  }

  #point(source: MetricSource, i: number, at: { path: string; depth: number }, context: CompileContext): Point {
    const { columns } = source;
    this.#left -= 1;
    const description = {
      name: at.path,
      alias: columns.aliases[i] ?? -1,
      owner: context.owner,
      datatype: columns.datatypes[i] ?? 0,
      members: columns.kinds[i] === WireKind.template ? this.#members(source, i, at, context) : undefined,
      rows: columns.kinds[i] === WireKind.dataset ? this.#rows(source, i, at, context) : undefined,
    };
    return pointOf(description, context.package, context.trustsDatatypes);
  }

  #members(
    source: MetricSource,
    i: number,
    at: { path: string; depth: number },
    context: CompileContext,
  ): Map<string, Point> | undefined {
    const nested = this.#template(source, i, at.depth);
    if (nested === undefined) return undefined;
    const members = new Map<string, Point>();
    for (let k = 0; k < nested.columns.size && this.#left > 0; k += 1) {
      const name = nested.columns.names[k] ?? "";
      const inner = { path: `${at.path}/${name}`, depth: at.depth + 1 };
      if (name !== "") members.set(name, this.#point(nested, k, inner, context));
    }
    return members;
  }

  #rows(
    source: MetricSource,
    i: number,
    at: { path: string; depth: number },
    context: CompileContext,
  ): Map<string, Point>[] | undefined {
    const table = this.#dataSet(source, i, at.depth);
    if (table === undefined) return undefined;
    const width = table.columnNames.length;
    const rows: Map<string, Point>[] = [];
    for (let cell = 0; cell < table.columns.size && this.#left > 0; cell += 1) {
      const row = Math.floor(cell / width);
      const name = table.columns.names[cell] ?? "";
      const inner = { path: `${at.path}/${row}/${name}`, depth: at.depth + 1 };
      const points = rows[row] ?? new Map<string, Point>();
      rows[row] = points.set(name, this.#point(table, cell, inner, context));
    }
    return rows;
  }

  /** The inside of a template instance; undefined for a definition, which has no values, and for what cannot be read. */
  #template(source: MetricSource, i: number, depth: number) {
    const nested = this.#nested.at(depth);
    const { columns } = source;
    const from = columns.lows[i] ?? 0;
    if (!nested?.readTemplate(columns.bytes, from, columns.highs[i] ?? 0, Number.NaN)) return undefined;
    return nested.isDefinition ? undefined : nested;
  }

  #dataSet(source: MetricSource, i: number, depth: number) {
    const nested = this.#nested.at(depth);
    const { columns } = source;
    const from = columns.lows[i] ?? 0;
    if (!nested?.readDataSet(columns.bytes, from, columns.highs[i] ?? 0, Number.NaN)) return undefined;
    return nested.columnNames.length === 0 ? undefined : nested;
  }

  #describe(source: MetricSource, i: number): Partial<OfferedPoint> {
    const end = source.columns.propertyEnds[i] ?? 0;
    if (end === 0) return {};
    const { bytes, propertyStarts } = source.columns;
    const properties = this.#properties.properties(bytes, propertyStarts[i] ?? 0, end);
    if (properties === undefined) return {};
    return {
      unit: textProperty(properties, "engUnit"),
      low: numberProperty(properties, "engLow"),
      high: numberProperty(properties, "engHigh"),
    };
  }
}

/** The datatype of a metric; by its wire form where it declares none. */
function typeOf({ columns }: MetricSource, i: number): SparkplugTypeCode {
  const declared = columns.datatypes[i] ?? 0;
  if (declared !== SparkplugType.Unknown) return declared;
  return typesByKind.get(columns.kinds[i] ?? 0) ?? SparkplugType.String;
}

const typesByKind = new Map<number, SparkplugTypeCode>([
  [WireKind.int, SparkplugType.Int32],
  [WireKind.long, SparkplugType.Int64],
  [WireKind.float, SparkplugType.Float],
  [WireKind.double, SparkplugType.Double],
  [WireKind.boolean, SparkplugType.Boolean],
]);

// Ignition's names for them; the specification names none.
function textProperty(properties: PropertySet, key: string): string | undefined {
  const value = properties.get(key)?.value;
  return typeof value === "string" ? value : undefined;
}

function numberProperty(properties: PropertySet, key: string): number | undefined {
  const value = properties.get(key)?.value;
  return typeof value === "number" ? value : undefined;
}
