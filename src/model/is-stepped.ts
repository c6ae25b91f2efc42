import type { ParameterSpec } from "./parameter-spec.ts";

/**
 * True when a value holds until the next one (OPC 10000-11, 5.2.3, Stepped): everything but measured numbers with a
 * fraction, between which a straight line is the better guess.
 */
export function isStepped({ dataType, class: kind }: ParameterSpec): boolean {
  return kind !== "dynamic" || (dataType !== "float" && dataType !== "double");
}
