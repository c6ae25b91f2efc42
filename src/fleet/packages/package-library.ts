import type { Principal } from "#model/command.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { EpochMs } from "#model/ids.ts";
import type { PackageWarning } from "#model/package-problem.ts";

/** One revision of a package as it was imported. */
export interface InstalledPackage {
  /** `id@revision`. */
  readonly key: string;
  readonly id: string;
  readonly revision: string;
  /** `active`: new devices get it; `installed`: for devices that have it; `retired`: no longer to be used. */
  readonly state: "installed" | "active" | "retired";
  readonly typeName: string;
  readonly manufacturer: string;
  readonly model: string;
  /** False: of another vendor's kind, shown but not used. */
  readonly interpreted: boolean;
  readonly format: "fdi" | "fdix";
  readonly size: number;
  /** Of the file, hexadecimal. */
  readonly sha256: string;
  readonly source: string;
  readonly importedAt: EpochMs;
  readonly importedBy: string;
  readonly signature: "trusted" | "untrusted" | "unsigned" | "not-checked";
  readonly signer: string;
}

/** One difference between two revisions. */
export interface RevisionDifference {
  readonly kind: "added" | "removed" | "changed";
  readonly section: string;
  readonly name: string;
  readonly field: string;
  readonly before: string;
  readonly after: string;
  /** True: what fits the first revision may not fit the second. */
  readonly breaking: boolean;
}

/** What a file holds, before anything is done with it. */
export interface PackagePreview {
  /** Undefined: not interpreted. */
  readonly package: DevicePackage | undefined;
  readonly format: "fdi" | "fdix";
  /** One sentence. */
  readonly signature: string;
  readonly warnings: readonly PackageWarning[];
  /** Why it would not be taken in; undefined when it would. */
  readonly objection: string | undefined;
}

/**
 * The device packages that people brought in. Everything that changes it throws `access-denied` below the role
 * administrator and is in the audit; `package-invalid` tells what is wrong with a package.
 */
export interface PackageLibrary {
  list(): readonly InstalledPackage[];
  /** Looks into a file without keeping it. Throws `package-invalid` for what cannot be read at all. */
  preview(bytes: Uint8Array, source: string): Promise<PackagePreview>;
  /** Takes a package in as `installed`; nothing is kept unless every check has passed. */
  install(bytes: Uint8Array, source: string, by: Principal): Promise<InstalledPackage>;
  activate(key: string, by: Principal): Promise<InstalledPackage>;
  retire(key: string, by: Principal): Promise<InstalledPackage>;
  /** Refused while a device has it. */
  remove(key: string, by: Principal): Promise<void>;
  /** The differences from one revision to another. */
  diff(before: DevicePackage, after: DevicePackage): readonly RevisionDifference[];
  /** The JSON Schema (draft 2020-12) of the telemetry that devices of a package send as JSON. */
  schemaOf(pkg: DevicePackage): Readonly<Record<string, unknown>>;
  /** Where a message breaks that schema, one sentence each, `place: what is wrong`. */
  violations(pkg: DevicePackage, message: unknown): readonly string[];
}
