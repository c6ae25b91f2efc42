import type { HistoryPage, RawHistoryQuery } from "#fleet/ports.ts";
import type { EpochMs } from "#model/ids.ts";

/** The time that a raw read asks for, in the direction of reading. */
export interface RawWindow {
  /** Where reading begins; the value there belongs to the answer. */
  readonly near: EpochMs;
  /** Where it ends; the value there does not belong to it. Undefined: at the end of the data. */
  readonly far: EpochMs | undefined;
  readonly reverse: boolean;
  readonly returnBounds: boolean;
}

/** What a page of an answer begins with. */
export interface RawPlace {
  readonly part: "near bound" | "values" | "far bound";
  /** The last time of the page before; undefined when it had no value. */
  readonly after: EpochMs | undefined;
}

export const firstPlace: RawPlace = { part: "near bound", after: undefined };

/** A value of a page, or of several. */
export type Segment = { readonly page: HistoryPage; readonly count: number };

export interface RawPage {
  /** Together the values of the page. */
  readonly segments: readonly Segment[];
  readonly next: RawPlace | undefined;
}

type Question = Omit<RawHistoryQuery, "device" | "parameter">;

export interface RawQuestions {
  readonly nearBound: Question | undefined;
  readonly values: Question | undefined;
  readonly farBound: Question | undefined;
}

/** In ms: what the store keeps apart. */
export const microsecond = 0.001;
/** A bound that is missing where no time was asked for is this far behind the last value. */
const missingBoundMs = 1000;
const badBoundNotFound = 0x80d70000;

/** The window that start, end and count ask for (OPC 10000-11, 6.5.3); undefined when they say too little. */
export function rawWindowOf(
  start: EpochMs | undefined,
  end: EpochMs | undefined,
  count: number,
  returnBounds: boolean,
): RawWindow | undefined {
  if (start === undefined) {
    return end === undefined || count === 0 ? undefined : { near: end, far: undefined, reverse: true, returnBounds };
  }
  if (end === undefined && count === 0) return undefined;
  return { near: start, far: end, reverse: end !== undefined && end < start, returnBounds };
}

/** The range of a window, as queries have it. */
export function rangeOf({ near, far, reverse }: RawWindow) {
  if (reverse) return { from: far, to: near, reverse };
  return { from: near, to: far === near ? near + microsecond : far, reverse };
}

/** What has to be asked for a page of at most `limit` values. */
export function questionsOf(window: RawWindow, place: RawPlace, limit: number): RawQuestions {
  const { near, far, reverse, returnBounds } = window;
  const { after } = place;
  const isInstant = far === near;
  const one = { limit: 1, from: undefined, to: undefined };
  const nearBound: Question = reverse
    ? { ...one, from: near + microsecond, reverse: false }
    : { ...one, to: near - microsecond, reverse: true };
  const values: Question = {
    ...rangeOf(window),
    ...(after === undefined ? {} : { after }),
    limit,
  };
  const farBound: Question | undefined =
    far === undefined
      ? undefined
      : reverse
        ? { ...one, to: far, reverse: true }
        : { ...one, from: isInstant ? far + microsecond : far, reverse: false };
  return {
    nearBound: returnBounds && place.part === "near bound" ? nearBound : undefined,
    values: place.part === "far bound" ? undefined : values,
    farBound: returnBounds ? farBound : undefined,
  };
}

export interface RawAnswers {
  readonly nearBound: HistoryPage | undefined;
  readonly values: HistoryPage | undefined;
  readonly farBound: HistoryPage | undefined;
}

/** Puts the answers to `questionsOf` together: bounds count as values, a missing one is Bad_BoundNotFound. */
export function rawPageOf(window: RawWindow, place: RawPlace, limit: number, answers: RawAnswers): RawPage {
  const { near, far, returnBounds, reverse } = window;
  const segments: Segment[] = [];
  const { values } = answers;
  const hasNear = returnBounds && place.part === "near bound" && values?.times[0] !== near;
  if (hasNear) segments.push(boundOf(answers.nearBound, near));
  const room = limit - segments.length;
  const count = Math.min(room, values?.times.length ?? 0);
  if (values !== undefined && count > 0) segments.push({ page: values, count });
  const last = (count > 0 ? values?.times[count - 1] : undefined) ?? place.after;
  const isCut = values !== undefined && (values.more || values.times.length > count);
  if (isCut) return { segments, next: { part: "values", after: last } };
  if (!returnBounds) return { segments, next: undefined };
  if (count === room && place.part !== "far bound") return { segments, next: { part: "far bound", after: last } };
  const known = last ?? (hasNear ? answers.nearBound?.times[0] : undefined) ?? near;
  const beyond = reverse ? Math.min(near, known) - missingBoundMs : Math.max(near, known) + missingBoundMs;
  segments.push(boundOf(answers.farBound, far ?? beyond));
  return { segments, next: undefined };
}

function boundOf(found: HistoryPage | undefined, time: EpochMs): Segment {
  if (found !== undefined && found.times.length > 0) return { page: found, count: 1 };
  return {
    page: {
      times: Float64Array.of(time),
      values: Float64Array.of(Number.NaN),
      qualities: Uint32Array.of(badBoundNotFound),
      texts: undefined,
      more: false,
    },
    count: 1,
  };
}
