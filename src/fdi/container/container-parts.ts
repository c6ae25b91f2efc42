import { PackageError } from "#model/package-problem.ts";
import type { Parts } from "./opc-parts.ts";
import { contentTypesName } from "./part-name.ts";
import { readZip } from "./read-zip.ts";
import { writeZip } from "./write-zip.ts";

/** The parts of a container by name; `[Content_Types].xml` must be among them. Throws as `readZip` and `container-invalid`. */
export async function readContainerParts(bytes: Uint8Array, source: string): Promise<Map<string, Buffer>> {
  const files = await readZip(bytes, source);
  const parts = new Map([...files].map(([name, content]): [string, Buffer] => [`/${name}`, content]));
  if (parts.has(contentTypesName)) return parts;
  throw new PackageError("container-invalid", `${source}: no [Content_Types].xml: not a package container`);
}

/** The container with these parts: content types first, then by name, so that the same parts give the same bytes. */
export function writeContainer(parts: Parts): Buffer {
  const names = [...parts.keys()].filter((name) => name !== contentTypesName).sort();
  return writeZip([contentTypesName, ...names].map((name) => [name.slice(1), parts.get(name) ?? new Uint8Array()]));
}
