import { parseArgs } from "node:util";
import { argon2Hasher } from "#app/access/argon2-hasher.ts";
import type { AccessCommandIo } from "#app/access/cli-access.ts";
import { placeHelp, placeOf, placeOptions } from "#app/access/cli-place.ts";
import { oneTimePassword } from "#app/access/first-administrator.ts";
import { readSecret } from "#app/secrets.ts";
import { checkPassword, type PasswordRule } from "#fleet/access/password-rule.ts";
import { HostError, messageOf } from "#model/errors.ts";
import { checkDeviceName, DeviceLoginFile } from "./device-logins.ts";

export const mqttHelp = `fdi mqtt: which devices may log in at the embedded broker, each for its own topics only

  npm run fdi -- mqtt list
  npm run fdi -- mqtt add NAME         NAME of the device, or of the Sparkplug edge node
  npm run fdi -- mqtt passwd NAME
  npm run fdi -- mqtt remove NAME

  --password-file FILE  the password is the first line of FILE; without it one is made and shown once
${placeHelp}

A running host follows within seconds and ends the connections of whose login is gone. Exit code: 0 done, 1 not done.
`;

interface Given {
  readonly passwordFile: string | undefined;
  readonly rule: PasswordRule;
}

type Command = (file: DeviceLoginFile, name: string, given: Given) => Promise<string>;

const commands: Readonly<Record<string, Command>> = {
  list: async (file) => {
    const logins = await file.load();
    return logins.length === 0 ? "no devices\n" : `${logins.map(({ name }) => name).join("\n")}\n`;
  },
  add: async (file, name, given) => {
    checkDeviceName(name);
    const { hash, told } = await newPassword(name, given);
    await file.update((logins) => {
      const known = logins.find((login) => login.name.toLowerCase() === name.toLowerCase());
      if (known !== undefined) throw new HostError("user-exists", `there is a device ${known.name} already`);
      return [...logins, { name, password: hash, createdAt: Date.now() }];
    });
    return `device ${name} added${told}\n`;
  },
  passwd: async (file, name, given) => {
    const { hash, told } = await newPassword(name, given);
    await file.update((logins) => {
      demandKnown(logins, name);
      return logins.map((login) => (login.name === name ? { ...login, password: hash } : login));
    });
    return `password of ${name} set${told}\n`;
  },
  remove: async (file, name) => {
    await file.update((logins) => {
      demandKnown(logins, name);
      return logins.filter((login) => login.name !== name);
    });
    return `device ${name} removed\n`;
  },
};

/** The commands `fdi mqtt ...`; returns the exit code. */
export async function runMqttCommand(args: readonly string[], io: AccessCommandIo): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        "password-file": { type: "string" },
        ...placeOptions,
        help: { type: "boolean", short: "h" },
      },
    });
    const [word = "", name = ""] = positionals;
    const command = Object.hasOwn(commands, word) ? commands[word] : undefined;
    if (values.help === true || command === undefined) {
      (values.help === true ? io.out : io.err)(mqttHelp);
      return values.help === true ? 0 : 1;
    }
    const { dataFolder, rule } = await placeOf(values, io.env);
    io.out(await command(new DeviceLoginFile(dataFolder), name, { passwordFile: values["password-file"], rule }));
    return 0;
  } catch (error) {
    io.err(`${messageOf(error)}\n`);
    return 1;
  }
}

function demandKnown(logins: readonly { readonly name: string }[], name: string): void {
  if (logins.some((login) => login.name === name)) return;
  throw new HostError("user-unknown", `there is no device ${JSON.stringify(name.slice(0, 64))}`);
}

async function newPassword(
  name: string,
  { passwordFile: file, rule }: Given,
): Promise<{ readonly hash: string; readonly told: string }> {
  const password = file === undefined ? oneTimePassword() : await readSecret(file, "--password-file");
  if (file !== undefined) checkPassword(password, name, rule);
  const told = file === undefined ? `; password: ${password}  (shown only now)` : "";
  return { hash: await argon2Hasher.hash(password), told };
}
