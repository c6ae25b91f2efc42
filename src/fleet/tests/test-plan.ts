import type { Device } from "#fleet/device.ts";
import type { Inputs } from "#fleet/package-rules.ts";
import type { CommandSpec } from "#model/command-spec.ts";
import type { ParameterValue } from "#model/data-type.ts";
import { HostError } from "#model/errors.ts";
import type { DiagnosticTestSpec, TestReportSpec, TestStep } from "#model/package-details.ts";
import { parameterValueOf } from "#model/parameter-value.ts";

/** The test that the host runs by itself when a package has none of that name. */
export const communicationTest = "CommunicationTest";

/** What a test does: a command that starts it in the device, and the steps that are watched; or a test of the host's own. */
export type TestPlan =
  | {
      readonly by: "device";
      readonly command: { readonly spec: CommandSpec; readonly inputs: Inputs };
      readonly steps: readonly TestStep[];
      readonly report: TestReportSpec | undefined;
      /** Longest time for all of it. */
      readonly limitMs: number;
    }
  | { readonly by: "host" };

/** The command that stops a running test in the device, by its name in the package. */
export const abortCommand = "AbortTest";

const standardLimitMs = 60_000;

/** Every test that a device can be asked for: those of its package, its test commands, and the host's own. */
export function testNamesOf(device: Pick<Device, "package">): string[] {
  const { tests, commands } = device.package;
  const byCommand = commands.filter(({ effect, name }) => effect === "test" && name !== abortCommand);
  return [...new Set([...tests.map(({ name }) => name), ...byCommand.map(({ name }) => name), communicationTest])];
}

/** How a test is run with these arguments; throws `argument-invalid` for one that the device does not have. */
export function planOf(device: Device, test: string, inputs: Inputs): TestPlan {
  const spec = device.package.tests.find(({ name }) => name === test);
  if (spec?.command !== undefined) return deviceTest(device, spec, spec.command, inputs);
  const command = device.package.commandByName.get(test);
  if (command?.effect === "test") {
    const report = spec?.report;
    return {
      by: "device",
      command: { spec: command, inputs },
      steps: spec?.steps ?? [],
      report,
      limitMs: limitOf(spec),
    };
  }
  if (test === communicationTest) return { by: "host" };
  const names = testNamesOf(device).join(", ");
  throw new HostError(
    "argument-invalid",
    `${device.id} has no test ${JSON.stringify(test.slice(0, 80))}: it has ${names}`,
  );
}

function deviceTest(
  device: Device,
  spec: DiagnosticTestSpec,
  run: NonNullable<DiagnosticTestSpec["command"]>,
  inputs: Inputs,
): TestPlan {
  const command = device.package.commandByName.get(run.name);
  if (command === undefined) {
    throw new HostError("command-unknown", `${device.id}: test ${spec.name} starts ${run.name}, which is no command`);
  }
  const given = command.inputs.map((argument): ParameterValue | undefined => {
    const fixed = Object.hasOwn(run.arguments, argument.name) ? run.arguments[argument.name] : undefined;
    if (fixed !== undefined) return parameterValueOf(fixed, { dataType: argument.dataType, enumeration: [] });
    return inputs[spec.inputs.findIndex(({ name }) => name === argument.name)];
  });
  const { steps, report } = spec;
  return { by: "device", command: { spec: command, inputs: given }, steps, report, limitMs: limitOf(spec) };
}

function limitOf(spec: DiagnosticTestSpec | undefined): number {
  return spec?.durationMs ?? standardLimitMs;
}
