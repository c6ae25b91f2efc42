import { messageOf } from "#model/errors.ts";
import { PackageError } from "#model/package-problem.ts";
import { activate, importPackage, list, retire } from "./catalogue-commands.ts";
import { type CliArguments, readArguments, UsageError } from "./cli-arguments.ts";
import { type CliIo, jsonText, printable } from "./cli-io.ts";
import { diff, schema, upgrade } from "./convert.ts";
import { commandHelp, toolHelp } from "./help.ts";
import { inspect } from "./inspect.ts";
import { pack, sign } from "./pack.ts";
import { verify } from "./verify.ts";

const commands: ReadonlyMap<string, (args: CliArguments, io: CliIo) => Promise<number>> = new Map([
  ["inspect", inspect],
  ["verify", verify],
  ["pack", pack],
  ["sign", sign],
  ["upgrade", upgrade],
  ["diff", diff],
  ["schema", schema],
  ["import", importPackage],
  ["list", list],
  ["activate", activate],
  ["retire", retire],
]);

/** Runs the package tool; gives its exit code: 0 done, 1 the package was refused, 2 it was called wrongly. */
export async function runFdiCli(argv: readonly string[], io: CliIo): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === "help" || name.startsWith("-")) {
    const isAsked = name === "help" || name === "--help" || name === "-h";
    if (isAsked) io.out(toolHelp);
    else io.err(toolHelp);
    return isAsked ? 0 : 2;
  }
  const command = commands.get(name);
  if (command === undefined) {
    io.err(
      `${printable(name)} is no command: expected ${[...commands.keys()].join(", ")}; see npm run fdi -- --help\n`,
    );
    return 2;
  }
  const wantsJson = rest.includes("--json");
  try {
    const args = readArguments(rest);
    if (!args.help) return await command(args, io);
    io.out(commandHelp(name));
    return 0;
  } catch (error) {
    return failed(error, name, wantsJson, io);
  }
}

function failed(error: unknown, name: string, wantsJson: boolean, io: CliIo): number {
  if (error instanceof UsageError) {
    io.err(`${printable(messageOf(error))}\nsee npm run fdi -- ${name} --help\n`);
    return 2;
  }
  if (isSystemError(error)) {
    io.err(`${printable(messageOf(error))}\n`);
    return 2;
  }
  if (!(error instanceof PackageError)) throw error;
  const { problem, location } = error;
  if (wantsJson) io.out(jsonText({ valid: false, problem, message: messageOf(error), location }));
  else io.err(`${problem}: ${printable(messageOf(error))}\n`);
  return 1;
}

/** A file or folder that could not be read or written: the message names it. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}
