import type { PackageRole } from "#model/command-spec.ts";
import type { EpochMs } from "#model/ids.ts";

/** A certificate that a user may log in with instead of a password. */
export interface UserCertificate {
  /** SHA-256 of its DER form, hex in lower case. */
  readonly thumbprint: string;
  readonly subject: string;
  readonly notAfter: EpochMs;
}

/** A person or a program that may log in. */
export interface UserRecord {
  readonly name: string;
  readonly role: PackageRole;
  /** What the PasswordHasher keeps of the password; undefined: no password opens this account. */
  readonly password: string | undefined;
  readonly certificates: readonly UserCertificate[];
  /** True: may do nothing but choose another password. */
  readonly mustChangePassword: boolean;
  readonly enabled: boolean;
  readonly createdAt: EpochMs;
  readonly passwordChangedAt: EpochMs | undefined;
}

/** Where users are kept over a restart. */
export interface UserStore {
  /** Everything kept; empty when nothing is. Throws `config-invalid` when what is there cannot be read. */
  load(): Promise<readonly UserRecord[]>;
  /** Reads, changes and writes as one step, also against other processes; gives what is kept then. */
  update(change: (users: readonly UserRecord[]) => readonly UserRecord[]): Promise<readonly UserRecord[]>;
}

/** The only thing that knows in what form a password is kept. */
export interface PasswordHasher {
  /** A text with algorithm, parameters, salt and hash, different each time. */
  hash(password: string): Promise<string>;
  /** True when `password` is the one that `kept` was made of; false for a `kept` that is none of ours. */
  verify(password: string, kept: string): Promise<boolean>;
}

/** Randomness and digests for tokens. */
export interface TokenSource {
  /** At least 256 random bits as text that may stand in a header. */
  newToken(): string;
  /** One-way and without collisions. */
  digest(token: string): string;
}

/** A certificate of a client program that tried to connect, or may. */
export interface ClientCertificate {
  /** SHA-256 of its DER form, hex in lower case. */
  readonly thumbprint: string;
  readonly state: "trusted" | "rejected";
  readonly subject: string;
  readonly issuer: string;
  /** Empty when it names none. */
  readonly applicationUri: string;
  readonly notBefore: EpochMs;
  readonly notAfter: EpochMs;
  /** When it was last moved: refused, or trusted. */
  readonly since: EpochMs;
}

/** Certificates of client programs, e.g. SCADA systems; a running server follows every change. */
export interface CertificateStore {
  list(): Promise<readonly ClientCertificate[]>;
  /** Moves a certificate; false when there is none with this thumbprint. */
  move(thumbprint: string, to: ClientCertificate["state"]): Promise<boolean>;
  /** False when there is none with this thumbprint. */
  remove(thumbprint: string): Promise<boolean>;
  /** Adds a certificate in PEM or DER form as trusted. Throws `argument-invalid` when it is none. */
  add(file: Uint8Array): Promise<ClientCertificate>;
}
