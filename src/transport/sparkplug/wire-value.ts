import type { ParameterValue } from "#model/data-type.ts";
import type { PointBinding } from "#model/parameter-spec.ts";
import { SparkplugType, type SparkplugTypeCode } from "#transport/sparkplug/codec/data-type.ts";

const texts = new Set<SparkplugTypeCode>([SparkplugType.String, SparkplugType.Text, SparkplugType.UUID]);
const floats = new Set<SparkplugTypeCode>([SparkplugType.Unknown, SparkplugType.Float, SparkplugType.Double]);

/**
 * A parameter's value in the device's unit and words: the reverse of what the binding says, in the form that `datatype`
 * (of the BIRTH) takes.
 */
export function wireValueOf(value: ParameterValue, binding: PointBinding, datatype: SparkplugTypeCode): ParameterValue {
  if (typeof value === "string" || typeof value === "bigint") return value;
  if (datatype === SparkplugType.Boolean) return typeof value === "boolean" ? value : value !== 0;
  const number = Number(value);
  const word = wordOf(number, binding);
  if (texts.has(datatype)) return word ?? String(typeof value === "boolean" ? value : unscaled(number, binding));
  if (word !== undefined && word.trim() !== "" && Number.isFinite(Number(word))) return Number(word);
  if (typeof value === "boolean" && datatype === SparkplugType.Unknown) return value;
  const wire = unscaled(number, binding);
  return floats.has(datatype) ? wire : Math.round(wire);
}

function unscaled(value: number, { scale, offset }: PointBinding): number {
  return (value - offset) / scale;
}

function wordOf(value: number, { valueMap }: PointBinding): string | undefined {
  for (const [word, meaning] of valueMap ?? []) if (meaning === value) return word;
  return undefined;
}
