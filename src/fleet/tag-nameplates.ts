import { demand } from "#fleet/access/action.ts";
import type { Clock } from "#lib/clock.ts";
import type { Principal } from "#model/command.ts";
import { HostError } from "#model/errors.ts";
import type { TagName } from "#model/tag-nameplate.ts";
import type { Audit } from "./audit.ts";
import type { Device } from "./device.ts";
import type { DeviceRegistry } from "./registry.ts";

const maxLength = 256;
// oxlint-disable-next-line no-control-regex -- these are what it is about
const unprintable = /[\u0000-\u001f\u007f]/;

/** Lets people name devices; kept with the device over restarts and package changes. */
export class TagNameplates {
  readonly #registry: DeviceRegistry;
  readonly #audit: Audit;
  readonly #clock: Clock;

  constructor(registry: DeviceRegistry, audit: Audit, clock: Clock) {
    this.#registry = registry;
    this.#audit = audit;
    this.#clock = clock;
  }

  /**
   * Sets one name of a device. Throws `access-denied` below the role maintenance, `value-out-of-range` for more than 256
   * characters or control characters.
   */
  write(device: Device, name: TagName, value: string, by: Principal): void {
    demand(by, "device.name", `write ${name} of ${device.id}`);
    if (value.length > maxLength || unprintable.test(value)) {
      const found = value.length > maxLength ? `${value.length} characters` : "control characters";
      throw new HostError(
        "value-out-of-range",
        `${name} of ${device.id}: ${found}, at most ${maxLength} printable ones`,
      );
    }
    const before = this.#registry.tagOf(device);
    if (before[name] === value) return;
    this.#registry.setTag(device, { ...before, [name]: value });
    this.#audit.note({
      at: this.#clock.now(),
      kind: "outcome",
      commandId: "",
      user: by.user,
      origin: by.origin,
      device: device.id,
      action: `write ${name}`,
      changes: [{ parameter: name, before: before[name], after: value }],
    });
  }
}
