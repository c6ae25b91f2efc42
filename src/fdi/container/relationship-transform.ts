import type { XmlElement } from "#fdi/xml/xml-document.ts";
import { PackageError } from "#model/package-problem.ts";
import { relationshipsIn, relationshipsNamespace } from "./opc-parts.ts";

export const relationshipTransform = "http://schemas.openxmlformats.org/package/2006/RelationshipTransform";
export const digitalSignatureNamespace = "http://schemas.openxmlformats.org/package/2006/digital-signature";

/**
 * The bytes that a signature with the relationships transform digests (ISO/IEC 29500-2, 10.5.2.4): the relationships that
 * the transform names, sorted by Id, in canonical XML.
 */
export function transformRelationships(bytes: Uint8Array, source: string, transform: XmlElement): Buffer {
  const ids = new Set<string>();
  const types = new Set<string>();
  for (const { name, namespace, attributes } of transform.children) {
    if (namespace !== digitalSignatureNamespace) continue;
    if (name === "RelationshipReference") ids.add(attributes.get("SourceId")?.value ?? "");
    if (name === "RelationshipsGroupReference") types.add(attributes.get("SourceType")?.value ?? "");
  }
  const chosen = relationshipsIn(bytes, source).filter(({ id, type }) => ids.has(id) || types.has(type));
  if (new Set(chosen.map(({ id }) => id)).size < chosen.length) {
    throw new PackageError("container-invalid", `${source}: a relationship Id occurs twice`);
  }
  const elements = chosen
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, target, type, isExternal }) => {
      const mode = isExternal ? "External" : "Internal";
      return `<Relationship Id="${escaped(id)}" Target="${escaped(target)}" TargetMode="${mode}" Type="${escaped(type)}"></Relationship>`;
    });
  return Buffer.from(`<Relationships xmlns="${relationshipsNamespace}">${elements.join("")}</Relationships>`, "utf8");
}

/** Canonical XML 1.0, 2.3: attribute values. */
function escaped(value: string): string {
  return value
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll('"', "&quot;")
    .replaceAll("\t", "&#x9;")
    .replaceAll("\n", "&#xA;")
    .replaceAll("\r", "&#xD;");
}
