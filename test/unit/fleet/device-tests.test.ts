import { describe, expect, it } from "vitest";
import type { TestReport } from "#fleet/tests/test-report.ts";
import { AddCause } from "#model/add-cause.ts";
import { awaited, codeOf, controlFleet, settled, user } from "../../support/control-fleet.ts";
import type { TestFleet } from "../../support/test-fleet.ts";

const by = user("maintenance");

function start(fleet: TestFleet, test: string, who = by): Promise<TestReport> {
  return awaited(fleet.control.tests.start({ device: fleet.breaker, test, inputs: [], by: who }));
}

function acknowledge(fleet: TestFleet, accepted = true): void {
  fleet.transport.onSend = (device, { correlationId }) => {
    fleet.ingest.acknowledged(device, { correlationId, accepted, reason: "no", addCause: 10, at: 0 });
  };
}

describe("a test of a device", () => {
  it("runs step by step, tells its progress, and keeps its report", async () => {
    const fleet = controlFleet();
    fleet.sample("Position", 1);
    acknowledge(fleet);
    const progress: number[] = [];
    fleet.control.tests.onProgress((_device, report) => progress.push(report.progressPercent));

    const { id, verdict } = await start(fleet, "ProtectionTest");
    expect(verdict).toBe("running");
    fleet.clock.advance(1_000);
    await settled();
    fleet.sample("SelfTestResult", 1);
    fleet.clock.advance(500);
    fleet.sample("SelfTestResult", 2);
    await settled();

    expect(fleet.control.tests.report(id)).toMatchObject({
      device: "CB-1",
      test: "ProtectionTest",
      user: "maintenance",
      verdict: "passed",
      progressPercent: 100,
      steps: [
        { name: "Inject", verdict: "passed" },
        { name: "Result", verdict: "passed", expected: 'SelfTestResult == "Passed"' },
      ],
    });
    expect(progress).toEqual([0, 33, 67, 100]);
    expect(fleet.audit.entries.at(-1)).toMatchObject({ kind: "test", commandId: id, action: "ProtectionTest" });
    expect(fleet.control.tests.reportsOf(fleet.breaker)).toHaveLength(1);
  });

  it("fails with the step that did not come true", async () => {
    const fleet = controlFleet();
    fleet.sample("Position", 1);
    acknowledge(fleet);
    const { id } = await start(fleet, "ProtectionTest");
    fleet.clock.advance(1_000);
    await settled();
    fleet.sample("SelfTestResult", 3);
    fleet.clock.advance(10_000);
    await settled();

    expect(fleet.control.tests.report(id)).toMatchObject({
      verdict: "failed",
      steps: [{ verdict: "passed" }, { verdict: "failed", detail: 'SelfTestResult == "Passed" did not come true' }],
    });
  });

  it("is refused by the interlock of its command, by the device, and while another one runs", async () => {
    const fleet = controlFleet();
    acknowledge(fleet, false);
    await expect(start(fleet, "ProtectionTest")).rejects.toThrow("the breaker is not open");
    fleet.sample("Position", 1);
    await expect(start(fleet, "ProtectionTest")).rejects.toMatchObject({
      code: "command-rejected",
      outcome: { addCause: AddCause.blockedByInterlocking },
    });
    expect(await codeOf(start(fleet, "ProtectionTest", user("operator")))).toBe("access-denied");
    expect(await codeOf(start(fleet, "Ghost"))).toBe("argument-invalid");

    acknowledge(fleet);
    await start(fleet, "ProtectionTest");
    expect(await codeOf(start(fleet, "SelfTest"))).toBe("command-busy");
  });

  it("ends when it is aborted, and another one may start", async () => {
    const fleet = controlFleet();
    fleet.sample("Position", 1);
    acknowledge(fleet);
    const { id } = await start(fleet, "ProtectionTest");

    expect(await codeOf(fleet.control.tests.abort(fleet.breaker, "another", by))).toBe("argument-invalid");
    expect(await codeOf(fleet.control.tests.abort(fleet.breaker, id, user("viewer")))).toBe("access-denied");
    await fleet.control.tests.abort(fleet.breaker, id, by);
    await settled();

    expect(fleet.control.tests.report(id)).toMatchObject({ verdict: "aborted", detail: "aborted by maintenance" });
    await expect(start(fleet, "ProtectionTest")).resolves.toMatchObject({ verdict: "running" });
  });

  it("is unknown when the device is lost", async () => {
    const fleet = controlFleet();
    fleet.sample("Position", 1);
    acknowledge(fleet);
    const { id } = await start(fleet, "ProtectionTest");

    fleet.ingest.presence(fleet.breaker, "offline", fleet.clock.now(), "DDEATH");
    await settled();

    expect(fleet.control.tests.report(id)).toMatchObject({ verdict: "unknown", detail: "the device was lost: DDEATH" });
  });

  it("whose command is proved by a state has passed when that state is reached, and only then", async () => {
    const fleet = controlFleet();
    const starting = start(fleet, "SelfTest");
    await settled();
    fleet.sample("SelfTestResult", 1);
    fleet.clock.advance(500);
    const { id } = await starting;
    expect(fleet.control.tests.report(id)?.verdict).toBe("running");

    fleet.sample("SelfTestResult", 2);
    await settled();

    expect(fleet.control.tests.report(id)).toMatchObject({ verdict: "passed", steps: [{ name: "SelfTest" }] });
  });
});

