import type { OutgoingWrite } from "#fleet/ports.ts";
import type { JsonObject } from "#lib/read-json.ts";
import type { CommandAck, OutgoingCommand } from "#model/command.ts";
import type { ParameterValue } from "#model/data-type.ts";
import type { DevicePackage } from "#model/device-package.ts";
import { HostError } from "#model/errors.ts";
import type { EpochMs } from "#model/ids.ts";
import { lwm2mCommandOf, wantsObjectForm } from "#transport/lwm2m/command-binding.ts";
import { legacyPath } from "#transport/lwm2m/device-points.ts";

/** A message for `lwm2m/{id}/cmd/{word}`. */
export interface LegacyCommand {
  readonly word: string;
  readonly payload: string;
}

interface Target {
  readonly device: string;
  readonly package: DevicePackage;
  readonly at: EpochMs;
}

/**
 * The message for a command, in the form that devices of its type understand: `{"command":..}` or `{"objectId":..}`.
 * Throws `command-not-sent` when the command is not bound.
 */
export function commandMessage(command: OutgoingCommand, target: Target): LegacyCommand {
  const { spec, inputs, correlationId } = command;
  const binding = lwm2mCommandOf(spec);
  if (binding === undefined) throw notSent(target, `${spec.name} has no LwM2M binding`);
  const values = spec.inputs.flatMap((argument, i) => {
    const value = inputs[i];
    return value === undefined ? [] : [[argument.addresses.lwm2m ?? argument.name, jsonOf(value)] as const];
  });
  const common = { timestamp: target.at, id: correlationId };
  if (binding.path !== undefined && wantsObjectForm(target.package)) {
    const given = values.length === 0 ? "" : JSON.stringify(Object.fromEntries(values));
    return messageOf("execute", { ...resourceAt(binding.path), arguments: given, ...common });
  }
  return messageOf(binding.word, { command: binding.word, ...Object.fromEntries(values), ...common });
}

/** The message that sets one parameter: `configure` with the setting by name, or a write of its resource. */
export function writeMessage(write: OutgoingWrite, target: Target): LegacyCommand {
  const { parameter, value, correlationId } = write;
  const binding = parameter.bindings.lwm2m;
  if (binding === undefined) throw notSent(target, `${parameter.name} is bound to no LwM2M resource`);
  const wire = typeof value === "number" ? (value - binding.offset) / binding.scale : jsonOf(value);
  const common = { timestamp: target.at, id: correlationId };
  if (wantsObjectForm(target.package)) {
    return messageOf("write", { ...resourceAt(binding.address), value: wire, ...common });
  }
  return messageOf("configure", { command: "configure", settings: { [parameter.name]: { value: wire } }, ...common });
}

function messageOf(word: string, message: object): LegacyCommand {
  return { word, payload: JSON.stringify(message) };
}

function resourceAt(path: string): object {
  const [, objectId, instanceId, resourceId] = legacyPath(path).split("/").map(Number);
  return { objectId, instanceId, resourceId };
}

function jsonOf(value: ParameterValue): number | boolean | string {
  return typeof value === "bigint" ? value.toString() : value;
}

function notSent({ device }: Target, reason: string): HostError {
  return new HostError("command-not-sent", `${device}: ${reason}`);
}

const no = new Set(["rejected", "refused", "error", "failed", "failure", "denied"]);

/** What an answer says. Devices that answer at all say yes, unless they say no. */
export function answerOf(message: JsonObject, at: EpochMs): CommandAck {
  const { id, status, accepted, success, reason, error } = message;
  const word = typeof status === "string" ? status.toLowerCase() : "";
  const isRefused = accepted === false || success === false || no.has(word) || typeof error === "string";
  const text = reason ?? error ?? message["message"];
  const addCause = message["add_cause"];
  return {
    correlationId: typeof id === "string" ? id : undefined,
    accepted: !isRefused,
    reason: typeof text === "string" ? text.slice(0, 200) : undefined,
    at,
    ...(typeof addCause === "number" ? { addCause } : {}),
  };
}
