import { createHash } from "node:crypto";
import path from "node:path";
import { slugOf } from "#fdi/legacy/vocabulary.ts";
import type { OpenedPackage } from "#fdi/open-package.ts";
import type { CatalogueEntry } from "./catalogue-entry.ts";

interface Arrival {
  readonly bytes: Uint8Array;
  readonly source: string;
  readonly importedAt: number;
  readonly importedBy: string;
}

/** What the catalogue keeps of a package that was opened; it comes in as `installed`. */
export function entryOf(opened: OpenedPackage, arrival: Arrival): CatalogueEntry {
  const sha256 = createHash("sha256").update(arrival.bytes).digest("hex");
  return {
    ...identityOf(opened, arrival.source, sha256),
    state: "installed",
    interpreted: opened.read !== undefined,
    format: opened.format,
    size: arrival.bytes.length,
    sha256,
    source: path.basename(arrival.source),
    importedAt: arrival.importedAt,
    importedBy: arrival.importedBy,
    signature: opened.signature.state,
    signer: opened.signature.state === "trusted" ? opened.signature.signer.subject : "",
  };
}

type Identity = Pick<
  CatalogueEntry,
  "key" | "id" | "revision" | "typeName" | "manufacturer" | "model" | "namespaceUri" | "declaredTypes"
>;

function identityOf(opened: OpenedPackage, source: string, sha256: string): Identity {
  const pkg = opened.read?.package;
  if (pkg === undefined) return foreignIdentity(source, sha256);
  const { id, revision, typeName, namespaceUri } = pkg;
  const { manufacturer, model } = pkg.identity;
  const { declaredTypes } = pkg.detection;
  return { key: `${id}@${revision}`, id, revision, typeName, manufacturer, model, namespaceUri, declaredTypes };
}

/** Containers of other vendors have no id that we understand: they go by file name and contents. */
function foreignIdentity(source: string, sha256: string): Identity {
  const id = `foreign/${slugOf(path.basename(source).replace(/\.[^.]*$/, "")) || "package"}-${sha256.slice(0, 8)}`;
  const none = { typeName: "", manufacturer: "", model: "", namespaceUri: "", declaredTypes: [] };
  return { key: `${id}@0.0.0`, id, revision: "0.0.0", ...none };
}
