import { AddCause, type ControlResult, refused } from "#simulator/breaker/add-cause.ts";
import type { BreakerCommand } from "#simulator/breaker/control.ts";
import type { SettingName } from "#simulator/breaker/settings.ts";
import type { SimulatedDevice } from "#simulator/fleet/simulated-device.ts";
import type { DeviceReport } from "./device-report.ts";
import { breakerMetrics } from "./metrics.ts";
import type { CommandMetric } from "./payload.ts";

const indexByName: ReadonlyMap<string, number> = new Map(breakerMetrics.map(({ name }, index) => [name, index]));

/** Repeated in the answer to every command, so that the host need not know what it heard before. */
const evidence = [
  "Breaker/Status",
  "Breaker/SwitchPosition",
  "Breaker/Tripped",
  "Command/LastId",
  "Command/LastResult",
  "Command/LastReason",
].flatMap((name) => indexByName.get(name) ?? []);

/** Carries out the metrics of one DCMD: arguments first, then at most one command and any number of settings. */
export function applyCommand(report: DeviceReport, metrics: readonly CommandMetric[]): void {
  const written = new Map<string, CommandMetric["value"]>();
  for (const { name, alias, value } of metrics) {
    const index = alias === undefined ? undefined : report.indexOfAlias(alias);
    const known = name ?? (index === undefined ? undefined : breakerMetrics[index]?.name);
    if (known !== undefined) written.set(known, value);
  }
  report.repeat(evidence);
  const { device } = report;
  const results: ControlResult[] = [];
  const command = commandOf(written);
  if (command !== undefined) results.push(device.command(command));
  for (const [name, value] of written) {
    if (name.startsWith("Command/")) continue;
    const index = indexByName.get(name) ?? -1;
    report.repeat([index]);
    results.push(write(device, name, breakerMetrics[index]?.setting, value));
  }
  device.answer(results, numeric(written.get("Command/Id")));
}

const commandMetrics: Readonly<Record<string, (read: Arguments) => BreakerCommand>> = {
  "Command/Trip": () => ({ kind: "trip" }),
  "Command/Close": ({ text }) => ({ kind: "close", client: text("Client", "host") }),
  "Command/Reset": ({ text }) => ({ kind: "reset", resetType: text("ResetType", "Full") }),
  "Command/Select": ({ text }) => ({ kind: "select", client: text("Client", "host") }),
  "Command/Cancel": ({ number }) => ({ kind: "cancel", selectId: number("SelectId") ?? 0 }),
  "Command/AbortTest": () => ({ kind: "abort-test" }),
  "Command/SelfTest": () => ({ kind: "test", test: "SelfTest", element: "", level: undefined, noTrip: true }),
  "Command/CommunicationTest": () => ({
    kind: "test",
    test: "CommunicationTest",
    element: "",
    level: undefined,
    noTrip: true,
  }),
  "Command/ProtectionTest": ({ text, number }) => ({
    kind: "test",
    test: "ProtectionTest",
    element: text("Element", ""),
    level: number("Level") || undefined,
    noTrip: number("NoTrip") === 1,
  }),
};

/** Arguments of a command as they came with it. */
interface Arguments {
  readonly text: (name: string, standard: string) => string;
  readonly number: (name: string) => number | undefined;
}

function commandOf(written: ReadonlyMap<string, CommandMetric["value"]>): BreakerCommand | undefined {
  const read: Arguments = {
    text: (name, standard) => {
      const value = written.get(`Command/${name}`);
      return typeof value === "string" && value !== "" ? value : standard;
    },
    number: (name) => numeric(written.get(`Command/${name}`)),
  };
  for (const [name, value] of written) {
    if (value === true && Object.hasOwn(commandMetrics, name)) return commandMetrics[name]?.(read);
  }
  return undefined;
}

function write(
  device: SimulatedDevice,
  name: string,
  setting: SettingName | undefined,
  value: CommandMetric["value"],
): ControlResult {
  const number = numeric(value);
  if (setting === undefined) return refused(AddCause.notSupported, `${name} cannot be written`);
  if (number === undefined) return refused(AddCause.inconsistentParameters, `${name}: the value has no usable type`);
  return device.write(setting, number);
}

function numeric(value: CommandMetric["value"]): number | undefined {
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "number" ? value : undefined;
}
