import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import type { ClientCertificate } from "#fleet/access/ports.ts";
import { HostError, messageOf } from "#model/errors.ts";
import { type AccessCommandIo, type CliAccess, cliAccess } from "./cli-access.ts";
import { placeHelp, placeOf, placeOptions } from "./cli-place.ts";

export const certificatesHelp = `fdi certificates: which OPC UA client programs may connect

  npm run fdi -- certificates list               trusted ones, and those that tried and were refused
  npm run fdi -- certificates trust THUMBPRINT   its first 8 digits are enough
  npm run fdi -- certificates reject THUMBPRINT
  npm run fdi -- certificates remove THUMBPRINT
  npm run fdi -- certificates add FILE           trusts a certificate that is there as a file (PEM or DER)

${placeHelp}
  --json                for list

A running host follows at the next connection. Exit code: 0 done, 1 not done.
`;

type Command = (cli: CliAccess, word: string, json: boolean) => Promise<string>;

const commands: Readonly<Record<string, Command>> = {
  list: async ({ access, by }, _word, json) => {
    const all = await access.trustList.list(by);
    return json ? `${JSON.stringify(all, undefined, 2)}\n` : listed(all);
  },
  trust: async ({ access, by }, word) => told("trusted", await access.trustList.trust(word, by)),
  reject: async ({ access, by }, word) => told("rejected", await access.trustList.reject(word, by)),
  remove: async ({ access, by }, word) => {
    await access.trustList.remove(word, by);
    return "removed\n";
  },
  add: async ({ access, by }, word) => told("trusted", await access.trustList.add(await fileAt(word), by)),
};

/** The commands `fdi certificates ...`; returns the exit code. */
export async function runCertificatesCommand(args: readonly string[], io: AccessCommandIo): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { ...placeOptions, json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
    });
    const [name = "", word = ""] = positionals;
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (values.help === true || command === undefined) {
      (values.help === true ? io.out : io.err)(certificatesHelp);
      return values.help === true ? 0 : 1;
    }
    io.out(await command(await cliAccess(await placeOf(values, io.env)), word, values.json === true));
    return 0;
  } catch (error) {
    io.err(`${messageOf(error)}\n`);
    return 1;
  }
}

async function fileAt(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new HostError("argument-invalid", `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function told(state: ClientCertificate["state"], { subject, thumbprint }: ClientCertificate): string {
  return `${state}: ${printable(subject)}\n  ${thumbprint}\n`;
}

function listed(all: readonly ClientCertificate[]): string {
  if (all.length === 0) return "no certificates yet: let the client try to connect once, then list again\n";
  const lines = all.map(({ state, thumbprint, subject, applicationUri, notAfter }) => {
    const until = new Date(notAfter).toISOString().slice(0, 10);
    return `${state.padEnd(8)}  ${thumbprint.slice(0, 16)}  until ${until}  ${printable(subject)}  ${printable(applicationUri)}`;
  });
  return `${lines.join("\n")}\n`;
}

/** Anybody may write what he likes into a certificate: it must not be able to repaint a terminal. */
function printable(text: string): string {
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, "?").slice(0, 200);
}
