import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Onboarding } from "#fleet/onboarding/onboarding.ts";
import type { PendingRecord } from "#fleet/onboarding/pending-devices.ts";
import { writeFileAtomically } from "#lib/atomic-file.ts";
import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import { messageOf } from "#model/errors.ts";
import { protocols } from "#model/protocol.ts";
import { offeredPointOf } from "./read-points.ts";

const saveDelayMs = 1_000;

/** Keeps the devices that wait, and those that were rejected, in `pending-devices.json`. */
export class PendingFile implements AsyncDisposable {
  readonly #path: string;
  readonly #onboarding: Onboarding;
  readonly #clock: Clock;
  readonly #log: Logger;
  #pending: Disposable | undefined;
  #saving: Promise<void> = Promise.resolve();

  constructor(folder: string, onboarding: Onboarding, clock: Clock, log: Logger) {
    this.#path = join(folder, "pending-devices.json");
    this.#onboarding = onboarding;
    this.#clock = clock;
    this.#log = log;
  }

  /** Restores what was kept and from then on saves every change. A damaged file is put aside: devices introduce themselves again. */
  async load(): Promise<void> {
    this.#onboarding.restore(await this.#read());
    this.#onboarding.onChange(() => this.#schedule());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#pending !== undefined) this.#save();
    await this.#saving;
  }

  async #read(): Promise<PendingRecord[]> {
    let text: string;
    try {
      text = await readFile(this.#path, "utf8");
    } catch {
      return [];
    }
    try {
      const value: unknown = JSON.parse(text);
      if (!Array.isArray(value)) throw new Error("expected a list of devices");
      return value.map(recordOf);
    } catch (error) {
      this.#log.error(`${this.#path} is damaged (${messageOf(error)}): who was rejected has to be rejected again`);
      await writeFileAtomically(`${this.#path}.damaged`, text);
      return [];
    }
  }

  #schedule(): void {
    this.#pending ??= this.#clock.after(saveDelayMs, () => this.#save());
  }

  #save(): void {
    this.#pending?.[Symbol.dispose]();
    this.#pending = undefined;
    const text = `${JSON.stringify(this.#onboarding.records(), undefined, 2)}\n`;
    this.#saving = this.#saving
      .then(() => writeFileAtomically(this.#path, text))
      .catch((error: unknown) => this.#log.error({ err: error }, `${this.#path} could not be written`));
  }
}

function recordOf(value: unknown): PendingRecord {
  const fields = new Map<string, unknown>(Object.entries(value ?? {}));
  const text = (key: string): string => {
    const found = fields.get(key);
    if (typeof found !== "string") throw new Error(`a device without ${key}`);
    return found;
  };
  const number = (key: string): number => {
    const found = fields.get(key);
    if (typeof found !== "number") throw new Error(`a device without ${key}`);
    return found;
  };
  const protocol = protocols.find((name) => name === text("protocol"));
  if (protocol === undefined) throw new Error(`unknown protocol ${text("protocol")}`);
  const declaredType = fields.get("declaredType");
  const offers = fields.get("offers");
  return {
    protocol,
    name: text("name"),
    address: text("address"),
    declaredType: typeof declaredType === "string" ? declaredType : undefined,
    state: text("state") === "rejected" ? "rejected" : "pending",
    reason: text("reason"),
    offers: Array.isArray(offers) ? offers.map(offeredPointOf) : [],
    pointCount: number("pointCount"),
    firstSeen: number("firstSeen"),
    lastSeen: number("lastSeen"),
  };
}
