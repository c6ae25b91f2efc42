import type { Device } from "#fleet/device.ts";
import type { Watched } from "#transport/shared/silence-watch.ts";
import type { ObjectTree } from "./object-tree.ts";

/** What is known of one device id. */
export interface LegacyDevice extends Watched {
  readonly name: string;
  /** Set once the fleet has admitted it. */
  record: Device | undefined;
  tree: ObjectTree | undefined;
  refusedUntil: number;
  /** When an update was last answered. */
  answeredAt: number;
  /** The time of the last values that came as objects, epoch ms. */
  lastTime: number;
}
