import { readXml } from "#fdi/xml/read-xml.ts";
import { element, writeXml, type XmlOutput } from "#fdi/xml/write-xml.ts";
import type { XmlElement } from "#fdi/xml/xml-document.ts";
import { PackageError } from "#model/package-problem.ts";
import { isPartName, relationshipsPartOf, resolveTarget } from "./part-name.ts";

export const contentTypesNamespace = "http://schemas.openxmlformats.org/package/2006/content-types";
export const relationshipsNamespace = "http://schemas.openxmlformats.org/package/2006/relationships";
export const relationshipsMediaType = "application/vnd.openxmlformats-package.relationships+xml";

/** Parts by name, with `/` in front. */
export type Parts = ReadonlyMap<string, Uint8Array>;

export interface ContentTypes {
  /** By extension, lower case. */
  readonly defaults: ReadonlyMap<string, string>;
  /** By part name, lower case. */
  readonly overrides: ReadonlyMap<string, string>;
}

/** Reads `[Content_Types].xml` (ISO/IEC 29500-2, 6.2.3). */
export function readContentTypes(bytes: Uint8Array, source: string): ContentTypes {
  const root = rootOf(bytes, source, "Types", contentTypesNamespace);
  const entries = (name: string, key: string): Map<string, string> =>
    new Map(
      root.children
        .filter((child) => child.name === name)
        .map((child) => [attribute(child, key, source).toLowerCase(), attribute(child, "ContentType", source)]),
    );
  return { defaults: entries("Default", "Extension"), overrides: entries("Override", "PartName") };
}

/** The media type of a part; empty when the container declares none. */
export function contentTypeOf(part: string, types: ContentTypes): string {
  const extension = part.slice(part.lastIndexOf(".") + 1).toLowerCase();
  return types.overrides.get(part.toLowerCase()) ?? types.defaults.get(extension) ?? "";
}

export function writeContentTypes(types: ContentTypes): string {
  return writeXml(
    element("Types", { xmlns: contentTypesNamespace }, [
      ...sorted(types.defaults).map(([Extension, ContentType]) => element("Default", { Extension, ContentType })),
      ...sorted(types.overrides).map(([PartName, ContentType]) => element("Override", { PartName, ContentType })),
    ]),
  );
}

function sorted(map: ReadonlyMap<string, string>): (readonly [string, string])[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

export interface Relationship {
  readonly id: string;
  readonly type: string;
  readonly target: string;
  readonly isExternal: boolean;
}

/** The relationships of a part (`/` for the package itself); none when it has no relationships part. */
export function readRelationships(parts: Parts, part: string, source: string): readonly Relationship[] {
  const bytes = parts.get(relationshipsPartOf(part));
  return bytes === undefined ? [] : relationshipsIn(bytes, source);
}

/** The relationships that a relationships part lists. */
export function relationshipsIn(bytes: Uint8Array, source: string): readonly Relationship[] {
  const root = rootOf(bytes, source, "Relationships", relationshipsNamespace);
  return root.children
    .filter((child) => child.name === "Relationship" && child.namespace === relationshipsNamespace)
    .map((child) => ({
      id: attribute(child, "Id", source),
      type: attribute(child, "Type", source),
      target: attribute(child, "Target", source),
      isExternal: child.attributes.get("TargetMode")?.value === "External",
    }));
}

/** Names of the existing parts that relationships of `type` lead to from `part`. */
export function relatedParts(parts: Parts, part: string, type: string, source: string): string[] {
  return readRelationships(parts, part, source)
    .filter((relationship) => relationship.type === type && !relationship.isExternal)
    .flatMap((relationship) => resolveTarget(part, relationship.target) ?? [])
    .filter((target) => parts.has(target));
}

export function writeRelationships(relationships: readonly Relationship[]): string {
  return writeXml(
    element(
      "Relationships",
      { xmlns: relationshipsNamespace },
      relationships.map(
        ({ id, type, target, isExternal }): XmlOutput =>
          element("Relationship", {
            Id: id,
            Type: type,
            Target: target,
            TargetMode: isExternal ? "External" : undefined,
          }),
      ),
    ),
  );
}

/** The root element of an XML part, which must have this name. */
export function rootOf(bytes: Uint8Array, source: string, name: string, namespace: string): XmlElement {
  const { root } = readXml(bytes, source).document;
  if (root.name === name && root.namespace === namespace) return root;
  throw new PackageError("container-invalid", `${source}: root element ${root.name}, expected ${name}`);
}

function attribute(parent: XmlElement, name: string, source: string): string {
  const value = parent.attributes.get(name)?.value;
  if (value !== undefined) return value;
  throw new PackageError("container-invalid", `${source}: ${parent.name} without attribute ${name}`);
}

/** Throws `container-invalid` unless the name can be the name of a part. */
export function checkedPartName(name: string): string {
  if (isPartName(name)) return name;
  throw new PackageError("container-invalid", `${JSON.stringify(name)} is no name of a part`);
}
