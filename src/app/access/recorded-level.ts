import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type SecurityLevel, securityLevels } from "#config/security-level.ts";
import { writeFileAtomically } from "#lib/atomic-file.ts";
import { HostError, messageOf } from "#model/errors.ts";

const fileName = "security-level";

/** Notes in the data folder how strict its host is, for tools that are told the folder only. */
export async function recordLevel(dataFolder: string, level: SecurityLevel): Promise<void> {
  await writeFileAtomically(join(dataFolder, fileName), `${level}\n`);
}

/** The level that the host of a data folder started with last; `standard` before its first start. Throws `config-invalid`. */
export async function recordedLevel(dataFolder: string): Promise<SecurityLevel> {
  const path = join(dataFolder, fileName);
  let text: string;
  try {
    text = (await readFile(path, "utf8")).trim();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "standard";
    throw new HostError("config-invalid", `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  const level = securityLevels.find((known) => known === text);
  if (level !== undefined) return level;
  throw new HostError("config-invalid", `${path} is damaged: expected one of ${securityLevels.join(", ")}`);
}
