import type { Audit } from "#fleet/audit.ts";
import type { Clock } from "#lib/clock.ts";
import type { Principal } from "#model/command.ts";
import { HostError } from "#model/errors.ts";
import { type Identity, identityOf } from "./identity.ts";
import { LockedOut, Lockout } from "./lockout.ts";
import type { PasswordRule } from "./password-rule.ts";
import type { CertificateStore, PasswordHasher, TokenSource, UserStore } from "./ports.ts";
import { type OpenedSession, type ResolvedSession, type SessionLimits, Sessions } from "./sessions.ts";
import { TrustList } from "./trust-list.ts";
import { UserDirectory } from "./user-directory.ts";

export interface AccessParts {
  readonly store: UserStore;
  readonly certificates: CertificateStore;
  readonly hasher: PasswordHasher;
  readonly tokens: TokenSource;
  readonly rule: PasswordRule;
  readonly limits: SessionLimits;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly audit: Audit;
}

/** Where a login comes from. */
export interface Caller {
  /** For the audit, e.g. `http 10.0.0.7`. */
  readonly origin: string;
  /** What wrong logins are counted for: something that a client cannot choose, e.g. its address. */
  readonly client: string;
  /** The client program, as it calls itself. */
  readonly application?: string;
}

export interface Credentials {
  readonly name: string;
  readonly password: string;
}

/** Passwords are proved at most so many at a time: each takes tens of milliseconds of a core and tens of MiB. */
const maxProofs = 2;
const maxWaiting = 50;

/** Who may get in: users, logins and sessions, for OPC UA, HTTP and WebSocket alike. */
export class Access {
  readonly users: UserDirectory;
  readonly sessions: Sessions;
  /** Client programs that may connect. */
  readonly trustList: TrustList;
  readonly #parts: AccessParts;
  readonly #lockout: Lockout;
  /** What the password of an unknown user is compared with, so that the answer takes as long. */
  #decoy: Promise<string> | undefined;
  #proofs = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(parts: AccessParts) {
    this.#parts = parts;
    const { clock, tokens, newId, limits } = parts;
    this.users = new UserDirectory(parts);
    this.#lockout = new Lockout(clock);
    this.trustList = new TrustList({ store: parts.certificates, clock, audit: parts.audit });
    this.sessions = new Sessions({ clock, tokens, newId, limits, identityOf: (name) => this.identityOf(name) });
    this.users.onChange(({ name, hasNewPassword, keptSession }) => {
      if (this.users.active(name) === undefined) this.sessions.closeOf(name);
      // Whoever knew the old password is out, also when somebody else gave the new one.
      else if (hasNewPassword) this.sessions.closeOf(name, keptSession);
    });
  }

  /** What a user is worth now; undefined for unknown and disabled ones. */
  identityOf(name: string): Identity | undefined {
    const user = this.users.active(name);
    return user === undefined ? undefined : identityOf(user);
  }

  /**
   * Proves name and password. Throws `not-authenticated` in the same words and time whether the user exists or not,
   * LockedOut (`locked-out`) after five wrong ones in a row from a client, and `overloaded`.
   */
  async authenticate(credentials: Credentials, caller: Caller): Promise<Identity> {
    this.#lockout.check(caller.client);
    const user = this.users.active(credentials.name);
    const isRight = await this.#prove(credentials.password, user?.password);
    // Others of the same client may have been wrong meanwhile: five at once are five.
    this.#lockout.check(caller.client);
    if (!isRight || user === undefined) throw this.#refused(credentials.name, caller, "wrong name or password");
    this.#lockout.right(caller.client, credentials.name);
    this.#note(user.name, caller, "log in", user.mustChangePassword ? "must change the password" : "");
    return identityOf(user);
  }

  /**
   * The user of a certificate whose possession the caller has proved; `thumbprint` is its SHA-256 in hex. Throws
   * `not-authenticated` and `locked-out`.
   */
  authenticateCertificate(thumbprint: string, caller: Caller): Identity {
    const name = `certificate ${thumbprint.slice(0, 64)}`;
    this.#lockout.check(caller.client);
    const user = this.users.byThumbprint(thumbprint);
    if (user === undefined) throw this.#refused(name, caller, "the certificate belongs to no user");
    this.#lockout.right(caller.client, name);
    this.#note(user.name, caller, "log in", name);
    return { ...identityOf(user), roles: [user.role], mustChangePassword: false };
  }

  /** Proves name and password and opens a session. Throws as `authenticate` does. */
  async login(credentials: Credentials, caller: Caller): Promise<OpenedSession> {
    const identity = await this.authenticate(credentials, caller);
    return this.sessions.open(identity, caller.origin, caller.application ?? "");
  }

  /** The session of a token; undefined when it opens nothing. Synchronous, microseconds. */
  resolve(token: string): ResolvedSession | undefined {
    return this.sessions.resolve(token);
  }

  /** Ends a session; false when there is none with this id. */
  logout(sessionId: string, by: Principal): boolean {
    const ended = this.sessions.close(sessionId);
    if (ended) this.#note(by.user, { origin: by.origin }, "log out", `session ${sessionId}`);
    return ended;
  }

  /**
   * A user's own new password; sessions of the user end but `keepSession`, given by its name. Throws `not-authenticated` for a wrong old one (counted as
   * a wrong login), `locked-out`, `argument-invalid` and `not-writable`.
   */
  async changePassword(old: Credentials, wanted: string, caller: Caller, keepSession?: string): Promise<void> {
    await this.authenticate(old, caller);
    if (wanted === old.password) {
      throw new HostError("argument-invalid", `the new password of ${old.name} is the old one`);
    }
    const session = keepSession === undefined ? {} : { session: keepSession };
    const by: Principal = { user: old.name, roles: [], origin: caller.origin, ...session };
    await this.users.choosePassword(old.name, wanted, by);
  }

  #refused(name: string, caller: Caller, reason: string): HostError {
    const lockedMs = this.#lockout.wrong(caller.client, name);
    this.#note(name, caller, "log in refused", reason);
    if (lockedMs === 0) return new HostError("not-authenticated", "wrong name or password");
    this.#note(name, caller, "client locked out", `${caller.client} for ${Math.round(lockedMs / 1_000)} s`);
    return new LockedOut(lockedMs);
  }

  async #prove(password: string, kept: string | undefined): Promise<boolean> {
    await this.#takeTurn();
    try {
      const { hasher, tokens } = this.#parts;
      this.#decoy ??= hasher.hash(tokens.newToken());
      const decoy = await this.#decoy;
      const matches = await hasher.verify(password, kept ?? decoy);
      return matches && kept !== undefined;
    } finally {
      this.#proofs -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #takeTurn(): Promise<void> {
    while (this.#proofs >= maxProofs) {
      if (this.#waiting.length >= maxWaiting) {
        throw new HostError("overloaded", "too many logins at the same time; try again in a few seconds");
      }
      const turn = Promise.withResolvers<void>();
      this.#waiting.push(turn.resolve);
      await turn.promise;
    }
    this.#proofs += 1;
  }

  #note(user: string, { origin }: Pick<Caller, "origin">, action: string, detail: string): void {
    const { audit, clock } = this.#parts;
    const about = { commandId: "", user: printable(user), origin, device: "" };
    audit.note({ at: clock.now(), kind: "session", ...about, action, ...(detail === "" ? {} : { detail }) });
  }
}

/** A name that nobody checked yet, fit for the audit. */
function printable(name: string): string {
  return name.slice(0, 64).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "?");
}
