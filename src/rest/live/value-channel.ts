import type { Device } from "#fleet/device.ts";
import type { LiveValues } from "#fleet/live-values.ts";
import type { Clock } from "#lib/clock.ts";
import type { SampleBatch } from "#model/sample-batch.ts";
import type { LiveClient } from "./live-client.ts";
import { valuesText } from "./value-text.ts";
import { Watcher } from "./watcher.ts";

/** Which values somebody wants, and how. */
export interface ValueWish {
  /** Undefined: of every device. */
  readonly devices: readonly string[] | undefined;
  /** Undefined: every parameter. */
  readonly parameters: readonly string[] | undefined;
  /** At most one frame in this time; 0: at once. */
  readonly intervalMs: number;
  /** `batch`: one frame with a list; `device`: one frame per device, `{device,timestamp,data}`. */
  readonly form: "batch" | "device";
}

export interface ChannelParts {
  readonly live: LiveValues;
  readonly clock: Clock;
}

/** Devices in one frame of a snapshot. */
const snapshotDevices = 200;

/** All clients that want the same: what changed is gathered and written as text once, however many they are. */
export class ValueChannel {
  readonly wish: ValueWish;
  readonly clients = new Set<LiveClient>();
  readonly #parts: ChannelParts;
  readonly #names: ReadonlySet<string> | undefined;
  readonly #watchers = new Map<Device, Watcher>();
  #dirty: Watcher[] = [];
  #timer: Disposable | undefined;
  #flushedAt = Number.NEGATIVE_INFINITY;

  constructor(wish: ValueWish, parts: ChannelParts) {
    this.wish = wish;
    this.#parts = parts;
    this.#names = wish.devices === undefined ? undefined : new Set(wish.devices);
  }

  /** Begins to watch a device if it is wanted; true when it is. */
  watch(device: Device): boolean {
    if (this.#names !== undefined && !this.#names.has(device.id)) return false;
    const watcher = Watcher.of(device, this.wish.parameters);
    if (watcher !== undefined) this.#watchers.set(device, watcher);
    return watcher !== undefined;
  }

  forget(device: Device): void {
    const watcher = this.#watchers.get(device);
    this.#watchers.delete(device);
    if (watcher !== undefined) this.#dirty = this.#dirty.filter((other) => other !== watcher);
  }

  /** Notes what a batch of a watched device changes. */
  note(device: Device, batch: SampleBatch): void {
    const watcher = this.#watchers.get(device);
    if (watcher === undefined || !watcher.note(batch)) return;
    this.#dirty.push(watcher);
    if (this.#timer === undefined) this.#schedule();
  }

  /** Everything that the channel is about, as it is now. */
  snapshot(type: "snapshot" | "resync"): Buffer[] {
    const { live } = this.#parts;
    const items = [...this.#watchers.values()].map((watcher) => valuesText(live, watcher.device, watcher.all()));
    if (this.wish.form === "device") return items.map((item) => Buffer.from(item));
    const frames: Buffer[] = [];
    // One at least, so that a client learns that there is nothing.
    for (let start = 0; start === 0 || start < items.length; start += snapshotDevices) {
      frames.push(batchFrame(type, items.slice(start, start + snapshotDevices)));
    }
    return frames;
  }

  close(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  #schedule(): void {
    const { clock } = this.#parts;
    const waitMs = Math.max(0, this.#flushedAt + this.wish.intervalMs - clock.now());
    this.#timer = clock.after(waitMs, () => this.#flush());
  }

  #flush(): void {
    this.#timer = undefined;
    const { live, clock } = this.#parts;
    const now = clock.now();
    this.#flushedAt = now;
    const dirty = this.#dirty;
    this.#dirty = [];
    const items = dirty.map((watcher) => valuesText(live, watcher.device, watcher.take()));
    const frames = this.wish.form === "batch" ? [batchFrame("values", items)] : items.map((item) => Buffer.from(item));
    for (const client of this.clients) for (const frame of frames) client.sendValues(frame, now);
  }
}

function batchFrame(type: string, items: readonly string[]): Buffer {
  return Buffer.from(`{"type":"${type}","values":[${items.join(",")}]}`);
}
