import type { Device } from "#fleet/device.ts";
import type { OutgoingWrite } from "#fleet/ports.ts";
import type { OutgoingCommand } from "#model/command.ts";
import type { EpochMs } from "#model/ids.ts";
import type { ResourceValue } from "#transport/lwm2m/core/resource-node.ts";
import type { Delivery } from "#transport/shared/broker-session.ts";

/** What a client answered for one resource. */
export interface ReadValue {
  /** `/object/instance/resource[/resource instance]`. */
  readonly path: string;
  readonly value: ResourceValue;
  /** When it was measured (epoch ms), where the client says so. */
  readonly time?: EpochMs | undefined;
}

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
  /**
   * Asks the device itself for what is at a path. Throws `argument-invalid` when it is no path, `command-not-sent`,
   * `command-rejected` when the device refuses, `command-unconfirmed` when it does not answer.
   */
  read(device: Device, path: string, signal: AbortSignal): Promise<readonly ReadValue[]>;
  readmit(address: string): void;
  /** The broker connection is there, possibly again. */
  up?(): void;
  /** The broker connection is over. */
  lost(cause: string): void;
}
