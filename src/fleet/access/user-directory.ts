import type { Audit } from "#fleet/audit.ts";
import type { Clock } from "#lib/clock.ts";
import type { Principal } from "#model/command.ts";
import type { PackageRole } from "#model/command-spec.ts";
import { HostError } from "#model/errors.ts";
import { demand } from "./action.ts";
import { checkPassword, type PasswordRule } from "./password-rule.ts";
import type { PasswordHasher, UserCertificate, UserRecord, UserStore } from "./ports.ts";

export interface UserDirectoryParts {
  readonly store: UserStore;
  readonly hasher: PasswordHasher;
  readonly rule: PasswordRule;
  readonly clock: Clock;
  readonly audit: Audit;
}

/** A user as it may be shown. */
export interface UserView extends Omit<UserRecord, "password"> {
  readonly hasPassword: boolean;
  /** Comes from the configuration file and is changed there. */
  readonly isFixed: boolean;
}

export interface NewUser {
  readonly name: string;
  readonly role: PackageRole;
  /** Undefined: logs in by certificate only. */
  readonly password: string | undefined;
  /** Default true: who was given a password chooses another one. */
  readonly mustChangePassword?: boolean;
}

/** What became of a user: logins that rest on what is gone no longer count. */
export interface UserChange {
  readonly name: string;
  /** The password is not what it was. */
  readonly hasNewPassword: boolean;
  /** The session in which the user chose the password; it goes on. */
  readonly keptSession: string | undefined;
  /** Thumbprints of certificates that are no longer the user's. */
  readonly lostCertificates: readonly string[];
}

type Change = (user: UserRecord) => UserRecord | undefined;

const namePattern = /^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,63}$/u;
const reservedNames = new Set(["anonymous", "host"]);

/** Who may log in. Every change is authorised, audited and kept before it counts. */
export class UserDirectory {
  readonly #parts: UserDirectoryParts;
  #fixed: readonly UserRecord[] = [];
  #users: ReadonlyMap<string, UserRecord> = new Map();
  readonly #listeners = new Set<(change: UserChange) => void>();

  constructor(parts: UserDirectoryParts) {
    this.#parts = parts;
  }

  /**
   * Reads the store. `fixed` are the users of the configuration: they cannot be changed here, and win over stored ones of
   * the same name. Throws `config-invalid`.
   */
  async load(fixed: readonly UserRecord[]): Promise<void> {
    this.#fixed = fixed;
    await this.reload();
  }

  /** Reads the store again, e.g. because another program changed it. Throws `config-invalid`. */
  async reload(): Promise<void> {
    this.#take(await this.#parts.store.load());
  }

  /** What a new password must be. */
  get passwordRule(): PasswordRule {
    return this.#parts.rule;
  }

  all(): readonly UserView[] {
    return [...this.#users.values()].map((user) => this.#viewOf(user));
  }

  find(name: string): UserView | undefined {
    const user = this.#users.get(name);
    return user === undefined ? undefined : this.#viewOf(user);
  }

  /** The record of a user who may log in; undefined for unknown and disabled ones. */
  active(name: string): UserRecord | undefined {
    const user = this.#users.get(name);
    return user?.enabled === true ? user : undefined;
  }

  /** The user who may log in with a certificate. */
  byThumbprint(thumbprint: string): UserRecord | undefined {
    const users = [...this.#users.values()];
    return users.find((user) => user.enabled && user.certificates.some((known) => known.thumbprint === thumbprint));
  }

  /** True when somebody may manage users. */
  get hasAdministrator(): boolean {
    return [...this.#users.values()].some(isAdministrator);
  }

  /** Throws `access-denied`, `user-exists`, `argument-invalid`. */
  async add(user: NewUser, by: Principal): Promise<UserView> {
    demand(by, "user.manage", `add the user ${shownName(user.name)}`);
    const { name, role, password, mustChangePassword = password !== undefined } = user;
    if (!namePattern.test(name) || reservedNames.has(name.toLowerCase())) {
      const expected = "expected 1 to 64 letters, digits or . _ @ -, and not anonymous or host";
      throw new HostError("argument-invalid", `user name ${shownName(name)}: ${expected}`);
    }
    const { clock } = this.#parts;
    const hash = password === undefined ? undefined : await this.#hash(name, password);
    const now = clock.now();
    const record: UserRecord = {
      name,
      role,
      password: hash,
      certificates: [],
      mustChangePassword,
      enabled: true,
      createdAt: now,
      passwordChangedAt: hash === undefined ? undefined : now,
    };
    await this.#update((users) => {
      const taken = [...this.#fixed, ...users].find((known) => known.name.toLowerCase() === name.toLowerCase());
      if (taken !== undefined) throw new HostError("user-exists", `there is a user ${taken.name} already`);
      return [...users, record];
    });
    this.#note(by, `add user ${name}`, `role ${role}`);
    return this.#viewOf(record);
  }

  /** Gives a user another password. Throws `access-denied`, `user-unknown`, `not-writable`, `argument-invalid`. */
  async setPassword(name: string, password: string, by: Principal, mustChange = true): Promise<void> {
    demand(by, "user.manage", `set the password of ${shownName(name)}`);
    await this.#keepPassword(name, password, mustChange);
    this.#note(by, `set password of ${name}`, mustChange ? "must be changed at the next login" : "");
  }

  /** A user's own new password; the old one was proved by the caller, whose session goes on. */
  async choosePassword(name: string, password: string, by: Principal): Promise<void> {
    await this.#keepPassword(name, password, false, by.session);
    this.#note(by, `change password of ${name}`, "by the user");
  }

  async setRole(name: string, role: PackageRole, by: Principal): Promise<void> {
    demand(by, "user.manage", `set the role of ${shownName(name)}`);
    await this.#change(name, (user) => ({ ...user, role }));
    this.#note(by, `set role of ${name}`, role);
  }

  async setEnabled(name: string, enabled: boolean, by: Principal): Promise<void> {
    demand(by, "user.manage", `${enabled ? "enable" : "disable"} ${shownName(name)}`);
    await this.#change(name, (user) => ({ ...user, enabled }));
    this.#note(by, `${enabled ? "enable" : "disable"} user ${name}`, "");
  }

  async remove(name: string, by: Principal): Promise<void> {
    demand(by, "user.manage", `remove ${shownName(name)}`);
    await this.#change(name, () => undefined);
    this.#note(by, `remove user ${name}`, "");
  }

  /** Lets a user log in with a certificate. Throws `user-exists` when it is somebody else's. */
  async addCertificate(name: string, certificate: UserCertificate, by: Principal): Promise<void> {
    demand(by, "user.manage", `add a certificate of ${shownName(name)}`);
    const owner = this.byThumbprint(certificate.thumbprint);
    if (owner !== undefined && owner.name !== name) {
      throw new HostError("user-exists", `the certificate ${certificate.subject} belongs to ${owner.name} already`);
    }
    const others = (user: UserRecord) => user.certificates.filter((c) => c.thumbprint !== certificate.thumbprint);
    await this.#change(name, (user) => ({ ...user, certificates: [...others(user), certificate] }));
    this.#note(by, `add certificate of ${name}`, `${certificate.subject} ${certificate.thumbprint}`);
  }

  async removeCertificate(name: string, thumbprint: string, by: Principal): Promise<void> {
    demand(by, "user.manage", `remove a certificate of ${shownName(name)}`);
    await this.#change(name, (user) => {
      const certificates = user.certificates.filter((known) => known.thumbprint !== thumbprint);
      if (certificates.length < user.certificates.length) return { ...user, certificates };
      throw new HostError("certificate-unknown", `${name} has no certificate ${thumbprint.slice(0, 64)}`);
    });
    this.#note(by, `remove certificate of ${name}`, thumbprint);
  }

