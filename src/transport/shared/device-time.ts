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

/** Fraction and zone behind the minutes or seconds. */
const tailPattern = /^(?:[.,](\d{1,9}))?(?:[Zz]|([+-])(\d\d):?(\d\d))?$/;

// Read by position: a pattern over the whole text costs ten times as much, and this is done for every message.
function ofIsoText(text: string): EpochMs | undefined {
  if (text.length < 16 || text.length > 40 || text[4] !== "-" || text[7] !== "-" || text[13] !== ":") return undefined;
  if (text[10] !== "T" && text[10] !== " " && text[10] !== "t") return undefined;
  const hasSeconds = text[16] === ":";
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  const hour = digits(text, 11, 2);
  const second = hasSeconds ? digits(text, 17, 2) : 0;
  const whole = Date.UTC(digits(text, 0, 4), month - 1, day, hour, digits(text, 14, 2), second);
  if (Number.isNaN(whole) || second > 59) return undefined;
  const date = new Date(whole);
  // Date.UTC rolls over: 2026-02-30 is no date.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || date.getUTCHours() !== hour) return undefined;
  const tail = tailOf(text.slice(hasSeconds ? 19 : 16));
  return tail === undefined ? undefined : whole + tail;
}

/** The milliseconds that fraction and offset add; undefined when there is something else. */
function tailOf(text: string): number | undefined {
  if (text === "" || text === "Z") return 0;
  const match = tailPattern.exec(text);
  if (match === null) return undefined;
  const [, fraction, sign, hours = "0", minutes = "0"] = match;
  const offset = (+hours * 60 + +minutes) * 60_000;
  return (fraction === undefined ? 0 : +`0.${fraction}` * 1_000) - (sign === "-" ? -offset : offset);
}

/** NaN unless all characters are digits. */
function digits(text: string, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i += 1) {
    const digit = text.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
