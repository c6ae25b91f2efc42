import { demand } from "#fleet/access/action.ts";
import type { Clock } from "#lib/clock.ts";
import { type Principal, sessionOf } from "#model/command.ts";
import { HostError } from "#model/errors.ts";
import type { Audit } from "./audit.ts";
import type { Device } from "./device.ts";

/** Return codes of the lock methods (OPC 10000-100, 7.5 to 7.8). */
export const LockStatus = { ok: 0, alreadyLocked: -1, notLocked: -1, invalid: -2 } as const;

export type LockStatusCode = 0 | -1 | -2;

/** Who holds a device, and what for. */
export interface DeviceLock {
  readonly user: string;
  readonly application: string;
  readonly session: string;
  readonly context: string;
}

export interface LocksParts {
  readonly clock: Clock;
  /** Milliseconds of a clock that is never set. */
  readonly elapsed: () => number;
  readonly audit: Audit;
  /** A lock is taken away when its holder did nothing with the device for this long (MaxInactiveLockTime). */
  readonly maxInactiveMs: number;
}

interface Held {
  readonly lock: DeviceLock;
  expiresAt: number;
  timer: Disposable;
  /** Services of the holder that are under way: the lock does not expire meanwhile. */
  inUse: number;
}

/** Which devices are locked, by whom, until when. One lock manager for every way in. */
export class Locks {
  readonly #parts: LocksParts;
  readonly #held = new Map<Device, Held>();
  readonly #listeners: ((device: Device) => void)[] = [];

  constructor(parts: LocksParts) {
    this.#parts = parts;
  }

  get maxInactiveMs(): number {
    return this.#parts.maxInactiveMs;
  }

  of(device: Device): DeviceLock | undefined {
    return this.#held.get(device)?.lock;
  }

  /** Milliseconds until the lock is taken away; 0 when there is none. */
  remainingMs(device: Device): number {
    const held = this.#held.get(device);
    return held === undefined ? 0 : Math.max(0, held.expiresAt - this.#parts.elapsed());
  }

  /** Locks a device for the session of `by`: 0, or -1 when it is locked. Throws `access-denied` to viewers. */
  init(device: Device, by: Principal, context: string): LockStatusCode {
    this.#authorise(device, by, "InitLock");
    if (this.#held.has(device)) return LockStatus.alreadyLocked;
    const { elapsed, maxInactiveMs } = this.#parts;
    const lock = { user: by.user, application: by.application ?? "", session: sessionOf(by), context };
    const expiresAt = elapsed() + maxInactiveMs;
    this.#held.set(device, { lock, expiresAt, timer: this.#expiry(device), inUse: 0 });
    this.#changed(device, by, "InitLock", context);
    return LockStatus.ok;
  }

  /** Starts the time of the lock again: 0, or -1 when it is not locked. Throws `device-locked` to everyone else. */
  renew(device: Device, by: Principal): LockStatusCode {
    const held = this.#own(device, by);
    if (held === undefined) return LockStatus.notLocked;
    this.#restart(device, held);
    return LockStatus.ok;
  }

  /** Gives the lock back: 0, or -1 when it is not locked. Throws `device-locked` to everyone else. */
  exit(device: Device, by: Principal): LockStatusCode {
    if (this.#own(device, by) === undefined) return LockStatus.notLocked;
    this.#release(device, by, "ExitLock", "");
    return LockStatus.ok;
  }

  /** Takes somebody's lock away: 0, or -1 when it is not locked. Throws `access-denied` unless by an administrator. */
  break(device: Device, by: Principal): LockStatusCode {
    demand(by, "device.break-lock", `break the lock of ${device.id}`);
    const lock = this.of(device);
    if (lock === undefined) return LockStatus.notLocked;
    this.#release(device, by, "BreakLock", `held by ${lock.user}`);
    return LockStatus.ok;
  }

  /**
   * Lets the holder, or anyone while there is no lock, do something with the device; until the answer is disposed the
   * lock does not expire, and then its time starts again. Throws `device-locked`.
   */
  use(device: Device, by: Principal): Disposable {
    const held = this.#own(device, by);
    if (held === undefined) return { [Symbol.dispose]: () => {} };
    held.timer[Symbol.dispose]();
    held.inUse += 1;
    return {
      [Symbol.dispose]: () => {
        held.inUse -= 1;
        if (held.inUse === 0 && this.#held.get(device) === held) this.#restart(device, held);
      },
    };
  }

  /** Locks do not outlive the session that took them. */
  sessionEnded(session: string): void {
    for (const [device, { lock }] of this.#held) {
      if (lock.session === session) this.#release(device, principalOf(lock), "ExitLock", "its session ended");
    }
  }

  forget(device: Device): void {
    const lock = this.of(device);
    if (lock !== undefined) this.#release(device, principalOf(lock), "ExitLock", "the device was removed");
  }

  /** Calls `listener` after each lock taken, renewed or given back. */
  onChange(listener: (device: Device) => void): void {
    this.#listeners.push(listener);
  }

  /** The lock when it is held by `by`, undefined when there is none; throws when it is another's. */
  #own(device: Device, by: Principal): Held | undefined {
    const held = this.#held.get(device);
    if (held === undefined || held.lock.session === sessionOf(by)) return held;
    const { user, context } = held.lock;
    const purpose = context === "" ? "" : ` (${context})`;
    throw new HostError("device-locked", `${device.id} is locked by ${user}${purpose}`);
  }

  #authorise(device: Device, by: Principal, action: string): void {
    demand(by, "device.lock", `do ${action} on ${device.id}`);
  }

  #restart(device: Device, held: Held): void {
    held.timer[Symbol.dispose]();
    held.expiresAt = this.#parts.elapsed() + this.#parts.maxInactiveMs;
    held.timer = this.#expiry(device);
    this.#tell(device);
  }

  #expiry(device: Device): Disposable {
    return this.#parts.clock.after(this.#parts.maxInactiveMs, () => {
      const lock = this.of(device);
      if (lock !== undefined) this.#release(device, principalOf(lock), "ExitLock", "its time was over");
    });
  }

  #release(device: Device, by: Principal, action: string, detail: string): void {
    this.#held.get(device)?.timer[Symbol.dispose]();
    this.#held.delete(device);
    this.#changed(device, by, action, detail);
  }

  #changed(device: Device, by: Principal, action: string, detail: string): void {
    const { audit, clock } = this.#parts;
    audit.note({
      at: clock.now(),
      kind: "lock",
      commandId: "",
      user: by.user,
      origin: by.origin,
      device: device.id,
      action,
      ...(detail === "" ? {} : { detail }),
    });
    this.#tell(device);
  }

  #tell(device: Device): void {
    for (const listener of this.#listeners) listener(device);
  }
}

function principalOf(lock: DeviceLock): Principal {
  return { user: lock.user, roles: [], origin: lock.session, session: lock.session, application: lock.application };
}
