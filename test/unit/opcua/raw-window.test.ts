import { describe, expect, it } from "vitest";
import type { HistoryPage } from "#fleet/ports.ts";
import {
  firstPlace,
  questionsOf,
  type RawPlace,
  type RawQuestions,
  type RawWindow,
  rawPageOf,
  rawWindowOf,
} from "#opcua/history/raw-window.ts";

/** Values at 5:00, 5:02, 5:03, 5:05 and 5:06, as in the examples of OPC 10000-11, 4.4.2. */
const stored = ["5:00", "5:02", "5:03", "5:05", "5:06"].map(timeOf);
const badBoundNotFound = 0x80d70000;

/**
 * What ReadRaw gives for start, end (- = not given), count and bounds (b, or n for none): F and L are bounds that are
 * missing, + is a continuation point. The table is that of OPC 10000-11, 4.4.2.
 */
const table = `
5:00 5:05 0 b | 5:00 5:02 5:03 5:05
5:00 5:05 0 n | 5:00 5:02 5:03
5:01 5:04 0 b | 5:00 5:02 5:03 5:05
5:01 5:04 0 n | 5:02 5:03
5:05 5:00 0 b | 5:05 5:03 5:02 5:00
5:05 5:00 0 n | 5:05 5:03 5:02
5:04 5:01 0 b | 5:05 5:03 5:02 5:00
5:04 5:01 0 n | 5:03 5:02
4:59 5:05 0 b | F 5:00 5:02 5:03 5:05
4:59 5:05 0 n | 5:00 5:02 5:03
5:01 5:07 0 b | 5:00 5:02 5:03 5:05 5:06 L
5:01 5:07 0 n | 5:02 5:03 5:05 5:06
5:00 5:05 3 b | 5:00 5:02 5:03 +
5:00 5:05 3 n | 5:00 5:02 5:03
5:01 5:04 3 b | 5:00 5:02 5:03 +
5:01 5:04 3 n | 5:02 5:03
5:05 5:00 3 b | 5:05 5:03 5:02 +
5:05 5:00 3 n | 5:05 5:03 5:02
5:04 5:01 3 b | 5:05 5:03 5:02 +
5:04 5:01 3 n | 5:03 5:02
4:59 5:05 3 b | F 5:00 5:02 +
4:59 5:05 3 n | 5:00 5:02 5:03
5:01 5:07 3 b | 5:00 5:02 5:03 +
5:01 5:07 3 n | 5:02 5:03 5:05 +
5:00 - 3 b | 5:00 5:02 5:03 +
5:00 - 3 n | 5:00 5:02 5:03 +
5:00 - 6 b | 5:00 5:02 5:03 5:05 5:06 L
5:00 - 6 n | 5:00 5:02 5:03 5:05 5:06
5:07 - 6 b | 5:06 L
5:07 - 6 n |
- 5:06 3 b | 5:06 5:05 5:03 +
- 5:06 3 n | 5:06 5:05 5:03 +
- 5:06 6 b | 5:06 5:05 5:03 5:02 5:00 F
- 5:06 6 n | 5:06 5:05 5:03 5:02 5:00
- 4:48 6 b | 5:00 F
- 4:48 6 n |
4:48 4:48 0 b | F 5:00
4:48 4:48 0 n |
4:48 4:48 1 b | F +
4:48 4:48 1 n |
4:48 4:48 2 b | F 5:00
5:00 5:00 0 b | 5:00 5:02
5:00 5:00 0 n | 5:00
5:00 5:00 1 b | 5:00 +
5:00 5:00 1 n | 5:00
5:01 5:01 0 b | 5:00 5:02
5:01 5:01 0 n |
5:01 5:01 1 b | 5:00 +
5:01 5:01 1 n |
`
  .trim()
  .split("\n")
  .map((line) => line.split("|").map((part) => part.trim()));

function timeOf(text: string): number {
  const [hours = 0, minutes = 0] = text.split(":").map(Number);
  return Date.UTC(2026, 0, 1, hours, minutes);
}

function windowOf(start: string, end: string, count: number, returnBounds: boolean): RawWindow {
  const given = (text: string) => (text === "-" ? undefined : timeOf(text));
  const window = rawWindowOf(given(start), given(end), count, returnBounds);
  if (window === undefined) throw new Error("the question says too little");
  return window;
}

/** Answers a question as the port for raw history says. */
function answer(question: RawQuestions[keyof RawQuestions]): HistoryPage | undefined {
  if (question === undefined) return undefined;
  const { from, to, reverse, after, limit } = question;
  const wanted = (reverse ? stored.toReversed() : stored).filter((time) => {
    if (after !== undefined && (reverse ? time >= after : time <= after)) return false;
    if (from !== undefined && (reverse ? time <= from : time < from)) return false;
    return to === undefined || (reverse ? time <= to : time < to);
  });
  const times = Float64Array.from(wanted.slice(0, limit));
  return {
    times,
    values: times,
    qualities: new Uint32Array(times.length),
    texts: undefined,
    more: wanted.length > limit,
  };
}

interface Shown {
  readonly values: readonly string[];
  readonly next: RawPlace | undefined;
}

function read(window: RawWindow, place: RawPlace, limit: number): Shown {
  const asked = questionsOf(window, place, limit);
  const answers = {
    nearBound: answer(asked.nearBound),
    values: answer(asked.values),
    farBound: answer(asked.farBound),
  };
  const { segments, next } = rawPageOf(window, place, limit, answers);
  const values = segments.flatMap(({ page, count }) =>
    Array.from({ length: count }, (_, i) => wordOf(page.times[i] ?? 0, page.qualities[i] ?? 0)),
  );
  return { values, next };
}

function wordOf(time: number, quality: number): string {
  if (quality === badBoundNotFound) return time < timeOf("5:00") ? "F" : "L";
  return new Date(time).toISOString().slice(12, 16);
}

describe("a raw read", () => {
  it.each(table)("of %s gives: %s", (question = "", expected = "") => {
    const [start = "", end = "", count = "0", bounds] = question.split(" ");
    const window = windowOf(start, end, Number(count), bounds === "b");

    const { values, next } = read(window, firstPlace, Number(count) || 1000);

    expect([...values, ...(next === undefined ? [] : ["+"])].join(" ")).toBe(expected);
  });

  it.each(table)("of %s gives the same in pages of any size", (question = "") => {
    const [start = "", end = "", count = "0", bounds] = question.split(" ");
    const window = windowOf(start, end, Number(count), bounds === "b");
    const { values: whole } = read(window, firstPlace, 1000);

    for (const limit of [1, 2, 3, 4]) {
      const values: string[] = [];
      for (let place: RawPlace | undefined = firstPlace; place !== undefined; ) {
        const page = read(window, place, limit);
        expect(page.values.length).toBeLessThanOrEqual(limit);
        values.push(...page.values);
        place = page.next;
      }
      expect(values).toEqual(whole);
    }
  });

  it("needs two of start, end and count", () => {
    expect(rawWindowOf(1, undefined, 0, true)).toBeUndefined();
    expect(rawWindowOf(undefined, 1, 0, true)).toBeUndefined();
    expect(rawWindowOf(undefined, undefined, 5, true)).toBeUndefined();
  });
});
