import type { LinkUser } from "./broker-link.ts";
import type { Message } from "./outbox.ts";
import type { ProtocolName } from "./plan.ts";
import type { SimulatedDevice } from "./simulated-device.ts";

/** One session in one protocol: an edge node with its devices, or a single device. */
export interface Speaker extends LinkUser {
  readonly protocol: ProtocolName;
  /** Unique within the fleet; part of the MQTT client id. */
  readonly name: string;
  readonly devices: readonly SimulatedDevice[];
  /** Tells at once what changed. */
  reportChanges(device: SimulatedDevice): void;
  /** The device's time to report has come; returns the real ms until the next one. */
  reportDue(device: SimulatedDevice): number;
  /** One data message with every measured value, changed or not. */
  reportAll(device: SimulatedDevice): void;
  /** Looks at the readings of a simulation step, for aggregates. */
  observe?(device: SimulatedDevice): void;
  /** The device stops or resumes communicating. */
  setLost?(device: SimulatedDevice, isLost: boolean): void;
}

/** What a speaker gets from the fleet. */
export interface SpeakerContext {
  /** Sends a message; `device` decides how it travels, without one it travels well. */
  readonly send: (message: Message, device?: SimulatedDevice) => void;
  /** The wall clock, epoch ms. */
  readonly wallMs: () => number;
  /** A command was carried out: its effects deserve to be followed closely. */
  readonly commanded: (device: SimulatedDevice) => void;
  readonly periodMs: number;
}
