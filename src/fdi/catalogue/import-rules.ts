import type { SignaturePolicy } from "#fdi/container/signature-policy.ts";
import { PackageError } from "#model/package-problem.ts";
import type { CatalogueEntry } from "./catalogue-entry.ts";

/**
 * Whether a package may enter beside those that are there. Throws PackageError `revision-exists` (the same revision with
 * other contents) or `id-claimed` (an id, a type namespace or a signed package of somebody else).
 */
export function checkImport(candidate: CatalogueEntry, entries: readonly CatalogueEntry[]): void {
  const same = entries.find(({ key }) => key === candidate.key);
  if (same !== undefined && same.sha256 !== candidate.sha256) {
    throw new PackageError(
      "revision-exists",
      `${candidate.key} is already there with other contents: expected a new revision`,
    );
  }
  for (const entry of entries) {
    if (entry.id === candidate.id && entry.signer !== "" && entry.signer !== candidate.signer) {
      const by = candidate.signer === "" ? "not signed by a trusted signer" : `signed by ${candidate.signer}`;
      throw new PackageError("id-claimed", `${candidate.id} belongs to ${entry.signer}, this package is ${by}`);
    }
    if (entry.id !== candidate.id && entry.namespaceUri === candidate.namespaceUri && entry.namespaceUri !== "") {
      throw new PackageError("id-claimed", `namespace ${candidate.namespaceUri} belongs to ${entry.id}`);
    }
  }
}

/**
 * Whether a package may become active. Throws PackageError when it is not interpreted, when the policy wants a signature
 * that it did not have, or when another active package has its devices.
 */
export function checkActivation(
  entry: CatalogueEntry,
  entries: readonly CatalogueEntry[],
  policy: SignaturePolicy,
): void {
  if (!entry.interpreted) throw new PackageError("unknown-dialect", `${entry.key}: EDD is not interpreted`);
  if (policy === "require" && entry.signature !== "trusted") {
    throw new PackageError("signature-missing", `${entry.key}: not signed by a trusted signer when it was imported`);
  }
  for (const other of entries) {
    const shared = other.declaredTypes.find((type) => entry.declaredTypes.includes(type));
    if (other.state === "active" && other.id !== entry.id && shared !== undefined) {
      throw new PackageError("id-claimed", `devices of type ${shared} already belong to ${other.key}`);
    }
  }
}
