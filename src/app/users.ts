import type { HostConfig } from "#config/host-config.ts";
import type { PackageRole } from "#model/command-spec.ts";
import { ownPassword, readSecret } from "./secrets.ts";

/** A user whose password stands in a file of its own. */
export interface User {
  readonly name: string;
  readonly role: PackageRole;
  readonly password: string;
}

export interface OwnUser extends User {
  /** Where the generated password is kept. */
  readonly passwordPath: string;
}

/** The users of the configuration; without any, one whose password was generated for this installation. */
export async function usersOf(
  config: HostConfig,
): Promise<{ readonly users: readonly User[]; readonly own: OwnUser | undefined }> {
  const users = await Promise.all(
    config.opcua.users.map(async ({ name, role, passwordFile }) => ({
      name,
      role,
      password: await readSecret(passwordFile, `password of OPC UA user ${name}`),
    })),
  );
  if (users.length > 0) return { users, own: undefined };
  const { password, path } = await ownPassword(config.dataFolder, "admin-password");
  const own: OwnUser = { name: "admin", role: "administrator", password, passwordPath: path };
  return { users: [own], own };
}
