import { AddCause, type ControlResult, refused } from "#simulator/breaker/add-cause.ts";
import type { BreakerCommand } from "#simulator/breaker/control.ts";
import { isSettingName, type SettingName } from "#simulator/breaker/settings.ts";
import { fieldsOf } from "#simulator/fleet/json-fields.ts";
import type { SimulatedDevice } from "#simulator/fleet/simulated-device.ts";

type Parameters = ReadonlyMap<string, unknown>;

function textOf(parameters: Parameters, name: string, standard: string): string {
  const value = parameters.get(name);
  return typeof value === "string" && value !== "" ? value : standard;
}

/** Command words of the JSON dialect. */
const commandOf: Readonly<Record<string, (parameters: Parameters) => BreakerCommand>> = {
  trip_breaker: () => ({ kind: "trip" }),
  close_breaker: (p) => ({ kind: "close", client: textOf(p, "client", "host") }),
  reset_breaker: (p) => ({ kind: "reset", resetType: textOf(p, "reset_type", "Full") }),
  select_breaker: (p) => ({ kind: "select", client: textOf(p, "client", "host") }),
  self_test: () => ({ kind: "test", test: "SelfTest", element: "", level: undefined, noTrip: true }),
  communication_test: () => ({ kind: "test", test: "CommunicationTest", element: "", level: undefined, noTrip: true }),
  protection_test: (p) => ({
    kind: "test",
    test: "ProtectionTest",
    element: textOf(p, "element", ""),
    level: numberOf(p.get("level")),
    noTrip: p.get("no_trip") === true,
  }),
};

/** Carries out `{"command": .., "parameters": {..}}`; get_diagnostics and unknown words change nothing. */
export function runJsonCommand(device: SimulatedDevice, fields: Parameters): ControlResult {
  const word = fields.get("command");
  const parameters = fieldsOf(fields.get("parameters")) ?? fields;
  if (word === "set_trip_threshold") return writeJson(device, "ThermalPickup", parameters.get("threshold"));
  if (word === "set_parameter") return writeJson(device, fields.get("parameter"), fields.get("value"));
  if (word === "get_diagnostics") return device.answer([], undefined);
  const build = typeof word === "string" && Object.hasOwn(commandOf, word) ? commandOf[word] : undefined;
  if (build === undefined) return refused(AddCause.notSupported, `command ${JSON.stringify(word)} is unknown`);
  return device.answer([device.command(build(parameters))], undefined);
}

function writeJson(device: SimulatedDevice, parameter: unknown, value: unknown): ControlResult {
  const name = typeof parameter === "string" ? settingOf(parameter) : undefined;
  const number = numberOf(value);
  if (name === undefined)
    return refused(AddCause.notSupported, `parameter ${JSON.stringify(parameter)} cannot be written`);
  if (number === undefined) return refused(AddCause.inconsistentParameters, `${name}: not a number`);
  return device.answer([device.write(name, number)], undefined);
}

/** A setting by its name or by its name in snake_case. */
function settingOf(text: string): SettingName | undefined {
  const name = text.replace(/(?:^|_)([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
  return isSettingName(name) ? name : undefined;
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "number" ? value : undefined;
}
