import type { DevicePackage } from "#model/device-package.ts";
import { PackageError } from "#model/package-problem.ts";
import { catalogXml } from "./catalog-part.ts";
import { writeContainer } from "./container-parts.ts";
import { checkedPartName, relationshipsMediaType, writeContentTypes, writeRelationships } from "./opc-parts.ts";
import { contentTypesName, relationshipsPartOf } from "./part-name.ts";

export const catalogPart = "/Catalog.xml";
export const descriptionPart = "/description.fdi";
export const catalogRelationship = "urn:fdi-host:relationships:catalog";
export const descriptionRelationship = "urn:fdi-host:relationships:description";
const descriptionMediaType = "application/vnd.fdi-host.device-package+xml";

const mediaTypes: ReadonlyMap<string, string> = new Map([
  ["pdf", "application/pdf"],
  ["html", "text/html"],
  ["txt", "text/plain"],
  ["md", "text/markdown"],
  ["png", "image/png"],
  ["jpg", "image/jpeg"],
  ["jpeg", "image/jpeg"],
  ["svg", "image/svg+xml"],
  ["xml", "application/xml"],
  ["json", "application/json"],
]);

/**
 * Packs a description and the documents that it refers to into a container, unsigned. `readDocument` gives the bytes of a
 * relative reference. Throws PackageError `container-invalid` when a document is missing.
 */
export async function packContainer(
  pkg: DevicePackage,
  description: Uint8Array,
  readDocument: (href: string) => Promise<Uint8Array | undefined>,
): Promise<Buffer> {
  const parts = new Map<string, Uint8Array>();
  const types = {
    defaults: new Map([
      ["rels", relationshipsMediaType],
      ["xml", "application/xml"],
    ]),
    overrides: new Map<string, string>(),
  };
  types.overrides.set(descriptionPart, descriptionMediaType);
  for (const { href, mediaType, name } of pkg.documents.filter(isInside)) {
    const bytes = await readDocument(href);
    if (bytes === undefined) throw new PackageError("container-invalid", `document ${name}: no file ${href}`);
    const part = checkedPartName(`/${href}`);
    parts.set(part, bytes);
    types.overrides.set(part.toLowerCase(), mediaType || mediaTypeOf(href));
  }
  parts.set(descriptionPart, description);
  parts.set(catalogPart, Buffer.from(catalogXml(pkg, descriptionPart), "utf8"));
  const relationships = [
    { id: "idCatalog", type: catalogRelationship, target: catalogPart, isExternal: false },
    { id: "idDescription", type: descriptionRelationship, target: descriptionPart, isExternal: false },
  ];
  parts.set(relationshipsPartOf("/"), Buffer.from(writeRelationships(relationships), "utf8"));
  parts.set(contentTypesName, Buffer.from(writeContentTypes(types), "utf8"));
  return writeContainer(parts);
}

function isInside({ href }: { readonly href: string }): boolean {
  return href !== "" && !/^https?:/.test(href);
}

function mediaTypeOf(href: string): string {
  return mediaTypes.get(href.slice(href.lastIndexOf(".") + 1).toLowerCase()) ?? "application/octet-stream";
}
