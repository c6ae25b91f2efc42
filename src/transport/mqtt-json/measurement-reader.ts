import { isJsonObject, type JsonObject } from "#lib/read-json.ts";
import type { SampleBatch } from "#model/sample-batch.ts";
import { addWireValue, type Taking, type WirePoint } from "#transport/shared/wire-value.ts";
import type { Branch } from "./binding-tree.ts";
import type { UnmappedFields } from "./unmapped-fields.ts";

/** Where values go, and how they are to be taken. */
export interface ReadingTarget {
  readonly batch: SampleBatch;
  readonly taking: Taking;
  readonly unmapped: UnmappedFields;
}

/** Fields around the values: who sends and when, not what was measured. */
export const envelope: ReadonlySet<string> = new Set([
  "device_id",
  "device_type",
  "timestamp",
  "event_type",
  "time",
  "ts",
  "unit",
  "units",
]);

/** Reads the values of a message by the paths that a package binds. */
export class MeasurementReader {
  /** Values of a wrong type in the last message. */
  wrong = 0;
  /** Names the first of them. */
  firstWrong = "";

  /** Appends every bound value below `object` to the batch; the others are kept aside. */
  read(object: JsonObject, branch: Branch, target: ReadingTarget): void {
    this.wrong = 0;
    this.firstWrong = "";
    this.#members(object, branch, target, "");
  }

  /** Reads the one value at `path`. */
  readOne(path: string, value: unknown, branch: Branch, target: ReadingTarget): void {
    this.wrong = 0;
    this.firstWrong = "";
    const keys = path.split(".");
    const place = keys.reduce<Branch | undefined>((at, key) => at?.children.get(key), branch);
    this.#member(value, place, target, path);
  }

  #members(object: JsonObject, branch: Branch | undefined, target: ReadingTarget, path: string): void {
    for (const key of Object.keys(object)) {
      const child = branch?.children.get(key);
      if (child === undefined && envelope.has(key)) continue;
      this.#member(object[key], child, target, path === "" ? key : `${path}.${key}`);
    }
  }

  #member(value: unknown, branch: Branch | undefined, target: ReadingTarget, path: string): void {
    if (isJsonObject(value)) {
      if (branch?.point !== undefined && branch.children.size === 0 && Object.hasOwn(value, "value")) {
        this.#add(branch.point, value["value"], target);
      } else this.#members(value, branch, target, path);
      return;
    }
    const point = branch?.bare;
    if (point === undefined) target.unmapped.keep(path, value, target.taking.time);
    else this.#add(point, value, target);
  }

  #add(point: WirePoint, value: unknown, { batch, taking }: ReadingTarget): void {
    if (addWireValue(batch, point, value, taking)) return;
    this.wrong += 1;
    if (this.wrong === 1) this.firstWrong = `${point.name} = ${shown(value)}: expected a ${point.dataType}`;
  }
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 60);
}
