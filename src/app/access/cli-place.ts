import { resolve } from "node:path";
import { loadConfig } from "#config/load-config.ts";
import { securityRules } from "#config/security-level.ts";
import type { PasswordRule } from "#fleet/access/password-rule.ts";
import { recordedLevel } from "./recorded-level.ts";

/** Which installation a command of the tool is about. */
export interface CliPlace {
  readonly dataFolder: string;
  /** What a new password must be there. */
  readonly rule: PasswordRule;
}

/** The options by which a command names an installation. */
export const placeOptions = { data: { type: "string" }, config: { type: "string" } } as const;

export const placeHelp = `  --data FOLDER         the data folder (default: FDI_HOST_DATA, else ./data)
  --config FILE         the configuration of the host: its data folder and its security.level`;

/** The installation that is meant: as strict as the configuration says, else as its host was when it started last. */
export async function placeOf(
  { data, config }: { readonly data?: string | undefined; readonly config?: string | undefined },
  given: Readonly<Record<string, string | undefined>>,
): Promise<CliPlace> {
  const env = data === undefined ? given : { ...given, FDI_HOST_DATA: data };
  if (config !== undefined) {
    const { dataFolder, security } = await loadConfig({
      file: config,
      demo: undefined,
      env,
      workingFolder: process.cwd(),
    });
    return { dataFolder, rule: { minLength: security.minPasswordLength } };
  }
  const dataFolder = resolve(env["FDI_HOST_DATA"] ?? "data");
  const { minPasswordLength } = securityRules(await recordedLevel(dataFolder));
  return { dataFolder, rule: { minLength: minPasswordLength } };
}
