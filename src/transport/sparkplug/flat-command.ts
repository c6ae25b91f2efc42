import type { OutgoingCommand } from "#model/command.ts";
import type { CommandSpec } from "#model/command-spec.ts";
import { HostError } from "#model/errors.ts";
import type { OutgoingMessage } from "#transport/shared/broker-session.ts";
import type { EdgeDevice } from "./edge-node.ts";
import { nodeCommandTopic } from "./topic.ts";

/** Begins the address of a command that a flat device takes as JSON, e.g. `json:trip`. */
const jsonPrefix = "json:";

export function isJsonCommand(spec: CommandSpec): boolean {
  return spec.bindings.sparkplug?.address.startsWith(jsonPrefix) === true;
}

/**
 * A command as one family of flat devices takes it: JSON on the NCMD topic, the arguments by their addresses. Throws
 * `command-not-sent` for a device below an edge node, which would take it for a broken payload.
 */
export function jsonCommandMessage(device: EdgeDevice, command: OutgoingCommand, timestamp: number): OutgoingMessage {
  const { spec, inputs } = command;
  const { node, name, address } = device;
  if (node.profile.hasEdgeNodes) {
    throw new HostError("command-not-sent", `${address}: ${spec.name} is bound to JSON, which edge nodes do not read`);
  }
  const word = spec.bindings.sparkplug?.address.slice(jsonPrefix.length) ?? "";
  const parameters = spec.inputs.flatMap(({ name: argument, addresses }, i) =>
    inputs[i] === undefined ? [] : [[addresses.sparkplug ?? argument, plain(inputs[i])] as const],
  );
  const payload = JSON.stringify({ command: word, parameters: Object.fromEntries(parameters), timestamp });
  return { topic: nodeCommandTopic(node.group, name), payload, qos: 0, retain: false };
}

function plain(value: OutgoingCommand["inputs"][number]): string | number | boolean | undefined {
  return typeof value === "bigint" ? value.toString() : value;
}
