import type { EpochMs } from "#model/ids.ts";

// Seconds stay below this until the year 5138; milliseconds passed it in 1973.
const smallestMilliseconds = 1e11;
const smallestMicroseconds = 1e14;
const smallestNanoseconds = 1e17;

/**
 * The instant that a device's timestamp stands for: epoch seconds (also fractional), milliseconds, microseconds or
 * nanoseconds, as number or digits; or ISO 8601 with `Z`, with an offset, or without zone (taken as UTC). Undefined when
 * it is none of these.
 */
export function epochMsOf(value: unknown): EpochMs | undefined {
  if (typeof value === "number") return ofNumber(value);
  if (typeof value !== "string") return undefined;
  return ofIsoText(value) ?? (value.trim() === "" ? undefined : ofNumber(Number(value)));
}

function ofNumber(value: number): EpochMs | undefined {
  if (!Number.isFinite(value) || value < 0) return undefined;
  if (value < smallestMilliseconds) return value * 1_000;
  if (value < smallestMicroseconds) return value;
  return value < smallestNanoseconds ? value / 1_000 : value / 1_000_000;
}

const isoPattern =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:([Zz])|([+-])(\d\d):?(\d\d))?$/;

function ofIsoText(text: string): EpochMs | undefined {
  if (text.length < 16 || text.length > 40) return undefined;
  const match = isoPattern.exec(text);
  if (match === null) return undefined;
  const [
    ,
    year,
    month,
    day,
    hour,
    minute,
    second = "0",
    fraction = "",
    ,
    sign,
    offsetHours = "0",
    offsetMinutes = "0",
  ] = match;
  const whole = Date.UTC(+(year ?? 0), +(month ?? 0) - 1, +(day ?? 0), +(hour ?? 0), +(minute ?? 0), +second);
  const date = new Date(whole);
  // Date.UTC rolls over: 2026-02-30 is no date.
  if (date.getUTCDate() !== +(day ?? 0) || date.getUTCHours() !== +(hour ?? 0) || +second > 59) return undefined;
  const ms = fraction === "" ? 0 : +`0.${fraction}` * 1_000;
  const offset = (+offsetHours * 60 + +offsetMinutes) * 60_000;
  return whole + ms - (sign === "-" ? -offset : offset);
}