describe("a test that the device reports on", () => {
  const reported = (running: boolean, steps: readonly unknown[]): string =>
    JSON.stringify({ test: "ProtectionTest", running, passed: true, steps });
  const step = { step: "ThermalTest", passed: true, expected: [7_200, 8_800], measured: 8_012, unit: "ms" };

  it("has the steps as the device measured them, and its progress", async () => {
    const fleet = controlFleet();
    fleet.sample("Position", 1);
    fleet.sample("TestReport", reported(false, [step, step]));
    acknowledge(fleet);
    const progress: number[] = [];
    fleet.control.tests.onProgress((_device, report) => progress.push(report.progressPercent));

    const { id } = await start(fleet, "Diagnosis");
    expect(fleet.transport.sent[0]?.command.inputs).toEqual(["Thermal"]);
    fleet.sample("TestProgress", 40);
    // The report of the test before is still there: it says nothing about this one.
    expect(fleet.control.tests.report(id)?.verdict).toBe("running");
    fleet.sample("TestReport", reported(true, []));
    fleet.sample("TestReport", reported(false, [step]));
    await settled();

    expect(fleet.control.tests.report(id)).toMatchObject({
      verdict: "passed",
      steps: [
        { name: "ThermalTest", verdict: "passed", expected: "7200 to 8800 ms", detail: "8012 ms" },
        { name: "Report" },
      ],
    });
    expect(progress).toEqual([0, 40, 50, 100]);
  });

  it("is unknown when no report comes", async () => {
    const fleet = controlFleet();
    fleet.sample("Position", 1);
    acknowledge(fleet);
    const { id } = await start(fleet, "Diagnosis");
    await settled();
    fleet.clock.advance(10_000);
    await settled();

    expect(fleet.control.tests.report(id)).toMatchObject({
      verdict: "unknown",
      steps: [{ detail: "no finished report within 10000 ms" }],
    });
  });
});

describe("CommunicationTest", () => {
  it("of the host's own looks at transport, presence and fresh values", async () => {
    const fleet = controlFleet();
    const { id } = await start(fleet, "CommunicationTest", user("operator"));
    await settled();
    expect(fleet.control.tests.report(id)?.steps).toHaveLength(2);
    fleet.sample("CurrentPhaseA", 12);
    await settled();

    expect(fleet.control.tests.report(id)).toMatchObject({
      verdict: "passed",
      steps: [{ name: "Transport" }, { name: "Presence" }, { name: "Telemetry" }],
    });
  });

  it("fails when nothing comes", async () => {
    const fleet = controlFleet();
    const { id } = await start(fleet, "CommunicationTest");
    await settled();
    fleet.clock.advance(15_000);
    await settled();

    expect(fleet.control.tests.report(id)).toMatchObject({ verdict: "failed" });
  });
});
