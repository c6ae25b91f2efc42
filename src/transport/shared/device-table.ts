/** Bounds of a device table. */
export interface DeviceTableLimits {
  /** Devices that the fleet admitted. */
  readonly admitted: number;
  /** Others that were heard of; the one heard of first is forgotten for a new one. */
  readonly newcomers: number;
}

export const maxNewcomers = 2_000;

/**
 * Devices by name, admitted or not. Names are free to invent, so those that nobody admitted never take the place of
 * devices, and never take more than their share of memory.
 */
export class DeviceTable<T> {
  readonly #limits: DeviceTableLimits;
  readonly #onForgotten: (device: T) => void;
  readonly #admitted = new Map<string, T>();
  readonly #newcomers = new Map<string, T>();

  constructor(limits: DeviceTableLimits, onForgotten: (device: T) => void = () => undefined) {
    this.#limits = limits;
    this.#onForgotten = onForgotten;
  }

  /** True when no further device can be admitted. */
  get isFull(): boolean {
    return this.#admitted.size >= this.#limits.admitted;
  }

  get(name: string): T | undefined {
    return this.#admitted.get(name) ?? this.#newcomers.get(name);
  }

  /** Remembers somebody new. */
  add(name: string, device: T): void {
    if (this.#newcomers.size >= this.#limits.newcomers) this.#forgetFirst();
    this.#newcomers.set(name, device);
  }

  /** The fleet admitted the device: it is never forgotten. */
  admit(name: string): void {
    const device = this.#newcomers.get(name);
    if (device === undefined) return;
    this.#newcomers.delete(name);
    this.#admitted.set(name, device);
  }

  /** The fleet does not know the device any more. */
  dismiss(name: string): void {
    const device = this.#admitted.get(name);
    if (device === undefined) return;
    this.#admitted.delete(name);
    this.add(name, device);
  }

  *values(): Generator<T> {
    yield* this.#admitted.values();
    yield* this.#newcomers.values();
  }

  #forgetFirst(): void {
    const [first] = this.#newcomers;
    if (first === undefined) return;
    this.#newcomers.delete(first[0]);
    this.#onForgotten(first[1]);
  }
}
