import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { readSecret } from "#app/secrets.ts";
import type { UserCertificate } from "#fleet/access/ports.ts";
import type { UserView } from "#fleet/access/user-directory.ts";
import { type PackageRole, packageRoles } from "#model/command-spec.ts";
import { HostError, messageOf } from "#model/errors.ts";
import { factsOf } from "./certificate-folder.ts";
import { type AccessCommandIo, type CliAccess, cliAccess } from "./cli-access.ts";
import { placeHelp, placeOf, placeOptions } from "./cli-place.ts";
import { oneTimePassword } from "./first-administrator.ts";

export const userHelp = `fdi user: who may log in over OPC UA and HTTP

  npm run fdi -- user list
  npm run fdi -- user add NAME --role ROLE       role: ${packageRoles.join(", ")}
  npm run fdi -- user passwd NAME
  npm run fdi -- user role NAME ROLE
  npm run fdi -- user disable NAME | enable NAME | remove NAME
  npm run fdi -- user add-certificate NAME FILE  lets the owner of an X.509 certificate log in without a password
  npm run fdi -- user remove-certificate NAME THUMBPRINT

  --password-file FILE  the new password is the first line of FILE; without it one is made and shown once
  --keep                the password need not be changed at the first login (for programs)
${placeHelp}
  --json                for list

A running host follows within seconds. Exit code: 0 done, 1 not done.
`;

interface Values {
  readonly role?: string | undefined;
  readonly "password-file"?: string | undefined;
  readonly keep?: boolean | undefined;
  readonly json?: boolean | undefined;
}

type Command = (cli: CliAccess, words: readonly string[], values: Values) => Promise<string>;

const commands: Readonly<Record<string, Command>> = {
  list: async ({ access }, _words, { json }) =>
    json === true ? `${JSON.stringify(access.users.all(), undefined, 2)}\n` : listed(access.users.all()),
  add: async ({ access, by }, [name = ""], values) => {
    const { password, told } = await newPassword(values);
    await access.users.add(
      { name, role: roleNamed(values.role), password, mustChangePassword: values.keep !== true },
      by,
    );
    return `user ${name} added${told}\n`;
  },
  passwd: async ({ access, by }, [name = ""], values) => {
    const { password, told } = await newPassword(values);
    // Whoever gives the password in a file chose it already.
    const mustChange = values["password-file"] === undefined && values.keep !== true;
    await access.users.setPassword(name, password, by, mustChange);
    return `password of ${name} set${told}\n`;
  },
  role: async ({ access, by }, [name = "", role]) => {
    await access.users.setRole(name, roleNamed(role), by);
    return `user ${name} has the role ${role}\n`;
  },
  enable: async ({ access, by }, [name = ""]) => {
    await access.users.setEnabled(name, true, by);
    return `user ${name} may log in\n`;
  },
  disable: async ({ access, by }, [name = ""]) => {
    await access.users.setEnabled(name, false, by);
    return `user ${name} may not log in any more\n`;
  },
  remove: async ({ access, by }, [name = ""]) => {
    await access.users.remove(name, by);
    return `user ${name} removed\n`;
  },
  "add-certificate": async ({ access, by }, [name = "", file = ""]) => {
    const certificate = await userCertificateIn(file);
    await access.users.addCertificate(name, certificate, by);
    return `${name} may log in with ${certificate.subject} (${certificate.thumbprint})\n`;
  },
  "remove-certificate": async ({ access, by }, [name = "", thumbprint = ""]) => {
    await access.users.removeCertificate(name, thumbprint.toLowerCase(), by);
    return `certificate of ${name} removed\n`;
  },
};

/** The commands `fdi user ...`; returns the exit code. */
export async function runUserCommand(args: readonly string[], io: AccessCommandIo): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        role: { type: "string" },
        "password-file": { type: "string" },
        keep: { type: "boolean" },
        ...placeOptions,
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
    const [word = "", ...words] = positionals;
    const command = Object.hasOwn(commands, word) ? commands[word] : undefined;
    if (values.help === true || command === undefined) {
      (values.help === true ? io.out : io.err)(userHelp);
      return values.help === true ? 0 : 1;
    }
    io.out(await command(await cliAccess(await placeOf(values, io.env)), words, values));
    return 0;
  } catch (error) {
    io.err(`${messageOf(error)}\n`);
    return 1;
  }
}

function roleNamed(text: string | undefined): PackageRole {
  const role = packageRoles.find((known) => known === text);
  if (role !== undefined) return role;
  throw new HostError("argument-invalid", `role ${text ?? "(none)"}: expected one of ${packageRoles.join(", ")}`);
}

async function newPassword(values: Values): Promise<{ readonly password: string; readonly told: string }> {
  const file = values["password-file"];
  if (file !== undefined) return { password: await readSecret(file, "--password-file"), told: "" };
  const password = oneTimePassword();
  const change = values.keep === true ? "" : ", to be changed at the first login";
  return { password, told: `; password: ${password}  (shown only now${change})` };
}

async function userCertificateIn(file: string): Promise<UserCertificate> {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(await readFile(file));
  } catch (error) {
    throw new HostError("argument-invalid", `${file} is no X.509 certificate (PEM or DER)`, { cause: error });
  }
  const { thumbprint, subject, notAfter } = factsOf(certificate);
  return { thumbprint, subject, notAfter };
}

function listed(users: readonly UserView[]): string {
  if (users.length === 0) return "no users; the host makes an administrator at its first start\n";
  const width = Math.max(...users.map(({ name }) => name.length));
  const lines = users.map((user) => {
    const notes = [
      user.enabled ? "" : "disabled",
      user.mustChangePassword ? "must change the password" : "",
      user.hasPassword ? "" : "no password",
      user.certificates.length > 0 ? `${user.certificates.length} certificate(s)` : "",
    ].filter((note) => note !== "");
    return `${user.name.padEnd(width)}  ${user.role.padEnd(13)}  ${notes.join(", ")}`.trimEnd();
  });
  return `${lines.join("\n")}\n`;
}
