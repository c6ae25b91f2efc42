const unitsMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds of a duration: a number of seconds or a text such as `250 ms`, `30 s`, `2 min`, `6 h`, `365 d`. */
export function durationMs(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) && value >= 0 ? value * 1_000 : undefined;
  if (typeof value !== "string") return undefined;
  const match = /^(\d+(?:\.\d+)?) ?(ms|s|min|h|d)$/.exec(value.trim());
  const unit = unitsMs[match?.[2] ?? ""];
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit;
}

/** The same with an optional minus in front. */
export function signedDurationMs(value: unknown): number | undefined {
  const isNegative = typeof value === "number" ? value < 0 : typeof value === "string" && value.startsWith("-");
  if (!isNegative) return durationMs(value);
  const ms = durationMs(typeof value === "number" ? -value : String(value).slice(1));
  return ms === undefined ? undefined : -ms;
}
