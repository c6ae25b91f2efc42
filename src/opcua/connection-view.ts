import type { Device } from "#fleet/device.ts";
import { type SourceTraffic, totalOf } from "#fleet/traffic.ts";
import type { Clock } from "#lib/clock.ts";
import { every } from "#lib/every.ts";
import { type ConnectionFact, type ConnectionSources, connectionVariables } from "./connection-variables.ts";
import { type DeviceNodes, variableAt } from "./device-node.ts";
import { updateLive } from "./engine/live-variable.ts";

/** How stale a counter or the time of the last message may be with up to `devicesPerLook` devices. */
const periodMs = 1_000;
/** Looking at 10,000 devices each second would cost 0.7 % of a core while nothing happens. */
const devicesPerLook = 1_000;

/** What is shown of a device now, so that only changes are written. */
interface Showing {
  readonly nodes: DeviceNodes;
  readonly facts: Record<Exclude<ConnectionFact, "state">, number | undefined>;
}

/**
 * Keeps the variables below each ConnectionPoint up to date: states at once, counters and times every second, in a large
 * fleet a thousand devices each second.
 */
export class ConnectionView implements Disposable {
  readonly #sources: ConnectionSources;
  readonly #clock: Clock;
  readonly #timer: Disposable;
  readonly #showing = new Map<Device, Showing>();
  /** Where the next look goes on. */
  #rest: Iterator<[Device, Showing]> | undefined;

  constructor(sources: ConnectionSources, clock: Clock) {
    this.#sources = sources;
    this.#clock = clock;
    this.#timer = every(clock, periodMs, () => this.#look());
    sources.presence.onChange((device) => this.#changed(device));
  }

  /** From now on the nodes follow the device. */
  bind(device: Device, nodes: DeviceNodes): void {
    const facts = { lastSeen: undefined, nextRetry: undefined, accepted: undefined, troubles: undefined };
    const showing = { nodes, facts };
    this.#showing.set(device, showing);
    const now = new Date(this.#clock.now());
    for (const i of connectionVariables.keys()) this.#update(device, nodes, i, now);
  }

  unbind(device: Device): void {
    this.#showing.delete(device);
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }

  #changed(device: Device): void {
    const showing = this.#showing.get(device);
    if (showing !== undefined) this.#show(device, showing, "state");
  }

  #look(): void {
    let left = Math.min(devicesPerLook, this.#showing.size);
    while (left > 0) {
      this.#rest ??= this.#showing.entries();
      const next = this.#rest.next();
      if (next.done === true) this.#rest = undefined;
      else {
        const [device, showing] = next.value;
        this.#lookAt(device, showing);
        left -= 1;
      }
    }
  }

  #lookAt(device: Device, showing: Showing): void {
    const { presence, traffic } = this.#sources;
    const counts = traffic.of(device.id);
    this.#follow(device, showing, "lastSeen", presence.of(device).lastSeen);
    this.#follow(device, showing, "nextRetry", presence.nextRetry(device));
    this.#follow(device, showing, "accepted", counts?.accepted ?? 0);
    this.#follow(device, showing, "troubles", counts?.lastProblem === undefined ? 0 : troublesOf(counts));
  }

  #follow(device: Device, showing: Showing, fact: keyof Showing["facts"], value: number | undefined): void {
    if (showing.facts[fact] === value) return;
    showing.facts[fact] = value;
    this.#show(device, showing, fact);
  }

  #show(device: Device, { nodes }: Showing, fact: ConnectionFact): void {
    const now = new Date(this.#clock.now());
    for (const [i, { follows }] of connectionVariables.entries()) {
      if (follows === fact) this.#update(device, nodes, i, now);
    }
  }

  /** Shows the connection variable at place `i` of their list as it is. */
  #update(device: Device, nodes: DeviceNodes, i: number, now: Date): void {
    const update = connectionVariables[i]?.show(device, this.#sources, now);
    if (update !== undefined) updateLive(variableAt(nodes, nodes.plan.connectionVariables[i] ?? -1), update);
  }
}

function troublesOf({ rejected, flawed }: SourceTraffic): number {
  return totalOf(rejected) + totalOf(flawed);
}
