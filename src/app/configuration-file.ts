import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ConfigurationRecord, Configurations } from "#fleet/configurations.ts";
import type { Device } from "#fleet/device.ts";
import type { DeviceRegistry } from "#fleet/registry.ts";
import { writeFileAtomically } from "#lib/atomic-file.ts";
import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import type { ParameterValue } from "#model/data-type.ts";
import { messageOf } from "#model/errors.ts";

export interface ConfigurationFileParts {
  readonly folder: string;
  readonly registry: DeviceRegistry;
  readonly configurations: Configurations;
  readonly clock: Clock;
  readonly log: Logger;
}

const saveDelayMs = 2_000;

/** Keeps the settings of devices in `configurations.json`, so that a change while the host was away is noticed. */
export class ConfigurationFile implements AsyncDisposable {
  readonly #parts: ConfigurationFileParts;
  readonly #path: string;
  /** Of devices that were not known when the file was read. */
  readonly #others = new Map<string, ConfigurationRecord>();
  #pending: Disposable | undefined;
  #saving: Promise<void> = Promise.resolve();

  constructor(parts: ConfigurationFileParts) {
    this.#parts = parts;
    this.#path = join(parts.folder, "configurations.json");
  }

  /** Restores what was known and from then on saves every change. A damaged file is put aside: devices report again. */
  async load(): Promise<void> {
    const { registry, configurations, log } = this.#parts;
    for (const [id, record] of await this.#read()) {
      const device = registry.find(id);
      if (device === undefined) this.#others.set(id, record);
      else configurations.restore(device, record);
    }
    log.debug(`settings of ${registry.size} devices restored`);
    configurations.onChange(() => this.#schedule());
    registry.onChange(({ kind, device }) => {
      if (kind === "added") this.#adopt(device);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#pending !== undefined) this.#save();
    await this.#saving;
  }

  #adopt(device: Device): void {
    const record = this.#others.get(device.id);
    if (record === undefined) return;
    this.#others.delete(device.id);
    this.#parts.configurations.restore(device, record);
  }

  async #read(): Promise<[string, ConfigurationRecord][]> {
    let text: string;
    try {
      text = await readFile(this.#path, "utf8");
    } catch {
      return [];
    }
    try {
      const value: unknown = JSON.parse(text);
      return entriesOf(value).map(([id, record]) => [id, recordOf(record)]);
    } catch (error) {
      this.#parts.log.error(
        `${this.#path} is damaged (${messageOf(error)}): settings are taken as the devices report them`,
      );
      await writeFileAtomically(`${this.#path}.damaged`, text);
      return [];
    }
  }

  #schedule(): void {
    this.#pending ??= this.#parts.clock.after(saveDelayMs, () => this.#save());
  }

  #save(): void {
    this.#pending?.[Symbol.dispose]();
    this.#pending = undefined;
    const { registry, configurations, log } = this.#parts;
    const records = new Map(this.#others);
    for (const device of registry.all()) {
      const record = configurations.recordOf(device);
      if (record !== undefined) records.set(device.id, record);
    }
    const text = `${JSON.stringify(Object.fromEntries(records), encode)}\n`;
    this.#saving = this.#saving
      .then(() => writeFileAtomically(this.#path, text))
      .catch((error: unknown) => log.error({ err: error }, `${this.#path} could not be written`));
  }
}

/** JSON has no 64-bit integers: their digits are marked. */
function encode(_name: string, value: unknown): unknown {
  return typeof value === "bigint" ? { int: value.toString() } : value;
}

function entriesOf(value: unknown): [string, unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("expected an object");
  return Object.entries(value);
}

function recordOf(value: unknown): ConfigurationRecord {
  const fields = new Map(entriesOf(value));
  const revision = fields.get("revision");
  if (typeof revision !== "number" || !Number.isSafeInteger(revision)) throw new Error("a device without revision");
  return { revision, accepted: valuesOf(fields.get("accepted")), reported: valuesOf(fields.get("reported")) };
}

function valuesOf(value: unknown): Record<string, ParameterValue> {
  return Object.fromEntries(entriesOf(value).map(([name, each]) => [name, valueOf(each)]));
}

function valueOf(value: unknown): ParameterValue {
  if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") return value;
  const digits = new Map(entriesOf(value)).get("int");
  if (typeof digits === "string") return BigInt(digits);
  throw new Error("a setting without a value");
}
