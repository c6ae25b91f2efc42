import type { Readings } from "#simulator/physics/readings.ts";
import type { Agenda } from "./agenda.ts";
import type { Frame } from "./frame.ts";
import { injectCurrent, type TestElement, testElements } from "./injection.ts";
import { type Mechanism, Position } from "./mechanism.ts";
import type { Settings } from "./settings.ts";

export const testNames = ["SelfTest", "ProtectionTest", "CommunicationTest"] as const;

export type TestName = (typeof testNames)[number];

export const TestResult = { none: 0, running: 1, passed: 2, failed: 3 } as const;

/** One step of a test with what was expected and what was measured, in the unit given. */
export interface StepResult {
  readonly step: string;
  readonly passed: boolean;
  /** Smallest and largest good value. */
  readonly expected: readonly [number, number];
  readonly measured: number;
  readonly unit: string;
}

/** State of one way to the outside world. */
export interface LinkState {
  readonly name: string;
  readonly isUp: boolean;
  /** Duration of the last acknowledged exchange; undefined when none was answered. */
  readonly roundTripMs: number | undefined;
}

/** What the bench needs of its breaker. */
export interface TestSubject {
  readonly timeMs: number;
  readonly agenda: Agenda;
  readonly settings: Settings;
  readonly frame: Frame;
  readonly readings: Readings;
  readonly mechanism: Mechanism;
  changed(): void;
}

interface Step {
  readonly durationMs: number;
  readonly finish: () => StepResult;
}

/** Worse than this a link counts as unusable. */
const slowestRoundTripMs = 1_000;
const openingLimitMs = 90;

/** Runs the built-in tests: step by step on simulation time, abortable, with a report. */
export class TestBench {
  /** Of SelfTest, the one test that has a result of its own on every protocol. */
  selfTestResult: number = TestResult.none;
  /** Name of the running or last test. */
  name: TestName | undefined;
  isRunning = false;
  report: readonly StepResult[] = [];
  progressPercent = 0;
  /** Asks the links for a fresh round trip. */
  probeLinks: () => void = () => {};
  links: () => readonly LinkState[] = () => [];
  readonly #subject: TestSubject;
  #timer: Disposable | undefined;

  constructor(subject: TestSubject) {
    this.#subject = subject;
  }

  /** Starts a test; `element` and `level` (multiple of its pickup) narrow a ProtectionTest down. */
  start(name: TestName, element?: TestElement, level?: number): void {
    this.name = name;
    this.isRunning = true;
    this.report = [];
    if (name === "SelfTest") this.selfTestResult = TestResult.running;
    if (name === "CommunicationTest") this.probeLinks();
    this.#run(this.#steps(name, element, level), 0);
  }

  abort(): void {
    if (!this.isRunning) return;
    this.#timer?.[Symbol.dispose]();
    this.#end(false);
  }

  /** The report as JSON for whoever reads it as one text. */
  get text(): string {
    if (this.name === undefined) return "";
    const passed = this.report.every((step) => step.passed);
    return JSON.stringify({ test: this.name, running: this.isRunning, passed, steps: this.report });
  }

  #run(steps: readonly Step[], index: number): void {
    const step = steps[index];
    this.progressPercent = Math.round((100 * index) / steps.length);
    this.#subject.changed();
    if (step === undefined) return this.#end(this.report.every(({ passed }) => passed));
    this.#timer = this.#subject.agenda.at(this.#subject.timeMs + step.durationMs, () => {
      this.report = [...this.report, step.finish()];
      this.#run(steps, index + 1);
    });
  }

  #end(passed: boolean): void {
    this.isRunning = false;
    if (this.name === "SelfTest") this.selfTestResult = passed ? TestResult.passed : TestResult.failed;
    this.#subject.changed();
  }

  #steps(name: TestName, element: TestElement | undefined, level: number | undefined): Step[] {
    switch (name) {
      case "SelfTest":
        return [
          { durationMs: 300, finish: () => this.#hardware() },
          this.#injection("GroundFault", undefined),
          { durationMs: 400, finish: () => this.#linksUp() },
          { durationMs: 300, finish: () => this.#calibration() },
        ];
      case "ProtectionTest":
        return (element === undefined ? testElements : [element]).map((each) => this.#injection(each, level));
      case "CommunicationTest": {
        const names = this.links().map((link) => link.name);
        return (names.length === 0 ? ["no link"] : names).map((each) => ({
          durationMs: 500,
          finish: () =>
            this.#communication(
              `${each}Test`,
              this.links().filter((link) => link.name === each),
            ),
        }));
      }
    }
  }

  /** The step lasts as long as the element takes: the injected current flows in real time. */
  #injection(element: TestElement, level: number | undefined): Step {
    const { settings, frame, mechanism } = this.#subject;
    const { expectedMs, measuredMs } = injectCurrent({
      element,
      settings,
      frame,
      level,
      mechanismMs: mechanism.tripMs,
    });
    const passed = measuredMs >= expectedMs[0] && measuredMs <= expectedMs[1];
    return {
      durationMs: Number.isFinite(measuredMs) ? measuredMs : expectedMs[1],
      finish: () => ({ step: `${element}Test`, passed, expected: expectedMs, measured: measuredMs, unit: "ms" }),
    };
  }

  #hardware(): StepResult {
    const { mechanism } = this.#subject;
    const measured = Math.max(mechanism.lastOpeningMs, mechanism.lastClosingMs);
    const passed = mechanism.position !== Position.bad && measured <= openingLimitMs;
    return { step: "HardwareCheck", passed, expected: [0, openingLimitMs], measured, unit: "ms" };
  }

  #communication(step: string, links: readonly LinkState[]): StepResult {
    const measured = Math.max(0, ...links.map((link) => link.roundTripMs ?? Number.POSITIVE_INFINITY));
    const passed = links.every((link) => link.isUp) && measured <= slowestRoundTripMs;
    return { step, passed, expected: [0, slowestRoundTripMs], measured: Math.min(measured, 99_999), unit: "ms" };
  }

  /** For a self-test it is enough that nothing is disconnected; round trips are the communication test's business. */
  #linksUp(): StepResult {
    const down = this.links().filter((link) => !link.isUp).length;
    return { step: "CommunicationTest", passed: down === 0, expected: [0, 0], measured: down, unit: "links down" };
  }

  /** The measuring chain agrees with itself: S against P, Q and D. */
  #calibration(): StepResult {
    const { apparentKva, activeKw, reactiveKvar, distortionKva, voltagesV, currentsA } = this.#subject.readings;
    const byPhase = voltagesV.reduce((sum, volts, i) => sum + (volts * (currentsA[i] ?? 0)) / 1000, 0);
    const byPower = Math.hypot(activeKw, reactiveKvar, distortionKva);
    const measured = apparentKva > 0 ? (100 * Math.abs(byPhase - byPower)) / apparentKva : 0;
    return { step: "CalibrationCheck", passed: measured <= 0.5, expected: [0, 0.5], measured, unit: "%" };
  }
}
