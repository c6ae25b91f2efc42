import type { Clock } from "#lib/clock.ts";
import { type TestReport, type TestStepResult, type TestVerdict, worstOf } from "./test-report.ts";

type StepVerdict = Exclude<TestVerdict, "running">;

/** One step: what is expected, in words, and how it is found out. */
export interface RunStep {
  readonly name: string;
  readonly expected: string;
  readonly run: (run: TestRun) => Promise<{ readonly verdict: StepVerdict; readonly detail: string }>;
}

/** One test that is going on: its steps one after the other, until the last one, an abort, or the loss of the device. */
export class TestRun {
  readonly #clock: Clock;
  readonly #onProgress: (report: TestReport) => void;
  #report: TestReport;
  #stopped: { readonly verdict: StepVerdict; readonly reason: string } | undefined;
  #messages = 0;
  #stepStartedAt: number;
  /** What waits for samples or for the end. */
  readonly #wakers = new Set<() => void>();

  constructor(
    begin: Pick<TestReport, "id" | "device" | "test" | "user">,
    clock: Clock,
    onProgress: (report: TestReport) => void,
  ) {
    this.#clock = clock;
    this.#onProgress = onProgress;
    const startedAt = clock.now();
    this.#stepStartedAt = startedAt;
    this.#report = {
      ...begin,
      startedAt,
      endedAt: undefined,
      verdict: "running",
      progressPercent: 0,
      steps: [],
      detail: "",
    };
  }

  get report(): TestReport {
    return this.#report;
  }

  get isOver(): boolean {
    return this.#report.verdict !== "running";
  }

  get isStopped(): boolean {
    return this.#stopped !== undefined;
  }

  /** Carries the steps out; never rejects. */
  async carryOut(steps: readonly RunStep[]): Promise<TestReport> {
    this.#onProgress(this.#report);
    for (const [i, step] of steps.entries()) {
      if (this.isStopped) break;
      this.#stepStartedAt = this.#clock.now();
      const found = await step.run(this);
      const { verdict, reason } = this.#stopped ?? { ...found, reason: found.detail };
      this.add({ name: step.name, expected: step.expected, verdict, detail: reason });
      this.progress(Math.round((100 * (i + 1)) / (steps.length + 1)));
    }
    return this.#end();
  }

  /** Adds the result of a step, or of a part of one. */
  add(step: Omit<TestStepResult, "startedAt" | "endedAt">): void {
    const times = { startedAt: this.#stepStartedAt, endedAt: this.#clock.now() };
    this.#update({ steps: [...this.#report.steps, { ...step, ...times }] });
  }

  /** Says how far it is; never backwards. */
  progress(percent: number): void {
    if (this.isOver || percent <= this.#report.progressPercent) return;
    this.#update({ progressPercent: percent });
    this.#onProgress(this.#report);
  }

  /** Ends the test before its time. */
  stop(verdict: StepVerdict, reason: string): void {
    if (this.isOver) return;
    this.#stopped ??= { verdict, reason };
    this.wake();
  }

  /** Messages of the device since the test began. */
  get messages(): number {
    return this.#messages;
  }

  /** New samples of the device. */
  observe(): void {
    this.#messages += 1;
    this.wake();
  }

  /** Something happened that may end a wait. */
  wake(): void {
    for (const waker of this.#wakers) waker();
  }

  /** Waits until `probe` is true, at most `ms`; asks again with every sample. False when the time was over, or it was stopped. */
  async until(probe: () => boolean, ms: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const waker = (): void => {
      if (this.isStopped) resolve(false);
      else if (probe()) resolve(true);
    };
    using _timer = this.#clock.after(ms, () => resolve(!this.isStopped && probe()));
    this.#wakers.add(waker);
    if (this.isStopped) resolve(false);
    try {
      return await promise;
    } finally {
      this.#wakers.delete(waker);
    }
  }

  #end(): TestReport {
    const { steps } = this.#report;
    const verdict = this.#stopped?.verdict ?? worstOf(steps.map((step) => step.verdict));
    const failed = steps.filter((step) => step.verdict !== "passed").length;
    const detail = this.#stopped?.reason ?? `${steps.length - failed} of ${steps.length} steps passed`;
    this.#update({ verdict, detail, endedAt: this.#clock.now(), progressPercent: 100 });
    this.#onProgress(this.#report);
    return this.#report;
  }

  #update(change: Partial<TestReport>): void {
    this.#report = { ...this.#report, ...change };
  }
}
