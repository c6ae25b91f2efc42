import { allows, demand } from "#fleet/access/action.ts";
import type { Clock } from "#lib/clock.ts";
import type { CommandOutcome, Principal } from "#model/command.ts";
import { HostError, messageOf } from "#model/errors.ts";
import type { TestStep } from "#model/package-details.ts";
import type { Audit } from "./audit.ts";
import type { Commands } from "./commands.ts";
import type { Device } from "./device.ts";
import { conditionNow } from "./known-values.ts";
import type { LiveValues } from "./live-values.ts";
import type { Inputs } from "./package-rules.ts";
import type { DeviceTransport, TestReportStore } from "./ports.ts";
import type { PresenceBoard } from "./presence.ts";
import { communicationSteps } from "./tests/communication-steps.ts";
import { deviceReportStep } from "./tests/device-report.ts";
import { abortCommand, planOf, type TestPlan } from "./tests/test-plan.ts";
import type { TestReport } from "./tests/test-report.ts";
import { type RunStep, TestRun } from "./tests/test-run.ts";

export interface TestRequest {
  readonly device: Device;
  readonly test: string;
  readonly inputs: Inputs;
  readonly by: Principal;
}

export interface DeviceTestsParts {
  readonly commands: Commands;
  readonly live: LiveValues;
  readonly presence: PresenceBoard;
  readonly transportOf: (device: Device) => DeviceTransport | undefined;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Where finished reports outlive the host. */
  readonly reports?: TestReportStore | undefined;
}

type DevicePlan = Extract<TestPlan, { by: "device" }>;

/** Reports that are kept; beyond it the oldest goes. */
const maxReports = 1_000;
/** A device that refuses a test does so at once. */
const refusalMs = 500;
/** Telemetry of a step's end may take this long. */
const settleMs = 2_000;
/** The longest that a timer can run. */
const longestWaitMs = 2 ** 31 - 1;

/** Tests of devices: started, watched step by step, aborted, and their reports kept. */
export class DeviceTests {
  readonly #parts: DeviceTestsParts;
  readonly #running = new Map<Device, TestRun>();
  readonly #reports = new Map<string, TestReport>();
  readonly #listeners: ((device: Device, report: TestReport) => void)[] = [];

  constructor(parts: DeviceTestsParts) {
    this.#parts = parts;
  }

