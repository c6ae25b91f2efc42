import type { Clock } from "#lib/clock.ts";
import type { Principal } from "#model/command.ts";
import type { EpochMs } from "#model/ids.ts";
import type { Identity } from "./identity.ts";
import type { TokenSource } from "./ports.ts";

export interface SessionLimits {
  /** Ends a session that nobody used for so long. */
  readonly idleMs: number;
  /** Ends every session. */
  readonly lifeMs: number;
  /** The oldest ends when one user opens more. */
  readonly perUser: number;
}

/** A login that lasts, as it may be shown: the token itself is nowhere. */
export interface Session {
  /** Names it in lists, locks and the audit; opens nothing. */
  readonly id: string;
  readonly user: string;
  /** Where from, e.g. `http 10.0.0.7`. */
  readonly origin: string;
  readonly application: string;
  readonly openedAt: EpochMs;
  readonly lastUsedAt: EpochMs;
  readonly expiresAt: EpochMs;
}

export interface OpenedSession {
  /** Given once; the host keeps only its digest. */
  readonly token: string;
  readonly session: Session;
  readonly identity: Identity;
}

export interface ResolvedSession {
  readonly session: Session;
  readonly identity: Identity;
  readonly principal: Principal;
}

export type SessionEnd = "closed" | "expired" | "withdrawn";

export interface SessionsParts {
  readonly clock: Clock;
  readonly tokens: TokenSource;
  readonly newId: () => string;
  readonly limits: SessionLimits;
  /** What a user is worth now; undefined: may not log in any more. */
  readonly identityOf: (user: string) => Identity | undefined;
}

type Kept = { -readonly [Key in keyof Session]: Session[Key] } & { readonly digest: string };
type EndListener = (session: Session, end: SessionEnd) => void;

/** Logins of web clients. Only digests of tokens are kept, in memory: a restart ends every session. */
export class Sessions {
  readonly #parts: SessionsParts;
  readonly #byDigest = new Map<string, Kept>();
  readonly #listeners = new Set<EndListener>();
  /** Until the session ends that is the next to do so. */
  #timer: Disposable | undefined;

  constructor(parts: SessionsParts) {
    this.#parts = parts;
  }

  open(identity: Identity, origin: string, application: string): OpenedSession {
    const { clock, tokens, newId, limits } = this.#parts;
    this.#sweep();
    const own = [...this.#byDigest.values()].filter(({ user }) => user === identity.user);
    for (const old of own.slice(0, Math.max(0, own.length + 1 - limits.perUser))) this.#end(old, "withdrawn");
    const token = tokens.newToken();
    const now = clock.now();
    const kept: Kept = {
      id: newId(),
      user: identity.user,
      origin,
      application,
      openedAt: now,
      lastUsedAt: now,
      expiresAt: now + Math.min(limits.idleMs, limits.lifeMs),
      digest: tokens.digest(token),
    };
    this.#byDigest.set(kept.digest, kept);
    this.#arm();
    return { token, session: shown(kept), identity };
  }

  /** The session of a token, used now; undefined for a token that is unknown, ended, or of a user who may not log in. */
  resolve(token: string): ResolvedSession | undefined {
    const { clock, tokens, identityOf } = this.#parts;
    const kept = this.#byDigest.get(tokens.digest(token));
    if (kept === undefined) return undefined;
    const now = clock.now();
    if (now >= kept.expiresAt) {
      this.#end(kept, "expired");
      return undefined;
    }
    const identity = identityOf(kept.user);
    if (identity === undefined) {
      this.#end(kept, "withdrawn");
      return undefined;
    }
    this.#extend(kept);
    return { session: shown(kept), identity, principal: principalOf(kept, identity) };
  }

  /** Who may still act by a session that was resolved before, without using it; for sockets that stay open. */
  principalOf(id: string): Principal | undefined {
    const kept = this.#find(id);
    if (kept === undefined || this.#parts.clock.now() >= kept.expiresAt) return undefined;
    const identity = this.#parts.identityOf(kept.user);
    return identity === undefined ? undefined : principalOf(kept, identity);
  }

  /** Ends a session by its id; false when there is none. */
  close(id: string, end: SessionEnd = "closed"): boolean {
    const kept = this.#find(id);
    if (kept !== undefined) this.#end(kept, end);
    return kept !== undefined;
  }

  /** Ends all sessions of a user but `except`, given by its name. */
  closeOf(user: string, except?: string): void {
    for (const kept of this.#byDigest.values()) {
      if (kept.user === user && sessionName(kept.id) !== except) this.#end(kept, "withdrawn");
    }
  }

  list(): readonly Session[] {
    this.#sweep();
    return [...this.#byDigest.values()].map(shown);
  }

  /** The session is in use; for sockets that stay open, whose clients say something. */
  noteUse(id: string): void {
    const kept = this.#find(id);
    if (kept !== undefined && this.#parts.clock.now() < kept.expiresAt) this.#extend(kept);
  }

  /** Tells of every session that ends, at once. */
  onEnd(listener: EndListener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  #find(id: string): Kept | undefined {
    return [...this.#byDigest.values()].find((kept) => kept.id === id);
  }

  #extend(kept: Kept): void {
    const { clock, limits } = this.#parts;
    kept.lastUsedAt = clock.now();
    kept.expiresAt = Math.min(kept.lastUsedAt + limits.idleMs, kept.openedAt + limits.lifeMs);
  }

  /** Sessions are used more often than they end: the timer runs until what was the first end when it was set. */
  #arm(): void {
    if (this.#timer !== undefined || this.#byDigest.size === 0) return;
    const first = Math.min(...[...this.#byDigest.values()].map(({ expiresAt }) => expiresAt));
    const { clock } = this.#parts;
    this.#timer = clock.after(Math.max(leastWaitMs, first - clock.now()), () => {
      this.#timer = undefined;
      this.#sweep();
      this.#arm();
    });
  }

  #sweep(): void {
    const now = this.#parts.clock.now();
    for (const kept of this.#byDigest.values()) if (now >= kept.expiresAt) this.#end(kept, "expired");
  }

  #end(kept: Kept, end: SessionEnd): void {
    if (!this.#byDigest.delete(kept.digest)) return;
    for (const listener of this.#listeners) listener(shown(kept), end);
  }
}

/** Sessions of many users end one by one; they need not end to the millisecond. */
const leastWaitMs = 1_000;

/** What locks and selections of a session belong to. */
export function sessionName(id: string): string {
  return `session ${id}`;
}

function principalOf(kept: Kept, { user, roles }: Identity): Principal {
  return { user, roles, origin: kept.origin, session: sessionName(kept.id), application: kept.application };
}

function shown({ digest: _digest, ...session }: Kept): Session {
  return { ...session };
}
