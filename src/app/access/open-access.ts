import { ownPassword, readSecret } from "#app/secrets.ts";
import type { HostConfig } from "#config/host-config.ts";
import type { Access } from "#fleet/access/access.ts";
import { checkPassword, type PasswordRule } from "#fleet/access/password-rule.ts";
import type { UserRecord } from "#fleet/access/ports.ts";
import type { Clock } from "#lib/clock.ts";
import { every } from "#lib/every.ts";
import type { Logger } from "#lib/logger.ts";
import { HostError, messageOf } from "#model/errors.ts";
import type { CertificateFolder } from "./certificate-folder.ts";
import { type FirstAdministrator, firstAdministrator } from "./first-administrator.ts";
import { fixedUserOf } from "./fixed-user.ts";
import { recordLevel } from "./recorded-level.ts";
import type { UserFile } from "./user-file.ts";

export interface OpenAccessParts {
  readonly config: HostConfig;
  readonly access: Access;
  readonly users: UserFile;
  readonly certificates: CertificateFolder;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The administrator of the demo: its password is made for this installation and good on loopback only. */
export interface DemoUser {
  readonly name: string;
  readonly password: string;
  readonly path: string;
}

export interface OpenedAccess extends Disposable {
  readonly demoUser: DemoUser | undefined;
  readonly firstAdministrator: FirstAdministrator | undefined;
}

/** How often files that the command line tool changes are looked at. */
const watchPeriodMs = 2_000;
const prunePeriodMs = 60_000;

/** Loads who may log in, makes the first administrator where there is none, and follows changes from outside. */
export async function openAccess(parts: OpenAccessParts): Promise<OpenedAccess> {
  const { config, access, users, certificates, clock, log } = parts;
  await recordLevel(config.dataFolder, config.security.level);
  const demoUser = config.demo === undefined ? undefined : await demoUserOf(config.dataFolder);
  await access.users.load(await fixedUsersOf(config, demoUser));
  const first = config.demo === undefined ? await firstAdministrator(access, config.dataFolder, log) : undefined;
  const watching = new DisposableStack();
  const complain = (error: unknown): void => log.error(messageOf(error));
  watching.use(users.watch(clock, watchPeriodMs, () => void access.users.reload().catch(complain)));
  watching.use(every(clock, prunePeriodMs, () => void certificates.prune().catch(complain)));
  return { demoUser, firstAdministrator: first, [Symbol.dispose]: () => watching.dispose() };
}

async function demoUserOf(dataFolder: string): Promise<DemoUser> {
  return { name: "admin", ...(await ownPassword(dataFolder, "admin-password")) };
}

async function fixedUsersOf(config: HostConfig, demoUser: DemoUser | undefined): Promise<UserRecord[]> {
  const rule = { minLength: config.security.minPasswordLength };
  const configured = config.opcua.users.map(async ({ name, role, passwordFile }) => {
    const password = await readSecret(passwordFile, `password of user ${name}`);
    demandGood(password, name, { rule, passwordFile });
    return fixedUserOf({ name, role, password });
  });
  const users = await Promise.all(configured);
  if (demoUser === undefined || users.some(({ name }) => name === demoUser.name)) return users;
  return [...users, await fixedUserOf({ ...demoUser, role: "administrator" })];
}

function demandGood(
  password: string,
  name: string,
  { rule, passwordFile }: { readonly rule: PasswordRule; readonly passwordFile: string },
): void {
  try {
    checkPassword(password, name, rule);
  } catch (error) {
    throw new HostError("config-invalid", `opcua.users: ${passwordFile}: ${messageOf(error)}`, { cause: error });
  }
}
