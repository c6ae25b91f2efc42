import { AddCause, accepted, type ControlResult, refused } from "#simulator/breaker/add-cause.ts";
import type { BreakerCommand } from "#simulator/breaker/control.ts";
import { isSettingName } from "#simulator/breaker/settings.ts";
import { fieldsOf } from "#simulator/fleet/json-fields.ts";
import type { SimulatedDevice } from "#simulator/fleet/simulated-device.ts";
import { breakerObject, legacyObjects, omaObjects, ownBreakerId } from "./objects.ts";
import type { Resource, ResourceValue } from "./resource.ts";

type Fields = ReadonlyMap<string, unknown>;

const commands: Readonly<Record<string, (fields: Fields) => BreakerCommand>> = {
  trip: () => ({ kind: "trip" }),
  close: () => ({ kind: "close", client: "server" }),
  reset: (fields) => {
    const type = fields.get("reset_type");
    return { kind: "reset", resetType: typeof type === "string" ? type : "Full" };
  },
  run_diagnostic: (fields) => {
    const name = fields.get("test_name");
    const test = name === "ProtectionTest" || name === "CommunicationTest" ? name : "SelfTest";
    return { kind: "test", test, element: "", level: undefined, noTrip: true };
  },
};

/** Runs a `{"command": ..}` message; undefined when the word is none of the dialect's. */
export function runLegacyCommand(device: SimulatedDevice, fields: Fields): ControlResult | undefined {
  const word = fields.get("command");
  if (word === "configure") return configure(device, fields);
  const build = typeof word === "string" && Object.hasOwn(commands, word) ? commands[word] : undefined;
  return build === undefined ? undefined : device.answer([device.command(build(fields))], undefined);
}

/** Writes every named setting: `{"settings": {"OvercurrentPickup": {"value": 55}}}`. */
function configure(device: SimulatedDevice, fields: Fields): ControlResult {
  const results = [...(fieldsOf(fields.get("settings")) ?? [])].map(([name, entry]) => {
    const value = fieldsOf(entry)?.get("value") ?? entry;
    if (!isSettingName(name)) return refused(AddCause.notSupported, `setting ${name} is unknown`);
    if (typeof value !== "number" && typeof value !== "boolean") {
      return refused(AddCause.inconsistentParameters, `${name}: not a number`);
    }
    return device.write(name, Number(value));
  });
  return device.answer(results, undefined);
}

export interface ResourceAnswer {
  readonly result: ControlResult;
  readonly value?: ResourceValue;
}

/** Runs the `{objectId, resourceId, ..}` form of read, write and execute. */
export function runResourceCommand(device: SimulatedDevice, verb: string, fields: Fields): ResourceAnswer {
  const path = `/${String(fields.get("objectId"))}/0/${String(fields.get("resourceId"))}`;
  const resource = findResource(Number(fields.get("objectId")), Number(fields.get("resourceId")));
  if (resource === undefined) return { result: refused(AddCause.notSupported, `${path} does not exist`) };
  if (verb === "read") return read(device, resource, path);
  const given = fields.get("arguments");
  const argument = typeof given === "string" ? given : "";
  if (verb === "execute") return { result: execute(device, resource, argument, path) };
  return { result: write(device, resource, fields.get("value"), path) };
}

/** Actions have no number in the legacy object: they keep those of our own breaker object. */
function findResource(objectId: number, resourceId: number): Resource | undefined {
  const object = legacyObjects.find(({ id }) => id === objectId);
  const found = object?.resources.find(({ id }) => id === resourceId);
  if (found !== undefined || objectId !== breakerObject.id) return found;
  return omaObjects.find(({ id }) => id === ownBreakerId)?.resources.find(({ id }) => id === resourceId);
}

function read(device: SimulatedDevice, resource: Resource, path: string): ResourceAnswer {
  if (resource.read === undefined) return { result: refused(AddCause.notSupported, `${path} cannot be read`) };
  return { result: accepted, value: resource.read(device) };
}

function execute(device: SimulatedDevice, resource: Resource, argument: string, path: string): ControlResult {
  if (resource.execute === undefined) return refused(AddCause.notSupported, `${path} cannot be executed`);
  return device.answer([device.command(resource.execute(argument))], undefined);
}

function write(device: SimulatedDevice, resource: Resource, value: unknown, path: string): ControlResult {
  if (resource.setting === undefined) return refused(AddCause.notSupported, `${path} cannot be written`);
  if (typeof value !== "number" && typeof value !== "boolean") {
    return refused(AddCause.inconsistentParameters, `${path}: the value is no number`);
  }
  return device.answer([device.write(resource.setting, Number(value))], undefined);
}
