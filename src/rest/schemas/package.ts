import { type Static, Type } from "typebox";
import type { InstalledPackage, RevisionDifference } from "#fleet/packages/package-library.ts";
import { type DevicePackage, packageKey } from "#model/device-package.ts";
import { MaybeTime, maybeIsoOf, nullable } from "./common.ts";

/** One revision of a package. */
export const PackageEntry = Type.Object({
  key: Type.String({ description: "id@revision" }),
  id: Type.String(),
  revision: Type.String(),
  state: Type.Enum(["installed", "active", "retired", "built-in"]),
  typeName: Type.String(),
  manufacturer: Type.String(),
  model: Type.String(),
  devices: Type.Integer({ description: "Devices that have it" }),
  format: nullable(Type.String()),
  size: nullable(Type.Integer()),
  sha256: nullable(Type.String()),
  source: nullable(Type.String()),
  importedAt: MaybeTime,
  importedBy: nullable(Type.String()),
  signature: nullable(Type.String()),
  signer: nullable(Type.String()),
});

const Difference = Type.Object({
  kind: Type.Enum(["added", "removed", "changed"]),
  section: Type.String(),
  name: Type.String(),
  field: Type.String(),
  before: Type.String(),
  after: Type.String(),
  breaking: Type.Boolean(),
});

/** What changed from one revision to another. */
export const PackageDiff = Type.Object({
  breaking: Type.Boolean({ description: "True: what fits the first may not fit the second" }),
  items: Type.Array(Difference),
});

/** A package that somebody brought in, with the number of devices that have it. */
export function installedOf(entry: InstalledPackage, devices: number): Static<typeof PackageEntry> {
  const { key, id, revision, state, typeName, manufacturer, model, format, size, sha256, source } = entry;
  const { importedAt, importedBy, signature, signer } = entry;
  const named = { key, id, revision, state, typeName, manufacturer, model, devices };
  const file = { format, size, sha256, source, importedAt: maybeIsoOf(importedAt), importedBy };
  return { ...named, ...file, signature, signer };
}

/** A package that came with the host. */
export function builtInOf(pkg: DevicePackage, devices: number): Static<typeof PackageEntry> {
  const { id, revision, typeName, identity } = pkg;
  const { manufacturer, model } = identity;
  const file = { format: null, size: null, sha256: null, source: null, importedAt: null, importedBy: null };
  const named = { key: packageKey(pkg), id, revision, state: "built-in", typeName, manufacturer, model } as const;
  return { ...named, devices, ...file, signature: null, signer: null };
}

export function diffOf(items: readonly RevisionDifference[]): Static<typeof PackageDiff> {
  return { breaking: items.some(({ breaking }) => breaking), items: [...items] };
}
