import type { Device } from "#fleet/device.ts";
import type { OutgoingWrite } from "#fleet/ports.ts";
import type { OutgoingCommand } from "#model/command.ts";
import type { EpochMs } from "#model/ids.ts";
import type { Delivery } from "#transport/shared/broker-session.ts";

/** One way of carrying LwM2M over MQTT. */
export interface Dialect extends Disposable {
  /** What it subscribes to, asked for at each session. */
  filters(): readonly string[];
  /** True for addresses of devices that it carries. */
  carries(address: string): boolean;
  /** `payload` is valid during the call only. */
  message(topic: string, payload: Uint8Array, delivery: Delivery, receivedAt: EpochMs): void;
  send(device: Device, command: OutgoingCommand, signal: AbortSignal): Promise<void>;
  write(device: Device, write: OutgoingWrite, signal: AbortSignal): Promise<void>;
  readmit(address: string): void;
  /** The broker connection is there, possibly again. */
  up?(): void;
  /** The broker connection is over. */
  lost(cause: string): void;
}
