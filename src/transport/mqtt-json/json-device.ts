import type { Device } from "#fleet/device.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { Watched } from "#transport/shared/silence-watch.ts";
import type { JsonBindings } from "./binding-tree.ts";
import type { UplinkTopic } from "./topic.ts";
import { UnmappedFields } from "./unmapped-fields.ts";

/** What is known of one device id of one topic family. */
export interface JsonDevice extends Watched {
  readonly name: string;
  readonly family: UplinkTopic["family"];
  /** `family/id`: how the fleet knows it. */
  readonly address: string;
  /** Set once the fleet has admitted it. */
  record: Device | undefined;
  bindings: JsonBindings | undefined;
  /** What it says it is, or was taken for. */
  declaredType: string | undefined;
  /** Until then (host clock) it is not proposed to the fleet again. */
  refusedUntil: number;
  readonly unmapped: UnmappedFields;
  /** How many of the unmapped fields the fleet has been told of. */
  toldFields: number;
  /** Until then (host clock) it is not told of more. */
  quietUntil: number;
}

export function newJsonDevice(
  name: string,
  family: UplinkTopic["family"],
  address: string,
  limitMs: number,
): JsonDevice {
  return {
    name,
    family,
    address,
    record: undefined,
    bindings: undefined,
    declaredType: undefined,
    refusedUntil: 0,
    unmapped: new UnmappedFields(),
    toldFields: 0,
    quietUntil: 0,
    lastHeard: 0,
    limitMs,
    isHeard: false,
  };
}

/** How long a device of this type may be silent (host setting `SilenceTimeout`, seconds). */
export function silenceLimitOf(pkg: DevicePackage, fallbackMs: number): number {
  const setting = pkg.hostSettings.find(({ name }) => name === "SilenceTimeout");
  const seconds = Number(setting?.value);
  return seconds > 0 ? seconds * 1_000 : fallbackMs;
}
