import type { PartHealth } from "#rest/parts.ts";

/** What the host depends on, asked when somebody wants to know; not ready until `complete` was called. */
export class Readiness {
  #parts: readonly (() => PartHealth)[] = [() => ({ name: "host", ready: false, detail: "starting" })];

  complete(parts: readonly (() => PartHealth)[]): void {
    this.#parts = parts;
  }

  report(): PartHealth[] {
    return this.#parts.map((ask) => ask());
  }
}