  /**
   * Starts a test and gives its report so far; it goes on by itself. Throws as Commands.execute for the command that starts
   * it, `argument-invalid` for a test that the device does not have, and `command-busy` while another one runs.
   */
  async start(request: TestRequest): Promise<TestReport> {
    const { device, test, by, inputs } = request;
    const plan = planOf(device, test, inputs);
    const busy = this.#running.get(device);
    // Who may not run it learns that first, further on.
    if (busy !== undefined && mayRun(by, plan))
      throw new HostError("command-busy", `${device.id} is still busy with ${busy.report.test}`);
    const begin = { id: this.#parts.newId(), device: device.id, test, user: by.user };
    const run = new TestRun(begin, this.#parts.clock, (report) => this.#note(device, report));
    if (busy === undefined) this.#running.set(device, run);
    try {
      const steps = plan.by === "host" ? this.#ownSteps(device, by) : await this.#begin(run, request, plan);
      this.#follow(device, by, run, steps);
      return run.report;
    } catch (error) {
      if (this.#running.get(device) === run) this.#running.delete(device);
      throw error;
    }
  }

  /**
   * Ends a running test, in the device as well where its package has a command for it. Throws `argument-invalid` when no
   * such test runs, and as Commands.execute.
   */
  async abort(device: Device, id: string, by: Principal): Promise<TestReport> {
    authorise(device, by, "abort a test");
    const run = this.#running.get(device);
    if (run === undefined || run.report.id !== id) {
      throw new HostError("argument-invalid", `${device.id} runs no test ${JSON.stringify(id.slice(0, 80))}`);
    }
    if (device.package.commandByName.has(abortCommand)) {
      await this.#parts.commands.execute({ device, command: abortCommand, inputs: [], by });
    }
    run.stop("aborted", `aborted by ${by.user}`);
    return run.report;
  }

  /** The report so far of the test that runs on a device now. */
  running(device: Device): TestReport | undefined {
    return this.#running.get(device)?.report;
  }

  /** A report by the id of its test, also of one that ended before the host started; undefined when there is none any more. */
  async find(id: string): Promise<TestReport | undefined> {
    return this.#reports.get(id) ?? (await this.#parts.reports?.find(id));
  }

  /** A report of a test since the host started. */
  report(id: string): TestReport | undefined {
    return this.#reports.get(id);
  }

  /** The reports of a device that are kept, oldest first. */
  reportsOf(device: Device): TestReport[] {
    return [...this.#reports.values()].filter((report) => report.device === device.id);
  }

  /** Calls `listener` with every step of progress. */
  onProgress(listener: (device: Device, report: TestReport) => void): void {
    this.#listeners.push(listener);
  }

  /** New samples of a device. */
  observe(device: Device): void {
    this.#running.get(device)?.observe();
  }

  lost(device: Device, reason: string): void {
    this.#running.get(device)?.stop("unknown", `the device was lost: ${reason}`);
  }

  #ownSteps(device: Device, by: Principal): RunStep[] {
    authorise(device, by, "CommunicationTest");
    const { presence, transportOf } = this.#parts;
    return communicationSteps(device, presence, transportOf);
  }

  /** Sends the command that starts the test; the steps to watch when the device did not refuse it at once. */
  async #begin(run: TestRun, { device, by }: TestRequest, plan: DevicePlan): Promise<RunStep[]> {
    const { commands, clock } = this.#parts;
    const { spec, inputs } = plan.command;
    const { report, limitMs } = plan;
    const reported = report === undefined ? undefined : deviceReportStep(device, this.#parts.live, report, limitMs);
    const sent = Promise.withResolvers<void>();
    const done = commands.execute({ device, command: spec.name, inputs, by, onSent: sent.resolve });
    // Handled where it is awaited; a test that is over before that has no use for it.
    done.catch(() => {});
    await Promise.race([sent.promise, done]);
    const accepted = Promise.withResolvers<void>();
    using _timer = clock.after(refusalMs, accepted.resolve);
    await Promise.race([accepted.promise, done]);
    if (reported !== undefined) return [reported];
    // A step that says neither how long it takes nor what is to be seen is for people to read.
    const watched = plan.steps.filter(({ expect, durationMs }) => expect !== undefined || durationMs !== undefined);
    const steps = watched.map((step) => this.#watched(device, step, limitMs));
    // A command that its device only answers says nothing about the test itself.
    if (steps.length > 0 && spec.confirm.by === "ack") return steps;
    return [...steps, confirmation(run, spec.name, done)];
  }

  #watched(device: Device, step: TestStep, limitMs: number): RunStep {
    const { expect, durationMs } = step;
    const holds = (): boolean => expect === undefined || conditionNow(expect, device, this.#parts.live) === true;
    return {
      name: step.name,
      expected: expect?.text ?? step.description,
      run: async (run) => {
        if (durationMs !== undefined) await run.until(() => false, durationMs);
        const passed =
          (durationMs !== undefined && holds()) ||
          (await run.until(holds, durationMs === undefined ? limitMs : settleMs));
        if (passed) return { verdict: "passed", detail: "" };
        const known = expect === undefined ? false : conditionNow(expect, device, this.#parts.live);
        return known === undefined
          ? { verdict: "unknown", detail: `${expect?.text ?? step.name} cannot be told` }
          : { verdict: "failed", detail: `${expect?.text ?? step.name} did not come true` };
      },
    };
  }

  #follow(device: Device, by: Principal, run: TestRun, steps: readonly RunStep[]): void {
    const over = run.carryOut(steps).then((report) => {
      this.#running.delete(device);
      this.#record(device, by, report);
    });
    over.catch(() => this.#running.delete(device));
  }

  #note(device: Device, report: TestReport): void {
    this.#reports.delete(report.id);
    this.#reports.set(report.id, report);
    for (const [id, { verdict }] of this.#reports) {
      if (this.#reports.size <= maxReports) break;
      if (verdict !== "running") this.#reports.delete(id);
    }
    for (const listener of this.#listeners) listener(device, report);
  }

  #record(device: Device, by: Principal, report: TestReport): void {
    this.#parts.reports?.keep(report);
    const steps = report.steps.map(
      ({ name, verdict, detail }) => `${name} ${verdict}${detail === "" ? "" : ` (${detail})`}`,
    );
    this.#parts.audit.note({
      at: this.#parts.clock.now(),
      kind: "test",
      commandId: report.id,
      user: by.user,
      origin: by.origin,
      device: device.id,
      action: report.test,
      detail: [`${report.verdict}: ${report.detail}`, ...steps].join("; "),
    });
  }
}

/** The last step of a test whose command has a proof of its own, e.g. SelfTestResult = Passed. */
function confirmation(run: TestRun, command: string, done: Promise<CommandOutcome>): RunStep {
  return {
    name: command,
    expected: "confirmed by the device",
    run: async () => {
      let ended: Awaited<ReturnType<RunStep["run"]>> | undefined;
      const settle = (result: Awaited<ReturnType<RunStep["run"]>>): void => {
        ended = result;
        run.wake();
      };
      done.then(
        // A device that only accepted the test has not told how it went.
        ({ evidence, result }) => settle({ verdict: result === "confirmed" ? "passed" : "unknown", detail: evidence }),
        (error: unknown) => settle({ verdict: verdictOf(error), detail: messageOf(error) }),
      );
      await run.until(() => ended !== undefined, longestWaitMs);
      return ended ?? { verdict: "unknown", detail: "" };
    },
  };
}

function verdictOf(error: unknown): "failed" | "unknown" {
  return HostError.from(error)?.code === "command-unconfirmed" ? "unknown" : "failed";
}

function mayRun(by: Principal, plan: TestPlan): boolean {
  if (plan.by === "host") return allows(by.roles, "device.test");
  return allows(by.roles, { command: plan.command.spec, inputs: plan.command.inputs });
}

function authorise(device: Device, by: Principal, action: string): void {
  demand(by, "device.test", `do ${action} on ${device.id}`);
}
