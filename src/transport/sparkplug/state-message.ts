import type { OutgoingMessage } from "#transport/shared/broker-session.ts";
import { stateTopic } from "./topic.ts";

/** What a host application says of itself (Sparkplug 3.0, section 6.4.28). */
export interface HostState {
  readonly online: boolean;
  /** Epoch ms. */
  readonly timestamp: number;
}

/** The STATE message of a host: QoS 1, retained, UTF-8 JSON. */
export function stateMessage(hostId: string, state: HostState): OutgoingMessage {
  const payload = JSON.stringify({ online: state.online, timestamp: state.timestamp });
  return { topic: stateTopic(hostId), payload, qos: 1, retain: true };
}

/** The state in a STATE payload, or undefined when it is none. */
export function parseState(payload: Uint8Array): HostState | undefined {
  if (payload.byteLength > 1024) return undefined;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(payload).toString("utf8"));
    if (typeof parsed !== "object" || parsed === null) return undefined;
    if (!("online" in parsed) || typeof parsed.online !== "boolean") return undefined;
    if (!("timestamp" in parsed) || typeof parsed.timestamp !== "number") return undefined;
    return { online: parsed.online, timestamp: parsed.timestamp };
  } catch {
    return undefined;
  }
}
