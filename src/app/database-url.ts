import type { HostConfig } from "#config/host-config.ts";
import { readSecret } from "./secrets.ts";

/** The database to use; undefined: the embedded store. */
export async function databaseUrlOf(config: HostConfig): Promise<string | undefined> {
  const { databaseUrl, databaseUrlFile } = config;
  if (databaseUrl !== undefined || databaseUrlFile === undefined) return databaseUrl;
  return readSecret(databaseUrlFile, "database.urlFile");
}
