import type { BrokerLink } from "./broker-link.ts";
import type { Outbox } from "./outbox.ts";
import type { SimulatedDevice } from "./simulated-device.ts";
import type { Speaker } from "./speaker.ts";

/** A speaker with the connection it speaks over. */
export interface Station {
  readonly speaker: Speaker;
  readonly link: BrokerLink;
  readonly outbox: Outbox;
}

/** One device on one station: what it told and when it reports next. */
export class Slot {
  readonly device: SimulatedDevice;
  readonly speaker: Speaker;
  #toldVersion: number;
  #nextReportMs: number;
  #nextObserveMs = 0;

  /** `firstReportMs` in real time since the start. */
  constructor(device: SimulatedDevice, { speaker, link }: Station, firstReportMs: number) {
    this.device = device;
    this.speaker = speaker;
    this.#toldVersion = device.breaker.stateVersion;
    this.#nextReportMs = firstReportMs;
    const name = speaker.protocol;
    device.links.push({
      get state() {
        return link.stateAs(name);
      },
      probe: () => link.probe(),
      cut: (realMs) => link.cut(realMs),
      setLost: (isLost) => speaker.setLost?.(device, isLost),
    });
  }

  /** Reports state changes that were not told yet. */
  tellChanges(): void {
    const { stateVersion } = this.device.breaker;
    if (this.#toldVersion === stateVersion) return;
    this.#toldVersion = stateVersion;
    this.speaker.reportChanges(this.device);
  }

  /** Reports when it is time; devices that report faster than the loop runs catch up, but not endlessly. */
  tellWhenDue(realMs: number): void {
    for (let reports = 0; realMs >= this.#nextReportMs; reports += 1) {
      const waitMs = this.speaker.reportDue(this.device);
      this.#nextReportMs += waitMs;
      if (reports >= maxCatchUp) this.#nextReportMs = realMs + waitMs;
    }
  }

  /** Lets the speaker look at the readings once per step. */
  observe(realMs: number, stepMs: number): void {
    if (this.speaker.observe === undefined || realMs < this.#nextObserveMs) return;
    this.#nextObserveMs = realMs + stepMs;
    this.speaker.observe(this.device);
  }
}

const maxCatchUp = 20;
