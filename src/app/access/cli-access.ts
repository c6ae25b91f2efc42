import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import { join } from "node:path";
import { Access } from "#fleet/access/access.ts";
import { Audit } from "#fleet/audit.ts";
import { WarningBoard } from "#fleet/warning-board.ts";
import { systemClock } from "#lib/clock.ts";
import { createTextLogger } from "#lib/logger.ts";
import type { Principal } from "#model/command.ts";
import { argon2Hasher } from "./argon2-hasher.ts";
import { CertificateFolder } from "./certificate-folder.ts";
import type { CliPlace } from "./cli-place.ts";
import { randomTokens } from "./random-tokens.ts";
import { UserFile } from "./user-file.ts";

/** What a command of the tool needs from outside; tests give their own. */
export interface AccessCommandIo {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface CliAccess {
  readonly access: Access;
  readonly by: Principal;
  /** Of the server's PKI. */
  readonly pkiFolder: string;
}

/**
 * Access to a data folder for the command line tool: who can write the folder is its administrator. A running host follows
 * what is changed.
 */
export async function cliAccess({ dataFolder, rule }: CliPlace): Promise<CliAccess> {
  const clock = systemClock;
  const logger = createTextLogger("error", process.stderr);
  const pkiFolder = join(dataFolder, "pki", "server");
  const access = new Access({
    store: new UserFile(dataFolder),
    certificates: new CertificateFolder(pkiFolder),
    hasher: argon2Hasher,
    tokens: randomTokens,
    rule,
    limits: { idleMs: 0, lifeMs: 0, perUser: 0 },
    clock,
    newId: randomUUID,
    // The chain of the audit has one writer, the host.
    audit: new Audit({ log: { record: async () => {} }, warnings: new WarningBoard(), clock, logger }),
  });
  await access.users.load([]);
  return { access, by: { user: userInfo().username, roles: ["administrator"], origin: "command line" }, pkiFolder };
}
