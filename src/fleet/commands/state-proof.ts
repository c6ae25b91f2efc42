import type { ParameterValue } from "#model/data-type.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { isGood } from "#model/quality.ts";
import { type SampleBatch, SampleFlag } from "#model/sample-batch.ts";

/** The state of a device that proves a command or a write. */
export interface StateProof {
  readonly spec: ParameterSpec;
  readonly equals: ParameterValue;
  /** Further values that prove it as well. */
  readonly or?: readonly ParameterValue[];
  /**
   * What it is worth when the state holds already as the command is sent. `proves`: as much as one reported later,
   * because devices do not repeat what did not change. `unless-refused`: the same, but the device gets a moment to
   * refuse. `nothing`: only a state that is reached afterwards counts (a test that passed before proves no new one).
   */
  readonly standing: "proves" | "unless-refused" | "nothing";
}

/** `Position = 1`, `Position = 1 or 3`. */
export function proofText({ spec, equals, or = [] }: StateProof): string {
  return `${spec.name} = ${[equals, ...or].map(String).join(" or ")}`;
}

/** True when sample `i` is a present, good value of the parameter. */
export function concerns(proof: StateProof, batch: SampleBatch, i: number): boolean {
  if (batch.parameters[i] !== proof.spec.index) return false;
  return ((batch.flags[i] ?? 0) & SampleFlag.historical) === 0 && isGood(batch.qualities[i] ?? 0);
}

/** The proving value that sample `i` has; undefined when it has another one. */
export function reachedValue(
  { spec, equals, or = [] }: StateProof,
  batch: SampleBatch,
  i: number,
): ParameterValue | undefined {
  const found = batch.texts[i] ?? batch.values[i] ?? Number.NaN;
  return [equals, ...or].find((value) => sameColumn(spec, columnValueOf(value), found));
}

/** True when `value` is one that proves. */
export function isProof({ spec, equals, or = [] }: StateProof, value: ParameterValue): boolean {
  return sameValue(spec, equals, value) || or.some((other) => sameValue(spec, other, value));
}

/** True when two values of a parameter are the same as far as the wire can tell. */
export function sameValue(spec: ParameterSpec, a: ParameterValue, b: ParameterValue): boolean {
  return sameColumn(spec, columnValueOf(a), columnValueOf(b));
}

function sameColumn(spec: ParameterSpec, a: number | string, b: number | string): boolean {
  if (a === b) return true;
  if (typeof a !== "number" || typeof b !== "number") return String(a) === String(b);
  if (spec.dataType !== "float" && spec.dataType !== "double") return false;
  // A value comes back through a 32-bit float and a scale: equal to six digits.
  return Math.abs(a - b) <= 1e-6 * Math.max(Math.abs(a), Math.abs(b), Number.MIN_VALUE);
}

function columnValueOf(value: ParameterValue): number | string {
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "bigint" ? value.toString() : value;
}
