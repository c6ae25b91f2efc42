import { fileURLToPath } from "node:url";
import { loadPackageFolder } from "#fdi/package-folder.ts";
import type { PackageShelf } from "#fleet/package-shelf.ts";
import type { Logger } from "#lib/logger.ts";

/** Packages that come with the host. */
const ownPackages = fileURLToPath(new URL("../../fdi-packages/", import.meta.url));

/** Loads the host's own packages and those of `folders` (later ones win). Throws `package-invalid`. */
export async function fillShelf(shelf: PackageShelf, folders: readonly string[], log: Logger): Promise<void> {
  for (const folder of [ownPackages, ...folders]) {
    for (const loaded of await loadPackageFolder(folder)) {
      for (const warning of loaded.warnings) log.warn(`${loaded.source}: ${warning.message}`);
      shelf.put(loaded.package);
    }
  }
}
