import type { EpochMs } from "#model/ids.ts";
import { Quality, type QualityCode } from "#model/quality.ts";
import { type SampleBatch, SampleFlag } from "#model/sample-batch.ts";
import { type Path, resourcePathText } from "#transport/lwm2m/core/path.ts";
import type { ResourceNode } from "#transport/lwm2m/core/resource-node.ts";
import { addWireValue } from "#transport/shared/wire-value.ts";
import type { PointsByPath } from "./device-points.ts";

/** IPSO Measurement Quality Indicator. */
const qualityResource = 6042;

const qualities: ReadonlyMap<number, QualityCode> = new Map([
  [0, Quality.good],
  [1, Quality.badSensorFailure],
  [2, Quality.uncertainSensorNotAccurate],
  [3, Quality.uncertainSubNormal],
  [4, Quality.good],
]);

/**
 * Appends the samples of bound resources to `batch`; of several values of one resource the newest is current, the others
 * are history. Returns what was wrong with the first value of a wrong type, or undefined.
 */
export function addNodeSamples(
  batch: SampleBatch,
  nodes: readonly ResourceNode[],
  points: PointsByPath,
  receivedAt: EpochMs,
): string | undefined {
  const newest = newestTimes(nodes, receivedAt);
  const qualityOf = qualitiesIn(nodes);
  let problem: string | undefined;
  for (const { path, value, time = receivedAt } of nodes) {
    const name = resourcePathText(path);
    const point = points.get(name);
    if (point === undefined || (path.resourceInstance ?? 0) > 0) continue;
    const flags = time < (newest.get(name) ?? time) ? SampleFlag.historical : SampleFlag.none;
    const wire = value instanceof Uint8Array ? undefined : value;
    if (!addWireValue(batch, point, wire, { time, flags, quality: qualityOf(path) })) {
      problem ??= `${point.name} at ${name}: expected a ${point.dataType}`;
    }
  }
  return problem;
}

function newestTimes(nodes: readonly ResourceNode[], receivedAt: EpochMs): ReadonlyMap<string, EpochMs> {
  const newest = new Map<string, EpochMs>();
  for (const { path, time = receivedAt } of nodes) {
    const name = resourcePathText(path);
    if (time > (newest.get(name) ?? Number.NEGATIVE_INFINITY)) newest.set(name, time);
  }
  return newest;
}

/** The quality that an object instance reports for all of its values. */
function qualitiesIn(nodes: readonly ResourceNode[]): (path: Path) => QualityCode {
  const found = new Map<string, QualityCode>();
  for (const { path, value } of nodes) {
    if (path.resource !== qualityResource || typeof value !== "number") continue;
    found.set(`${path.object}/${path.instance}`, qualities.get(value) ?? Quality.good);
  }
  if (found.size === 0) return () => Quality.good;
  return (path) => found.get(`${path.object}/${path.instance}`) ?? Quality.good;
}
