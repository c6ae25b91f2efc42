import type { Alarms } from "#fleet/alarms/alarms.ts";
import { hostSpecs } from "#fleet/alarms/standard-specs.ts";
import type { DeviceTransport } from "#fleet/ports.ts";
import type { Historian } from "#historian/historian.ts";
import type { Clock } from "#lib/clock.ts";
import { every } from "#lib/every.ts";

export interface HostWatchParts {
  readonly alarms: Alarms;
  readonly transports: readonly DeviceTransport[];
  readonly historian: Pick<Historian, "journalState">;
  readonly clock: Clock;
}

const periodMs = 2_000;

/** The journal counts as nearly full above this part of what it may hold, and as well again below the other. */
const nearlyFull = { above: 0.8, below: 0.7 } as const;

/** Looks now and then how the parts of the host are that cannot tell by themselves, and makes alarms of it. */
export class HostWatch implements Disposable {
  readonly #parts: HostWatchParts;
  readonly #timer: Disposable;
  #isNearlyFull = false;

  constructor(parts: HostWatchParts) {
    this.#parts = parts;
    this.#timer = every(parts.clock, periodMs, () => this.look());
    this.look();
  }

  look(): void {
    this.#lookAtBrokers();
    this.#lookAtJournal();
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }

  #lookAtBrokers(): void {
    const { alarms, transports } = this.#parts;
    const cutOff = transports.map((transport) => transport.health()).filter(({ connected }) => !connected);
    const text = [...new Set(cutOff.map(({ detail }) => detail))].join("; ");
    alarms.tellHost("brokerUnavailable", cutOff.length > 0, text === "" ? undefined : text);
  }

  #lookAtJournal(): void {
    const { alarms, historian } = this.#parts;
    const { bytes, maxBytes } = historian.journalState();
    const fill = bytes / maxBytes;
    if (fill > nearlyFull.above) this.#isNearlyFull = true;
    else if (fill < nearlyFull.below) this.#isNearlyFull = false;
    const text = `The journal is ${Math.round(fill * 100)} % full: ${hostSpecs.journalNearlyFull.message}`;
    alarms.tellHost("journalNearlyFull", this.#isNearlyFull, text);
  }
}
