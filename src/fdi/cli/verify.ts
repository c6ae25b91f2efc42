import { signatureText } from "#fdi/container/signature-policy.ts";
import { messageOf } from "#model/errors.ts";
import { PackageError } from "#model/package-problem.ts";
import { type CliArguments, UsageError } from "./cli-arguments.ts";
import { type CliIo, jsonText, printable } from "./cli-io.ts";
import { warningText } from "./inspect.ts";
import { openInput } from "./package-input.ts";

/** `verify FILE ...`: whether each package is valid and trusted; ends with 1 when one is not. */
export async function verify(args: CliArguments, io: CliIo): Promise<number> {
  if (args.files.length === 0) throw new UsageError("expected one file or more");
  const results = [];
  for (const file of args.files) results.push(await verifyOne(file, args, io));
  if (args.json) io.out(jsonText(results));
  else for (const { text } of results) io.out(`${text}\n`);
  return results.every(({ valid }) => valid) ? 0 : 1;
}

interface Verdict {
  readonly file: string;
  readonly valid: boolean;
  readonly problem: string;
  readonly message: string;
  readonly warnings: number;
  readonly text: string;
}

async function verifyOne(file: string, args: CliArguments, io: CliIo): Promise<Verdict> {
  try {
    const opened = await openInput(file, args, io, "require");
    const warnings = opened.read?.warnings ?? [];
    const message = signatureText(opened.signature);
    const name =
      opened.read === undefined ? "EDD not interpreted" : `${opened.read.package.id} ${opened.read.package.revision}`;
    const text = [`ok       ${printable(`${file}: ${name}, ${message}`)}`, warningText(warnings)].filter(
      (part) => part !== "",
    );
    return { file, valid: true, problem: "", message, warnings: warnings.length, text: text.join("\n") };
  } catch (error) {
    if (!(error instanceof PackageError)) throw error;
    const { problem } = error;
    const text = `refused  ${printable(`${file}: ${problem}: ${messageOf(error)}`)}`;
    return { file, valid: false, problem, message: messageOf(error), warnings: 0, text };
  }
}
