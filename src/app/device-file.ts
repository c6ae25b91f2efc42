import { join } from "node:path";
import { withSpecificPoints } from "#fleet/onboarding/specific-points.ts";
import type { PackageShelf } from "#fleet/package-shelf.ts";
import type { DeviceRecord, DeviceRegistry } from "#fleet/registry.ts";
import { writeFileAtomically } from "#lib/atomic-file.ts";
import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import { deviceId } from "#model/ids.ts";
import { protocols } from "#model/protocol.ts";
import type { TagNameplate } from "#model/tag-nameplate.ts";

import { readJsonList } from "./read-json-list.ts";
import { specificPointOf } from "./read-points.ts";

const saveDelayMs = 250;

/** Keeps the known devices in `devices.json`, so that their nodes are there right after a restart. */
export class DeviceFile implements AsyncDisposable {
  readonly #path: string;
  readonly #registry: DeviceRegistry;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** Devices whose package is not there now: kept, not forgotten. */
  #withoutPackage: DeviceRecord[] = [];
  #pending: Disposable | undefined;
  #saving: Promise<void> = Promise.resolve();

  constructor(folder: string, registry: DeviceRegistry, clock: Clock, log: Logger) {
    this.#path = join(folder, "devices.json");
    this.#registry = registry;
    this.#clock = clock;
    this.#log = log;
  }

  /** Restores the devices and from then on saves every change. */
  async load(shelf: PackageShelf): Promise<void> {
    const advice = "repair it, or remove it: devices come back when they report";
    for (const record of await readJsonList(this.#path, { recordOf, advice })) {
      const pkg = shelf.find(record.packageId, record.packageRevision);
      if (pkg === undefined) {
        this.#withoutPackage.push(record);
        const wanted = `${record.packageId}@${record.packageRevision}`;
        this.#log.warn({ device: record.id }, `its package ${wanted} is not installed: not shown until it is`);
      } else {
        const extended = withSpecificPoints(pkg, record.protocol, record.points ?? []);
        const device = this.#registry.add(record.id, extended, record.protocol, record.address);
        if (record.tag !== undefined) this.#registry.setTag(device, record.tag);
      }
    }
    this.#registry.onChange(() => this.#schedule());
    this.#registry.onTag(() => this.#schedule());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#pending !== undefined) this.#save();
    await this.#saving;
  }

  #schedule(): void {
    this.#pending ??= this.#clock.after(saveDelayMs, () => this.#save());
  }

  #save(): void {
    this.#pending?.[Symbol.dispose]();
    this.#pending = undefined;
    const text = `${JSON.stringify([...this.#registry.records(), ...this.#withoutPackage], undefined, 2)}\n`;
    this.#saving = this.#saving
      .then(() => writeFileAtomically(this.#path, text))
      .catch((error: unknown) => this.#log.error({ err: error }, `${this.#path} could not be written`));
  }
}

function recordOf(value: unknown): DeviceRecord {
  const fields = new Map<string, unknown>(Object.entries(value ?? {}));
  const text = (key: string): string => {
    const found = fields.get(key);
    if (typeof found !== "string") throw new Error(`a device without ${key}`);
    return found;
  };
  const protocol = protocols.find((name) => name === text("protocol"));
  if (protocol === undefined) throw new Error(`unknown protocol ${text("protocol")}`);
  const points = fields.get("points");
  if (points !== undefined && !Array.isArray(points)) throw new Error("points are no list");
  return {
    id: deviceId(text("id")),
    packageId: text("packageId"),
    packageRevision: text("packageRevision"),
    protocol,
    address: text("address"),
    ...(fields.has("tag") ? { tag: tagOf(fields.get("tag")) } : {}),
    ...(points === undefined ? {} : { points: points.map(specificPointOf) }),
  };
}

function tagOf(value: unknown): TagNameplate {
  const fields = new Map<string, unknown>(Object.entries(value ?? {}));
  const assetId = fields.get("assetId");
  const componentName = fields.get("componentName");
  if (typeof assetId === "string" && typeof componentName === "string") return { assetId, componentName };
  throw new Error("a device with a damaged tag");
}
