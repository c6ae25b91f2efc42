import type { Device } from "#fleet/device.ts";
import { knownValueOf } from "#fleet/known-values.ts";
import type { LiveValues } from "#fleet/live-values.ts";
import type { TestReportSpec } from "#model/package-details.ts";
import type { RunStep, TestRun } from "./test-run.ts";

/** What a device says of one step of its own test. */
export interface ReportedStep {
  readonly name: string;
  readonly expected: string;
  readonly passed: boolean;
  readonly detail: string;
}

/** What a device says of its test. */
export interface DeviceReport {
  readonly running: boolean;
  readonly passed: boolean;
  readonly steps: readonly ReportedStep[];
}

/** More steps than any test has. */
const maxSteps = 200;

/** Reads the report of a device (see TestReportSpec); undefined when it is none. */
export function readDeviceReport(text: string): DeviceReport | undefined {
  const fields = fieldsOf(parsed(text));
  const running = fields.get("running");
  const passed = fields.get("passed");
  const steps = fields.get("steps");
  if (typeof running !== "boolean" || typeof passed !== "boolean" || !Array.isArray(steps)) return undefined;
  return { running, passed, steps: steps.slice(0, maxSteps).map(stepOf) };
}

/** Follows a test by what its device reports, step by step as the device measured it; to be made before the test is started. */
export function deviceReportStep(device: Device, live: LiveValues, report: TestReportSpec, limitMs: number): RunStep {
  const before = textNow(device, live, report.parameter);
  let hasChanged = false;
  const now = (): DeviceReport | undefined => {
    const text = textNow(device, live, report.parameter);
    // The report of the test before stands until the new one begins.
    hasChanged ||= text !== before;
    return text === undefined || !hasChanged ? undefined : readDeviceReport(text);
  };
  return {
    name: "Report",
    expected: "all steps passed, as the device reports",
    run: async (run) => {
      const isFinished = (): boolean => {
        showProgress(device, live, report, run);
        return now()?.running === false;
      };
      if (!isFinished()) await run.until(isFinished, limitMs);
      const found = now();
      if (found === undefined || found.running) {
        return { verdict: "unknown", detail: `no finished report within ${limitMs} ms` };
      }
      for (const { name, expected, passed, detail } of found.steps) {
        run.add({ name, expected, verdict: passed ? "passed" : "failed", detail });
      }
      return { verdict: found.passed ? "passed" : "failed", detail: `${found.steps.length} steps reported` };
    },
  };
}

function showProgress(device: Device, live: LiveValues, { progress }: TestReportSpec, run: TestRun): void {
  const spec = device.package.parameterByName.get(progress ?? "");
  const percent = spec === undefined ? undefined : knownValueOf(device, spec, live);
  if (typeof percent === "number") run.progress(Math.min(99, Math.max(0, Math.round(percent))));
}

function textNow(device: Device, live: LiveValues, parameter: string): string | undefined {
  const spec = device.package.parameterByName.get(parameter);
  const value = spec === undefined ? undefined : knownValueOf(device, spec, live);
  return typeof value === "string" ? value : undefined;
}

function stepOf(value: unknown): ReportedStep {
  const fields = fieldsOf(value);
  const text = (name: string): string => {
    const found = fields.get(name);
    return typeof found === "string" ? found.slice(0, 200) : "";
  };
  const unit = text("unit") === "" ? "" : ` ${text("unit")}`;
  const expected = fields.get("expected");
  const bounds: readonly unknown[] = Array.isArray(expected) ? expected : [];
  const [low, high] = bounds;
  const measured = fields.get("measured");
  return {
    name: text("step"),
    expected: typeof low === "number" && typeof high === "number" ? `${low} to ${high}${unit}` : "",
    passed: fields.get("passed") === true,
    detail: typeof measured === "number" ? `${measured}${unit}` : "",
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof value === "object" && value !== null ? Object.entries(value) : []);
}
