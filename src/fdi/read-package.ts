import { type LegacyDialect, legacyDialectOf, readLegacyPackage } from "#fdi/legacy/read-legacy-package.ts";
import { dialectV2Namespace, readDevicePackageV2 } from "#fdi/v2/read-device-package.ts";
import { ElementReader, type ReadContext } from "#fdi/xml/element-reader.ts";
import { readXml, type XmlOptions } from "#fdi/xml/read-xml.ts";
import type { XmlElement } from "#fdi/xml/xml-document.ts";
import type { DevicePackage } from "#model/device-package.ts";
import { PackageError, type PackageWarning } from "#model/package-problem.ts";

export type Dialect = "v2" | LegacyDialect;

export interface ReadPackage {
  readonly package: DevicePackage;
  readonly dialect: Dialect;
  /** What was assumed, not kept or not understood; in the order of the file. */
  readonly warnings: readonly PackageWarning[];
}

/**
 * Reads a device description of any dialect; `source` names it in messages. Throws PackageError (`package-invalid`) with
 * file, line, column, element, value and what was expected.
 */
export function readDevicePackage(bytes: Uint8Array, source: string, options: XmlOptions = {}): ReadPackage {
  const { document, warnings } = readXml(bytes, source, options);
  const context: ReadContext = { document, warnings: [...warnings], foreign: [] };
  const { root } = document;
  const dialect = dialectOf(root);
  if (dialect === undefined) {
    throw new PackageError(
      "unknown-dialect",
      `root element ${root.name} in namespace "${root.namespace}": expected DevicePackage in ${dialectV2Namespace}`,
      document.locationOf(root),
    );
  }
  const reader = new ElementReader(root, context);
  const read = dialect === "v2" ? readDevicePackageV2(reader) : readLegacyPackage(reader);
  return { package: read, dialect, warnings: context.warnings.toSorted(byPlace) };
}

function byPlace(a: PackageWarning, b: PackageWarning): number {
  return a.location.line - b.location.line || a.location.column - b.location.column;
}

function dialectOf(root: XmlElement): Dialect | undefined {
  if (root.name === "DevicePackage" && root.namespace === dialectV2Namespace) return "v2";
  return legacyDialectOf(root);
}
