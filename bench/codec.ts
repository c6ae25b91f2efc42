import { type Comparison, compareCodecs } from "./codec/compare-codecs.ts";
import { report } from "./support/report.ts";

/** Decoding and encoding Sparkplug payloads of 5, 20 and 50 metrics, by name and by alias, against sparkplug-payload. */

const results: Record<string, Comparison> = {};
for (const isNamed of [true, false]) {
  for (const count of [5, 20, 50]) {
    const { decode, encode } = compareCodecs(count, isNamed);
    const name = `${count}${isNamed ? "Named" : "Alias"}`;
    results[`decode${name}`] = decode;
    results[`encode${name}`] = encode;
  }
}

const line = (name: string, { ours, theirs, ratio }: Comparison): string =>
  `${name.padEnd(16)} ${String(ours).padStart(9)} /s  ${String(theirs).padStart(9)} /s  x${ratio}\n`;
for (const [name, comparison] of Object.entries(results)) process.stdout.write(line(name, comparison));
const ratio = (name: string): number => results[name]?.ratio ?? Number.NaN;
report("codec", {
  decode50NamedRatio: ratio("decode50Named"),
  decode20AliasRatio: ratio("decode20Alias"),
  // The worse of the two: what the limit promises holds for both forms.
  encodeRatio: Math.min(ratio("encode50Named"), ratio("encode20Alias")),
  decode50NamedPerS: results["decode50Named"]?.ours ?? Number.NaN,
  decode20AliasPerS: results["decode20Alias"]?.ours ?? Number.NaN,
});
