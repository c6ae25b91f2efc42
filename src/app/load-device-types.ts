import { readFile } from "node:fs/promises";
import type { PackageShelf } from "#fleet/package-shelf.ts";
import type { Logger } from "#lib/logger.ts";
import { HostError, messageOf } from "#model/errors.ts";
import type { DetectionRule } from "#transport/mqtt-json/detect-type.ts";
import { readDeviceRegistry } from "#transport/mqtt-json/device-registry.ts";

/**
 * Puts the device types of a registry file on the shelf, before any package so that a package for the same type wins;
 * returns how types are detected that devices do not declare. Throws `config-invalid`.
 */
export async function loadDeviceTypes(
  file: string,
  shelf: PackageShelf,
  log: Logger,
): Promise<readonly DetectionRule[]> {
  const { packages, detectionRules, warnings } = readDeviceRegistry(await readBytes(file), file);
  for (const warning of warnings) log.warn(warning);
  for (const pkg of packages) shelf.put(pkg);
  return detectionRules;
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new HostError("config-invalid", `json.deviceRegistry: ${file} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
