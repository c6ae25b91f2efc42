import type { Path } from "./path.ts";

/** A path that a client reports on its own until it is told to stop. */
export interface Observation {
  readonly endpoint: string;
  readonly path: Path;
  readonly token: number;
  /** Sequence number of the last notification, where the binding has one. */
  sequence: number | undefined;
  /** When it was set. */
  sequenceAt: number;
}

/** Which paths are observed, by the token that notifications carry. */
export class Observations {
  readonly #byEndpoint = new Map<string, Map<number, Observation>>();

  add(endpoint: string, path: Path, token: number): Observation {
    const observation: Observation = { endpoint, path, token, sequence: undefined, sequenceAt: 0 };
    const observations = this.#byEndpoint.get(endpoint) ?? new Map<number, Observation>();
    this.#byEndpoint.set(endpoint, observations);
    observations.set(token, observation);
    return observation;
  }

  find(endpoint: string, token: number): Observation | undefined {
    return this.#byEndpoint.get(endpoint)?.get(token);
  }

  of(endpoint: string): Observation[] {
    return [...(this.#byEndpoint.get(endpoint)?.values() ?? [])];
  }

  remove(endpoint: string, token: number): void {
    this.#byEndpoint.get(endpoint)?.delete(token);
  }

  /** Ends all observations of a client: they do not outlive its registration. */
  forget(endpoint: string): void {
    this.#byEndpoint.delete(endpoint);
  }
}

const sequenceRange = 2 ** 24;
const freshMs = 128_000;

/**
 * True when a notification with this sequence number is newer than the last one of the observation, by the 24-bit
 * arithmetic of RFC 7641 (3.4); notes it if so. Bindings that keep the order have no number: always newer.
 */
export function acceptSequence(observation: Observation, sequence: number | undefined, now: number): boolean {
  const { sequence: last, sequenceAt } = observation;
  if (sequence === undefined) return true;
  const half = sequenceRange / 2;
  const isNewer =
    last === undefined ||
    (last < sequence && sequence - last < half) ||
    (last > sequence && last - sequence > half) ||
    now > sequenceAt + freshMs;
  if (!isNewer) return false;
  observation.sequence = sequence;
  observation.sequenceAt = now;
  return true;
}
