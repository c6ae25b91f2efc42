import type { LinkUser } from "./broker-link.ts";
import { applyAction } from "./device-action.ts";
import { jsonBytes, jsonFields } from "./json-fields.ts";
import { ActionProblem } from "./members.ts";
import { parseAction } from "./parse-action.ts";
import type { SimulatedDevice } from "./simulated-device.ts";

export const controlTopic = "fdi-sim/control";
export const replyTopic = "fdi-sim/reply";

/** Listens for demonstrations: things to do to single devices; answers on the reply topic. */
export class ControlTopic implements LinkUser {
  readonly subscriptions: readonly string[] = [`${controlTopic}/+`];
  readonly #deviceOf: (id: string) => SimulatedDevice | undefined;
  readonly #reply: (topic: string, payload: Buffer) => void;

  constructor(deviceOf: (id: string) => SimulatedDevice | undefined, reply: (topic: string, payload: Buffer) => void) {
    this.#deviceOf = deviceOf;
    this.#reply = reply;
  }

  connected(): void {}

  message(topic: string, payload: Uint8Array): void {
    const id = topic.slice(controlTopic.length + 1);
    const device = this.#deviceOf(id);
    // Several simulators may share a broker: devices of the others are not ours to answer for.
    if (device === undefined) return;
    const problem = applyControl(device, payload);
    this.#reply(`${replyTopic}/${id}`, jsonBytes(problem === undefined ? { ok: true } : { problem }));
  }
}

/** Applies one control message now; returns what is wrong with it, if anything. */
export function applyControl(device: SimulatedDevice, payload: Uint8Array): string | undefined {
  const fields = jsonFields(payload);
  if (fields === undefined) return "not a JSON object";
  try {
    const action = parseAction(fields);
    device.catchUp();
    return applyAction(device, action);
  } catch (error) {
    if (error instanceof ActionProblem) return error.message;
    throw error;
  }
}
