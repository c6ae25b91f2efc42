import type { Condition } from "#model/condition.ts";
import type { ParameterValue } from "#model/data-type.ts";
import type { ExpressionValue } from "#model/expression/expression.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { isGood, Quality } from "#model/quality.ts";
import type { Device } from "./device.ts";
import type { LiveValues } from "./live-values.ts";

/** The value that the device vouches for now; undefined when there is none, or it is stale, or its sensor is in doubt. */
export function knownValueOf(device: Device, spec: ParameterSpec, live: LiveValues): ParameterValue | undefined {
  const { value, quality } = live.get(device, spec);
  return isGood(quality) || quality === Quality.uncertainEngineeringUnitsExceeded ? value : undefined;
}

/**
 * What a condition gives for the values known now, with those of `drafts` (by parameter name) in their place; undefined
 * when it cannot be told.
 */
export function conditionNow(
  condition: Condition,
  device: Device,
  live: LiveValues,
  drafts?: ReadonlyMap<string, ParameterValue>,
): boolean | undefined {
  const { expression } = condition;
  if (expression === undefined) return undefined;
  const result = expression.evaluate((index): ExpressionValue => {
    const name = expression.names[index] ?? "";
    const spec = device.package.parameterByName.get(name);
    const value = drafts?.get(name) ?? (spec === undefined ? undefined : knownValueOf(device, spec, live));
    return typeof value === "bigint" ? Number(value) : value;
  });
  return typeof result === "boolean" ? result : undefined;
}

/** The names in a condition that are neither drafted nor known now, for messages. */
export function unknownNames(
  condition: Condition,
  device: Device,
  live: LiveValues,
  drafts?: ReadonlyMap<string, ParameterValue>,
): string[] {
  return (condition.expression?.names ?? []).filter((name) => {
    if (drafts?.has(name) === true) return false;
    const spec = device.package.parameterByName.get(name);
    return spec === undefined || knownValueOf(device, spec, live) === undefined;
  });
}
