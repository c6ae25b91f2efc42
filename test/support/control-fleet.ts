import type { SampleSink } from "#fleet/ports.ts";
import { CommandError, type CommandOutcome, type Principal } from "#model/command.ts";
import type { PackageRole } from "#model/command-spec.ts";
import { type ErrorCode, HostError } from "#model/errors.ts";
import { controlPackage } from "./control-package.ts";
import { TestFleet } from "./test-fleet.ts";

/** A breaker that is closed, not tripped, under remote control, and has reported all of its settings. */
export function controlFleet(change: Parameters<typeof controlPackage>[0] = {}, sinks: SampleSink[] = []): TestFleet {
  const fleet = new TestFleet(sinks, controlPackage(change));
  for (const [name, value] of Object.entries(reported)) fleet.sample(name, value);
  return fleet;
}

const reported = {
  Position: 2,
  TripState: 0,
  SelfTestResult: 0,
  RemoteControlEnabled: 1,
  ThermalPickup: 250,
  OvercurrentPickup: 1000,
  InstantaneousPickup: 2000,
  OvercurrentDelay: 200,
  RecloseShots: 1,
};

/** A user with a session of its own. */
export function user(role: PackageRole = "administrator", name: string = role): Principal {
  return { user: name, roles: [role], origin: `test ${name}`, session: `session of ${name}`, application: "urn:test" };
}

/** Asks for a command; a refusal that a test looks at later is no unhandled one. */
export function execute(
  fleet: TestFleet,
  command: string,
  by = user(),
  inputs: (string | number)[] = [],
): Promise<CommandOutcome> {
  return awaited(fleet.commands.execute({ device: fleet.breaker, command, inputs, by }));
}

export function awaited<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** Code of the error that a promise ends with. */
export async function codeOf(promise: Promise<unknown>): Promise<ErrorCode | "no error"> {
  return promise.then(
    () => "no error",
    (error: unknown) => HostError.from(error)?.code ?? "no error",
  );
}

/** The outcome of a command, whether it went well or not. */
export async function outcomeOf(promise: Promise<CommandOutcome>): Promise<CommandOutcome> {
  return promise.catch((error: unknown) => {
    if (error instanceof CommandError) return error.outcome;
    throw error;
  });
}

/** Lets everything that is settled run on. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
