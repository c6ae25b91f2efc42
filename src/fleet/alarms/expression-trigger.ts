import type { AlarmSpec } from "#model/alarm-spec.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { Expression, ExpressionValue, NameReader } from "#model/expression/expression.ts";
import { isBad } from "#model/quality.ts";
import type { Situation, Trigger } from "./trigger.ts";

/** The trigger of an alarm of a package; undefined when only the device or a person can judge its condition. */
export function expressionTrigger(
  { when, clearWhen }: Pick<AlarmSpec, "when" | "clearWhen">,
  pkg: DevicePackage,
  situation: Situation,
): Trigger | undefined {
  if (when.expression === undefined) return undefined;
  const holds = evaluatorOf(when.expression, pkg, situation);
  const inputs = new Set(holds.inputs);
  if (clearWhen?.expression === undefined) return { inputs: [...inputs], holds: holds.run };
  const clears = evaluatorOf(clearWhen.expression, pkg, situation);
  for (const input of clears.inputs) inputs.add(input);
  return { inputs: [...inputs], holds: holds.run, gone: clears.run };
}

interface Evaluator {
  readonly inputs: readonly number[];
  readonly run: () => boolean | undefined;
}

function evaluatorOf(expression: Expression, pkg: DevicePackage, situation: Situation): Evaluator {
  const specs = expression.names.map((name) => pkg.parameterByName.get(name));
  const inputs = specs.map((spec) => spec?.index ?? 0);
  const readers = specs.map((spec) => readerOf(spec?.dataType ?? "double"));
  const { live } = situation;
  const read: NameReader = (index) => {
    const slot = situation.firstSlot + (inputs[index] ?? 0);
    const quality = live.qualities[slot] ?? 0;
    if (quality > situation.worst) situation.worst = quality;
    return isBad(quality) ? undefined : readers[index]?.(situation, slot);
  };
  const run = (): boolean | undefined => {
    const result = expression.evaluate(read);
    return typeof result === "boolean" ? result : undefined;
  };
  return { inputs, run };
}

type Reader = (situation: Situation, slot: number) => ExpressionValue;

const readText: Reader = ({ live }, slot) => live.texts[slot];

const readBoolean: Reader = ({ live }, slot) => {
  const value = live.values[slot];
  return value === undefined || Number.isNaN(value) ? undefined : value !== 0;
};

const readNumber: Reader = ({ live }, slot) => {
  const value = live.values[slot];
  if (value !== undefined && !Number.isNaN(value)) return value;
  // Whole numbers beyond 2^53 live as digits; an expression sees them as near as a double can.
  const digits = live.texts[slot];
  return digits === undefined ? undefined : Number(digits);
};

function readerOf(dataType: string): Reader {
  if (dataType === "string") return readText;
  return dataType === "boolean" ? readBoolean : readNumber;
}
