import type { DevicePackage } from "#model/device-package.ts";
import type { DeviceId } from "#model/ids.ts";
import type { Protocol } from "#model/protocol.ts";

/** One admitted device: its type, where it is reached and where its values live. */
export interface Device {
  readonly id: DeviceId;
  readonly package: DevicePackage;
  readonly protocol: Protocol;
  /** Transport address, unique within the protocol, e.g. `Demo/panel-1/CB-0001`. */
  readonly address: string;
  /** Slot of its first parameter in the live columns; parameter i lives at `firstSlot + i`. */
  readonly firstSlot: number;
  /** Set on a second way to the same device (another protocol): the record that owns its points and takes its commands. */
  readonly owner?: Device;
}
