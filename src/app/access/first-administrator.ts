import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Access } from "#fleet/access/access.ts";
import { writeFileAtomically } from "#lib/atomic-file.ts";
import type { Logger } from "#lib/logger.ts";
import type { Principal } from "#model/command.ts";
import { messageOf } from "#model/errors.ts";

/** An administrator that the host made, whose password must be changed at the first login. */
export interface FirstAdministrator {
  readonly name: string;
  /** Known at the start that made it only. */
  readonly password: string | undefined;
  /** Where the password waits until it is changed; then the file is deleted. */
  readonly path: string;
}

const name = "admin";
const host: Principal = { user: "host", roles: ["administrator"], origin: "first start" };

/**
 * Makes the administrator `admin` with a one-time password when nobody could manage users otherwise; gives it as long as
 * its password was not changed.
 */
export async function firstAdministrator(
  access: Access,
  dataFolder: string,
  log: Logger,
): Promise<FirstAdministrator | undefined> {
  const path = join(dataFolder, "secrets", "admin-one-time-password");
  const isWaiting = (): boolean => access.users.find(name)?.mustChangePassword === true;
  let password: string | undefined;
  if (!access.users.hasAdministrator) {
    password = oneTimePassword();
    await access.users.add({ name, role: "administrator", password }, host);
    await writeFileAtomically(path, `${password}\n`);
  }
  if (!isWaiting()) return undefined;
  access.users.onChange(() => {
    if (!isWaiting()) rm(path, { force: true }).catch((error: unknown) => log.warn(`${path}: ${messageOf(error)}`));
  });
  return { name, password, path };
}

/** 108 random bits that can be typed. */
export function oneTimePassword(): string {
  return randomBytes(14).toString("base64url").slice(0, 18).replaceAll(/[-_]/g, "x");
}
