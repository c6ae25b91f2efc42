import type { Situation } from "#fleet/alarms/trigger.ts";
import { isBad, Quality } from "#model/quality.ts";
import type { SampleBatch } from "#model/sample-batch.ts";
import type { Field } from "./field.ts";
import type { RuleCondition } from "./rule-definition.ts";
import { SlidingWindow } from "./sliding-window.ts";
import type { RuleTerm } from "./term.ts";

/** The terms that have to do with time: they keep something of each device. Undefined for other operators. */
export function timedTerm(condition: RuleCondition, field: Field, situation: Situation): RuleTerm | undefined {
  const { operator, threshold } = condition;
  const limit = threshold.kind === "value" ? Number(field.threshold(threshold.value)) : Number.NaN;
  const windowMs = condition.timeWindowS * 1_000;
  switch (operator) {
    case "duration_gt":
      return durationTerm(field, situation, { windowMs, test: (value) => value > limit });
    case "duration_lt":
      return durationTerm(field, situation, { windowMs, test: (value) => value < limit });
    case "time_since_last":
      return silenceTerm(field, situation, Number(threshold.kind === "value" ? threshold.value : 0) * 1_000);
    case "consecutive_gt":
      return consecutiveTerm(field, situation, { count: condition.consecutiveCount, test: (value) => value > limit });
    case "consecutive_lt":
      return consecutiveTerm(field, situation, { count: condition.consecutiveCount, test: (value) => value < limit });
    default: {
      const test = windowTest(condition, limit);
      return test === undefined ? undefined : windowTerm(field, situation, { windowMs, test });
    }
  }
}

type NumberTest = (value: number) => boolean;

/** The value has been so for the whole time without a gap. */
function durationTerm(
  field: Field,
  situation: Situation,
  { windowMs, test }: { readonly windowMs: number; readonly test: NumberTest },
): RuleTerm {
  const since = new Map<number, number>();
  return {
    inputs: field.inputs,
    holds: () => {
      const { row, time } = situation;
      const value = field.value();
      if (typeof value !== "number" || !test(value)) {
        since.delete(row);
        return value === undefined ? undefined : false;
      }
      const start = since.get(row) ?? time;
      since.set(row, start);
      if (time - start >= windowMs) return true;
      situation.lookAgainAt(start + windowMs);
      return false;
    },
    forget: (row) => void since.delete(row),
  };
}

/** Nothing was heard for longer than the limit; what was never heard is silent since it is looked at. */
function silenceTerm(field: Field, situation: Situation, limitMs: number): RuleTerm {
  const last = new Map<number, number>();
  return {
    inputs: field.inputs,
    holds: () => {
      const { row, time } = situation;
      const heard = last.get(row) ?? time;
      last.set(row, heard);
      if (time - heard > limitMs) return true;
      situation.lookAgainAt(heard + limitMs + 1);
      return false;
    },
    sample: (batch, i) => {
      if (isHeard(batch, i)) last.set(situation.row, situation.time);
    },
    forget: (row) => void last.delete(row),
  };
}

/** So many samples in a row. */
function consecutiveTerm(
  field: Field,
  situation: Situation,
  { count, test }: { readonly count: number; readonly test: NumberTest },
): RuleTerm {
  const counts = new Map<number, number>();
  return {
    inputs: field.inputs,
    holds: () => {
      const seen = counts.get(situation.row);
      // Asked for its quality, so that the alarm knows it.
      field.value();
      return seen === undefined ? undefined : seen >= count;
    },
    sample: (batch, i) => {
      if (!isHeard(batch, i) || isBad(batch.qualities[i] ?? 0)) return;
      const { row } = situation;
      counts.set(row, test(batch.values[i] ?? Number.NaN) ? (counts.get(row) ?? 0) + 1 : 0);
    },
    forget: (row) => void counts.delete(row),
  };
}

type WindowTest = (window: SlidingWindow) => boolean | undefined;

function windowTest({ operator }: RuleCondition, limit: number): WindowTest | undefined {
  const filled =
    (test: (window: SlidingWindow) => boolean): WindowTest =>
    (window) =>
      window.count === 0 ? undefined : test(window);
  switch (operator) {
    case "avg_gt":
      return filled(({ sum, count }) => sum / count > limit);
    case "avg_lt":
      return filled(({ sum, count }) => sum / count < limit);
    case "max_gt":
      return filled(({ highest }) => highest > limit);
    case "min_lt":
      return filled(({ lowest }) => lowest < limit);
    case "sum_gt":
      return ({ sum }) => sum > limit;
    case "count_gt":
      return ({ count }) => count > limit;
    default:
      return undefined;
  }
}

/** What was measured within the window, as a whole. */
function windowTerm(
  field: Field,
  situation: Situation,
  { windowMs, test }: { readonly windowMs: number; readonly test: WindowTest },
): RuleTerm {
  const windows = new Map<number, SlidingWindow>();
  return {
    inputs: field.inputs,
    holds: () => {
      const window = windows.get(situation.row);
      field.value();
      if (window === undefined) return undefined;
      window.move(situation.time);
      if (window.count > 0) situation.lookAgainAt(window.movesAt);
      return test(window);
    },
    sample: (batch, i) => {
      const value = batch.values[i] ?? Number.NaN;
      if (!isHeard(batch, i) || isBad(batch.qualities[i] ?? 0) || Number.isNaN(value)) return;
      const window = windows.get(situation.row) ?? new SlidingWindow(windowMs);
      windows.set(situation.row, window);
      window.add(situation.time, value);
    },
    forget: (row) => void windows.delete(row),
  };
}

/** False for what the host itself marks when a device falls silent. */
function isHeard(batch: SampleBatch, i: number): boolean {
  const quality = batch.qualities[i];
  return quality !== Quality.uncertainLastUsable && quality !== Quality.badNoCommunication;
}
