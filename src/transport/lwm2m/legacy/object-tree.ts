import type { OfferedPoint } from "#fleet/ports.ts";
import { isJsonObject, type JsonObject } from "#lib/read-json.ts";
import type { EpochMs } from "#model/ids.ts";
import { Quality } from "#model/quality.ts";
import { type SampleBatch, SampleFlag } from "#model/sample-batch.ts";
import type { PointsByPath } from "#transport/lwm2m/device-points.ts";
import { offeredPoint } from "#transport/lwm2m/offered-points.ts";
import { addWireValue, type WirePoint } from "#transport/shared/wire-value.ts";

/** Resources of one object instance that parameters are bound to, by resource id as it is written. */
interface BoundInstance {
  readonly object: string;
  readonly instance: string;
  readonly resources: readonly { readonly key: string; readonly point: WirePoint }[];
}

const compiled = new WeakMap<PointsByPath, readonly BoundInstance[]>();

function instancesOf(points: PointsByPath): readonly BoundInstance[] {
  let instances = compiled.get(points);
  if (instances === undefined) {
    const byInstance = Map.groupBy(points, ([path]) => path.slice(0, path.lastIndexOf("/")));
    instances = [...byInstance].map(([place, bound]) => {
      const [, object = "", instance = ""] = place.split("/");
      const resources = bound.map(([path, point]) => ({ key: path.slice(place.length + 1), point }));
      return { object, instance, resources };
    });
    compiled.set(points, instances);
  }
  return instances;
}

/**
 * The whole tree that a device repeats with every message, reduced to what changed since the last one. Reset it whenever
 * the values were marked stale, so that unchanged ones are reported again.
 */
export class ObjectTree {
  readonly #points: PointsByPath;
  /** Last wire value by parameter index. */
  readonly #last: unknown[] = [];
  /** Names the first value of a wrong type in the last reading. */
  firstWrong = "";

  constructor(points: PointsByPath) {
    this.#points = points;
  }

  reset(): void {
    this.#last.length = 0;
  }

  /** Appends what is new in `objects` to the batch. */
  read(objects: JsonObject, time: EpochMs, batch: SampleBatch): void {
    this.firstWrong = "";
    const taking = { time, flags: SampleFlag.none, quality: Quality.good };
    for (const { object, instance, resources } of instancesOf(this.#points)) {
      const instances = objects[object];
      const values = isJsonObject(instances) ? instances[instance] : undefined;
      if (!isJsonObject(values)) continue;
      for (const { key, point } of resources) {
        const value = values[key];
        if (value === undefined || value === this.#last[point.parameter]) continue;
        this.#last[point.parameter] = value;
        if (addWireValue(batch, point, value, taking)) continue;
        this.firstWrong ||= `${point.name} at /${object}/${instance}/${key}: expected a ${point.dataType}`;
      }
    }
  }

  /** Appends one value, known by its path; false when no parameter is bound to it. */
  readOne(path: string, value: unknown, time: EpochMs, batch: SampleBatch): boolean {
    const point = this.#points.get(path);
    if (point === undefined) return false;
    this.#last[point.parameter] = value;
    return addWireValue(batch, point, value, { time, flags: SampleFlag.none, quality: Quality.good });
  }
}

/** Every resource with a value in a tree, at most 500. */
export function offeredResources(objects: JsonObject): OfferedPoint[] {
  const offers: OfferedPoint[] = [];
  for (const [object, instances] of Object.entries(objects)) {
    if (!isJsonObject(instances)) continue;
    for (const [instance, resources] of Object.entries(instances)) {
      if (!isJsonObject(resources)) continue;
      for (const [resource, value] of Object.entries(resources)) {
        const offer = offeredPoint(`/${object}/${instance}/${resource}`, value);
        if (offer !== undefined && offers.length < 500) offers.push(offer);
      }
    }
  }
  return offers;
}
