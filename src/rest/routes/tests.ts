import { Type } from "typebox";
import type { TestReport as Report } from "#fleet/tests/test-report.ts";
import type { FleetParts } from "#rest/parts.ts";
import { argumentsBody } from "#rest/schemas/command.ts";
import { devicePackage, deviceParams, failures, isoOf, MaybeTime, maybeIsoOf, Time } from "#rest/schemas/common.ts";
import type { Api } from "#rest/server/api.ts";
import { principalOf } from "#rest/server/caller.ts";
import { RequestRefused } from "#rest/status.ts";
import { inputsOf } from "./commands.ts";

const tags = ["tests"];
const config = { action: "device.read" } as const;
const verdicts = ["running", "passed", "failed", "aborted", "unknown"] as const;

const TestReport = Type.Object({
  id: Type.String(),
  device: Type.String(),
  test: Type.String(),
  user: Type.String(),
  startedAt: Time,
  endedAt: MaybeTime,
  verdict: Type.Enum([...verdicts]),
  progressPercent: Type.Number(),
  detail: Type.String(),
  steps: Type.Array(
    Type.Object({
      name: Type.String(),
      expected: Type.String(),
      verdict: Type.Enum([...verdicts]),
      detail: Type.String(),
      startedAt: Time,
      endedAt: Time,
    }),
  ),
});

const testParams = Type.Object({ ...deviceParams.properties, test: Type.String({ minLength: 1, maxLength: 200 }) });
const reportParams = Type.Object({ testId: Type.String({ minLength: 1, maxLength: 100 }) });

/** Tests of devices: started, watched, aborted, and their reports. */
export function testRoutes(app: Api, { registry, control: { tests } }: FleetParts): void {
  const List = Type.Object({ items: Type.Array(TestReport) });
  app.get(
    "/devices/:id/tests",
    {
      config,
      schema: {
        tags,
        summary: "Reports of the device's tests since the start",
        params: deviceParams,
        response: { 200: List, ...failures },
      },
    },
    ({ params }) => ({ items: tests.reportsOf(registry.get(params.id)).map(reportOf) }),
  );
  app.post(
    "/devices/:id/tests/:test",
    {
      config: devicePackage,
      schema: {
        tags,
        summary: "Start a test; it goes on by itself",
        params: testParams,
        body: argumentsBody,
        response: { 202: TestReport, ...failures },
      },
    },
    async (request, reply) => {
      const device = registry.get(request.params.id);
      const { test } = request.params;
      const specs = device.package.tests.find(({ name }) => name === test)?.inputs ?? [];
      const inputs = inputsOf(specs, request.body.arguments ?? {}, `${device.id} ${test}`);
      const report = await tests.start({ device, test, inputs, by: principalOf(request) });
      reply.code(202);
      return reportOf(report);
    },
  );
  app.get(
    "/tests/:testId",
    {
      config,
      schema: {
        tags,
        summary: "A report, also while the test runs",
        params: reportParams,
        response: { 200: TestReport, ...failures },
      },
    },
    async ({ params }) => {
      const report = await tests.find(params.testId);
      if (report !== undefined) return reportOf(report);
      throw new RequestRefused("thing-unknown", `there is no report of a test ${params.testId}`);
    },
  );
  app.delete(
    "/devices/:id/tests/:test",
    {
      config: { action: "device.test" },
      schema: {
        tags,
        summary: "Abort a running test, by its id",
        params: testParams,
        response: { 200: TestReport, ...failures },
      },
    },
    async (request) => {
      const { id, test } = request.params;
      return reportOf(await tests.abort(registry.get(id), test, principalOf(request)));
    },
  );
}

function reportOf({ startedAt, endedAt, steps, ...report }: Report) {
  return {
    ...report,
    startedAt: isoOf(startedAt),
    endedAt: maybeIsoOf(endedAt),
    steps: steps.map((step) => ({ ...step, startedAt: isoOf(step.startedAt), endedAt: isoOf(step.endedAt) })),
  };
}
