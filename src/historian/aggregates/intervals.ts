import type { EpochMs } from "#model/ids.ts";
import type { ProcessedRequest } from "./processed-request.ts";

/** One interval, from past to future whichever way the request runs. */
export interface Interval {
  readonly low: EpochMs;
  readonly high: EpochMs;
  /** The time that the result carries: where the interval starts in the direction of the request. */
  readonly start: EpochMs;
  /** The request runs backwards: the interval holds its high end instead of its low end. */
  readonly isReverse: boolean;
}

/** Number of intervals of a request; the last one may be short. */
export function intervalCount(request: ProcessedRequest): number {
  const duration = Math.abs(request.endTime - request.startTime);
  return Math.ceil(duration / lengthOf(request, duration));
}

/** The intervals in the order of the request (OPC 10000-13, 5.4.2.2). */
export function* intervalsOf(request: ProcessedRequest): Generator<Interval> {
  const { startTime, endTime } = request;
  const duration = Math.abs(endTime - startTime);
  const length = lengthOf(request, duration);
  const isReverse = endTime < startTime;
  for (let i = 0; i * length < duration; i += 1) {
    const near = i * length;
    const far = Math.min(near + length, duration);
    yield isReverse
      ? { low: startTime - far, high: startTime - near, start: startTime - near, isReverse }
      : { low: startTime + near, high: startTime + far, start: startTime + near, isReverse };
  }
}

function lengthOf(request: ProcessedRequest, duration: number): number {
  return request.processingIntervalMs > 0 ? request.processingIntervalMs : duration;
}
