import type { ParameterValue } from "#model/data-type.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";

/** A value as `parameterValueOf` reads it back: names of enumeration values and states, ISO 8601 times. */
export function valueText(
  value: ParameterValue,
  spec: Pick<ParameterSpec, "dataType" | "enumeration" | "states">,
): string {
  const named = spec.enumeration.find((entry) => entry.value === value);
  if (named !== undefined) return named.name;
  if (typeof value === "boolean" && spec.states !== undefined) return value ? spec.states.true : spec.states.false;
  return spec.dataType === "date-time" && typeof value === "number" ? new Date(value).toISOString() : String(value);
}
