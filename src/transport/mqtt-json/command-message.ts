import type { OutgoingWrite } from "#fleet/ports.ts";
import type { JsonObject } from "#lib/read-json.ts";
import type { CommandAck, OutgoingCommand } from "#model/command.ts";
import type { ParameterValue } from "#model/data-type.ts";
import { HostError } from "#model/errors.ts";
import type { EpochMs } from "#model/ids.ts";
import type { PointBinding } from "#model/parameter-spec.ts";

/** Where and when a message goes out. */
export interface Dispatch {
  readonly device: string;
  readonly replyTo: string;
  readonly at: EpochMs;
}

/**
 * The message for a command: the documented form, plus what a device needs to answer. Throws `command-not-sent` when the
 * package binds the command or one of its arguments to no JSON word.
 */
export function commandMessage(command: OutgoingCommand, { device, replyTo, at }: Dispatch): string {
  const { spec, inputs, correlationId } = command;
  const word = spec.bindings.json?.address;
  if (word === undefined) throw notSent(device, `${spec.name} is bound to no JSON command`);
  const parameters: Record<string, ParameterValue> = {};
  spec.inputs.forEach((argument, i) => {
    const value = inputs[i];
    if (value === undefined) return;
    const key = argument.addresses.json;
    if (key === undefined) throw notSent(device, `argument ${argument.name} is bound to no JSON key`);
    parameters[key] = jsonOf(value);
  });
  return JSON.stringify({
    command: word,
    parameters,
    timestamp: at / 1_000,
    correlation_id: correlationId,
    reply_to: replyTo,
  });
}

/** The message that sets one parameter, in the device's unit. Throws `command-not-sent` when it is bound to no JSON path. */
export function writeMessage(write: OutgoingWrite, { device, replyTo, at }: Dispatch): string {
  const { parameter, value, correlationId } = write;
  const binding = parameter.bindings.json;
  if (binding === undefined) throw notSent(device, `${parameter.name} is bound to no JSON path`);
  return JSON.stringify({
    command: "set_parameter",
    // The device's name for it is the last part of the path under which it reports it.
    parameter: binding.address.slice(binding.address.lastIndexOf(".") + 1),
    value: jsonOf(wireValueOf(value, binding)),
    timestamp: at / 1_000,
    correlation_id: correlationId,
    reply_to: replyTo,
  });
}

function wireValueOf(value: ParameterValue, { scale, offset, valueMap }: PointBinding): ParameterValue {
  const [mapped] = [...(valueMap ?? [])].find(([, number]) => number === value) ?? [];
  if (mapped !== undefined) return mapped;
  return typeof value === "number" ? (value - offset) / scale : value;
}

function jsonOf(value: ParameterValue): number | boolean | string {
  return typeof value === "bigint" ? value.toString() : value;
}

function notSent(device: string, reason: string): HostError {
  return new HostError("command-not-sent", `${device}: ${reason}`);
}

const yes = new Set(["ok", "accepted", "success", "executed", "done", "completed"]);
const no = new Set(["rejected", "refused", "error", "failed", "failure", "denied"]);

/**
 * A device's answer to a command: `accepted` or `success` as boolean, or `status` as word; `correlation_id` when the device
 * echoes it, `reason` and `add_cause` when it refuses. Undefined when it says neither yes nor no.
 */
export function replyOf(message: JsonObject, at: EpochMs): CommandAck | undefined {
  const verdict = message["accepted"] ?? message["success"] ?? verdictOf(message["status"]);
  if (typeof verdict !== "boolean") return undefined;
  const id = message["correlation_id"];
  const reason = message["reason"] ?? message["error"] ?? message["message"];
  return {
    correlationId: typeof id === "string" ? id : undefined,
    accepted: verdict,
    reason: typeof reason === "string" ? reason.slice(0, 200) : undefined,
    at,
    ...(typeof message["add_cause"] === "number" ? { addCause: message["add_cause"] } : {}),
  };
}

function verdictOf(status: unknown): boolean | undefined {
  const word = typeof status === "string" ? status.toLowerCase() : "";
  if (yes.has(word)) return true;
  return no.has(word) ? false : undefined;
}
