import type { Clock } from "#lib/clock.ts";
import { HostError } from "#model/errors.ts";

/** Wrong logins in a row that lock a client out (OPC 10000-4, 5.7.3.1 asks for it). */
export const maxWrongLogins = 5;

const firstLockMs = 60_000;
const longestLockMs = 3_600_000;
/** Wrong logins older than this are forgotten. */
const memoryMs = 900_000;
/** Clients remembered; beyond it the one that was wrong longest ago is forgotten. */
const maxClients = 10_000;

/** A client that may not try again yet. */
export class LockedOut extends HostError {
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    const seconds = Math.ceil(retryAfterMs / 1_000);
    super("locked-out", `too many wrong logins: locked out, try again in ${seconds} s`);
    this.name = "LockedOut";
    this.retryAfterMs = retryAfterMs;
  }
}

interface Suspect {
  /** Wrong logins in a row for each name that was tried. */
  readonly wrongOf: Map<string, number>;
  lastAt: number;
  lockedUntil: number;
  /** Locks so far; each one is twice as long as the one before. */
  locks: number;
}

/**
 * Counts wrong logins for each client identity, so that one attacker locks nobody else out. A right login clears only its
 * own name: who knows one password cannot use it to try others for ever.
 */
export class Lockout {
  readonly #clock: Clock;
  readonly #suspects = new Map<string, Suspect>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Throws LockedOut while `client` may not try. */
  check(client: string): void {
    const suspect = this.#of(client);
    const leftMs = (suspect?.lockedUntil ?? 0) - this.#clock.now();
    if (leftMs > 0) throw new LockedOut(leftMs);
  }

  /** Counts a wrong login; gives how long the client is locked out from now on (ms), 0 when it is not. */
  wrong(client: string, name: string): number {
    const now = this.#clock.now();
    const suspect = this.#of(client) ?? { wrongOf: new Map<string, number>(), lastAt: now, lockedUntil: 0, locks: 0 };
    suspect.lastAt = now;
    suspect.wrongOf.set(name, (suspect.wrongOf.get(name) ?? 0) + 1);
    this.#suspects.delete(client);
    this.#suspects.set(client, suspect);
    this.#forgetOldest();
    const total = [...suspect.wrongOf.values()].reduce((sum, count) => sum + count, 0);
    if (total < maxWrongLogins) return 0;
    const lockMs = Math.min(firstLockMs * 2 ** suspect.locks, longestLockMs);
    suspect.locks += 1;
    suspect.lockedUntil = now + lockMs;
    suspect.wrongOf.clear();
    return lockMs;
  }

  right(client: string, name: string): void {
    this.#suspects.get(client)?.wrongOf.delete(name);
  }

  #of(client: string): Suspect | undefined {
    const suspect = this.#suspects.get(client);
    if (suspect === undefined) return undefined;
    const now = this.#clock.now();
    if (now < suspect.lockedUntil || now - Math.max(suspect.lastAt, suspect.lockedUntil) < memoryMs) return suspect;
    this.#suspects.delete(client);
    return undefined;
  }

  #forgetOldest(): void {
    if (this.#suspects.size <= maxClients) return;
    const [oldest] = this.#suspects.keys();
    if (oldest !== undefined) this.#suspects.delete(oldest);
  }
}
