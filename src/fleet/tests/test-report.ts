import type { EpochMs } from "#model/ids.ts";

/** `unknown`: the device was lost, or what was to be seen cannot be told. */
export type TestVerdict = "running" | "passed" | "failed" | "aborted" | "unknown";

export interface TestStepResult {
  readonly name: string;
  /** In words. */
  readonly expected: string;
  readonly verdict: Exclude<TestVerdict, "running">;
  readonly detail: string;
  readonly startedAt: EpochMs;
  readonly endedAt: EpochMs;
}

/** A test of a device: its steps so far while it runs, its result when it is over. */
export interface TestReport {
  readonly id: string;
  readonly device: string;
  readonly test: string;
  readonly user: string;
  readonly startedAt: EpochMs;
  readonly endedAt: EpochMs | undefined;
  readonly verdict: TestVerdict;
  readonly progressPercent: number;
  readonly steps: readonly TestStepResult[];
  /** One sentence. */
  readonly detail: string;
}

/** The verdict over several: the worst one counts. */
export function worstOf(verdicts: readonly Exclude<TestVerdict, "running">[]): Exclude<TestVerdict, "running"> {
  const order = ["aborted", "failed", "unknown", "passed"] as const;
  return order.find((verdict) => verdicts.includes(verdict)) ?? "passed";
}
