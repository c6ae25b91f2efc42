import type { Situation } from "#fleet/alarms/trigger.ts";
import type { ParameterValue } from "#model/data-type.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { ParameterSpec, PointBinding } from "#model/parameter-spec.ts";
import { isBad, Quality } from "#model/quality.ts";

/** What a field path of a rule means for devices of one type. */
export interface Field {
  /** Indexes of the parameters that it reads. */
  readonly inputs: readonly number[];
  /** The value in the parameter's unit; undefined when there is none that can be trusted. */
  value(): ParameterValue | undefined;
  /** A threshold of the rule, written as the message has it, in the unit of the parameter. */
  threshold(value: ParameterValue): ParameterValue;
  /** True for a number without offset whose difference and ratio can be taken. */
  readonly scale: number;
  /** True for the time of the message itself. */
  readonly isMessage: boolean;
}

/**
 * The field of a path: the name of a parameter, or its path in the JSON message with or without `measurements.`, or its
 * address in another protocol; `timestamp` is any message, `data_quality.measurements_complete` whether no value is Bad.
 * Undefined when the type has no such thing.
 */
export function fieldOf(path: string, pkg: DevicePackage, situation: Situation): Field | undefined {
  const all = pkg.parameters.map(({ index }) => index);
  if (path === "timestamp") return { ...constants, inputs: all, value: () => undefined, isMessage: true };
  if (path === "data_quality.measurements_complete") {
    return { ...constants, inputs: all, value: () => isComplete(all, situation) };
  }
  const named = pkg.parameterByName.get(path);
  const found = named === undefined ? bound(path, pkg) : { spec: named, binding: undefined };
  return found === undefined ? undefined : parameterField(found.spec, found.binding, situation);
}

const constants = { threshold: (value: ParameterValue) => value, scale: 1, isMessage: false } as const;

interface Found {
  readonly spec: ParameterSpec;
  readonly binding: PointBinding | undefined;
}

function bound(path: string, pkg: DevicePackage): Found | undefined {
  const below = path.startsWith("measurements.") ? path.slice("measurements.".length) : path;
  const paths = new Set([path, below, `${below}.value`]);
  for (const spec of pkg.parameters) {
    const { json, sparkplug, lwm2m } = spec.bindings;
    const binding = [json, sparkplug, lwm2m].find(
      (candidate) => candidate !== undefined && paths.has(candidate.address),
    );
    if (binding !== undefined) return { spec, binding };
  }
  return undefined;
}

function parameterField(spec: ParameterSpec, binding: PointBinding | undefined, situation: Situation): Field {
  const { scale = 1, offset = 0, valueMap } = binding ?? {};
  return {
    inputs: [spec.index],
    scale,
    isMessage: false,
    value: () => valueAt(spec, situation),
    threshold: (value) => {
      if (typeof value === "number") return spec.enumeration.length > 0 ? value : value * scale + offset;
      if (typeof value !== "string") return value;
      const word = spec.enumeration.find(({ name }) => name === value)?.value;
      return valueMap?.get(value) ?? word ?? value;
    },
  };
}

function valueAt({ index, dataType }: ParameterSpec, situation: Situation): ParameterValue | undefined {
  const { live } = situation;
  const slot = situation.firstSlot + index;
  const quality = live.qualities[slot] ?? Quality.bad;
  if (quality > situation.worst) situation.worst = quality;
  if (isBad(quality)) return undefined;
  const text = live.texts[slot];
  if (text !== undefined) return dataType === "string" ? text : Number(text);
  const value = live.values[slot] ?? Number.NaN;
  if (Number.isNaN(value)) return undefined;
  return dataType === "boolean" ? value !== 0 : value;
}

/** Undefined until the device has sent anything; what it never sent does not count. */
function isComplete(indexes: readonly number[], { live, firstSlot }: Situation): boolean | undefined {
  let known: boolean | undefined;
  for (const index of indexes) {
    const quality = live.qualities[firstSlot + index] ?? Quality.badWaitingForInitialData;
    if (quality === Quality.badWaitingForInitialData) continue;
    if (isBad(quality)) return false;
    known = true;
  }
  return known;
}

/** True once the device has sent anything at all since the host started. */
export function hasReported({ live, firstSlot, device }: Situation): boolean {
  const count = device?.package.parameters.length ?? 0;
  for (let index = 0; index < count; index += 1) {
    if (!Number.isNaN(live.receivedTimes[firstSlot + index] ?? Number.NaN)) return true;
  }
  return false;
}