  /** Tells of every user that was changed or removed. */
  onChange(listener: (change: UserChange) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async #keepPassword(
    name: string,
    password: string,
    mustChangePassword: boolean,
    keptSession?: string,
  ): Promise<void> {
    const hash = await this.#hash(name, password);
    const passwordChangedAt = this.#parts.clock.now();
    const changed = (user: UserRecord) => ({ ...user, password: hash, mustChangePassword, passwordChangedAt });
    await this.#change(name, changed, keptSession);
  }

  #hash(name: string, password: string): Promise<string> {
    checkPassword(password, name, this.#parts.rule);
    return this.#parts.hasher.hash(password);
  }

  async #change(name: string, change: Change, keptSession?: string): Promise<void> {
    if (this.#fixed.some((user) => user.name === name)) {
      throw new HostError("not-writable", `the user ${name} comes from the configuration file: change it there`);
    }
    await this.#update((users) => {
      if (!users.some((user) => user.name === name)) {
        throw new HostError("user-unknown", `there is no user ${shownName(name)}`);
      }
      return users.flatMap((user) => (user.name === name ? (change(user) ?? []) : user));
    }, keptSession);
  }

  async #update(change: (users: readonly UserRecord[]) => readonly UserRecord[], keptSession?: string): Promise<void> {
    const fixed = this.#fixed;
    const kept = await this.#parts.store.update((users) => {
      const next = change(users);
      if (users.some(isAdministrator) && ![...fixed, ...next].some(isAdministrator)) {
        throw new HostError(
          "rule-violated",
          "the last administrator cannot be removed, disabled or given another role",
        );
      }
      return next;
    });
    this.#take(kept, keptSession);
  }

  #take(stored: readonly UserRecord[], keptSession?: string): void {
    const before = this.#users;
    this.#users = byName([...stored, ...this.#fixed]);
    const names = new Set([...before.keys(), ...this.#users.keys()]);
    for (const name of names) {
      const [old, now] = [before.get(name), this.#users.get(name)];
      if (JSON.stringify(old) === JSON.stringify(now)) continue;
      const own = new Set(now?.certificates.map(({ thumbprint }) => thumbprint));
      const lost = (old?.certificates ?? []).map(({ thumbprint }) => thumbprint).filter((known) => !own.has(known));
      const hasNewPassword = old?.password !== now?.password;
      const change = { name, hasNewPassword, keptSession, lostCertificates: lost };
      for (const listener of this.#listeners) listener(change);
    }
  }

  #viewOf({ password, ...user }: UserRecord): UserView {
    const isFixed = this.#fixed.some(({ name }) => name === user.name);
    return { ...user, hasPassword: password !== undefined, isFixed };
  }

  #note(by: Principal, action: string, detail: string): void {
    const { audit, clock } = this.#parts;
    const about = { commandId: "", user: by.user, origin: by.origin, device: "" };
    audit.note({ at: clock.now(), kind: "user", ...about, action, ...(detail === "" ? {} : { detail }) });
  }
}

function isAdministrator({ role, enabled }: UserRecord): boolean {
  return enabled && role === "administrator";
}

function byName(users: readonly UserRecord[]): Map<string, UserRecord> {
  return new Map(users.map((user) => [user.name, user]));
}

function shownName(name: string): string {
  return JSON.stringify(name.slice(0, 64));
}
