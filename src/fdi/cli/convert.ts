import { diffPackages, type PackageDifference } from "#fdi/diff-packages.ts";
import { telemetrySchema } from "#fdi/json-schema.ts";
import { schemaViolations } from "#fdi/schema-violations.ts";
import { writeDevicePackage } from "#fdi/v2/write-device-package.ts";
import { writeFileAtomically } from "#lib/atomic-file.ts";
import { messageOf } from "#model/errors.ts";
import { type CliArguments, UsageError } from "./cli-arguments.ts";
import { type CliIo, jsonText, printable, table } from "./cli-io.ts";
import { warningText } from "./inspect.ts";
import { descriptionOf, onlyFile, openInput, readInput } from "./package-input.ts";

/** `upgrade FILE [-o FILE]`: an old dialect as dialect v2, with every decision that the file left open. */
export async function upgrade(args: CliArguments, io: CliIo): Promise<number> {
  const file = onlyFile(args);
  const { package: pkg, dialect, warnings } = descriptionOf(await openInput(file, args, io, "off"), file);
  const text = writeDevicePackage(pkg);
  if (args.output !== undefined) await writeFileAtomically(args.output, Buffer.from(text, "utf8"), 0o666);
  if (args.json) {
    io.out(
      jsonText({
        file,
        dialect,
        output: args.output,
        decisions: warnings,
        ...(args.output === undefined ? { text } : {}),
      }),
    );
    return 0;
  }
  const decisions =
    warnings.length === 0
      ? "Nothing had to be decided"
      : warningText(warnings).replace("Warnings", "Decisions to check");
  io.err(`${printable(file)}: dialect ${dialect}\n${decisions}\n`);
  io.out(args.output === undefined ? text : `${printable(args.output)} written\n`);
  return 0;
}

/** `diff OLD NEW`: what changed between two packages; with --fail-on-breaking it ends with 1 when something may break. */
export async function diff(args: CliArguments, io: CliIo): Promise<number> {
  const [before, after, more] = args.files;
  if (before === undefined || after === undefined || more !== undefined) throw new UsageError("expected two files");
  const differences = diffPackages(
    descriptionOf(await openInput(before, args, io, "warn"), before).package,
    descriptionOf(await openInput(after, args, io, "warn"), after).package,
  );
  const breaking = differences.filter((difference) => difference.breaking).length;
  io.out(
    args.json ? jsonText({ before, after, breaking: breaking > 0, differences }) : diffText(differences, breaking),
  );
  return args.failOnBreaking && breaking > 0 ? 1 : 0;
}

function diffText(differences: readonly PackageDifference[], breaking: number): string {
  if (differences.length === 0) return "no differences\n";
  const rows = differences.map(({ kind, section, name, field, before, after, breaking: breaks }) => [
    breaks ? "BREAKING" : "",
    kind,
    `${section} ${name}`.trim(),
    field,
    field === "" ? "" : `${shortened(before)} -> ${shortened(after)}`,
  ]);
  return `${table([["", "", "", "", ""], ...rows]).trimStart()}\n${differences.length} differences, ${breaking} breaking\n`;
}

function shortened(text: string): string {
  if (text === "") return "(none)";
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** `schema FILE [--document FILE]`: the JSON Schema of a telemetry document, or whether a document keeps it. */
export async function schema(args: CliArguments, io: CliIo): Promise<number> {
  const file = onlyFile(args);
  const made = telemetrySchema(descriptionOf(await openInput(file, args, io, "warn"), file).package);
  if (args.document === undefined) {
    io.out(jsonText(made));
    return 0;
  }
  const violations = schemaViolations(made, await readJson(args.document));
  if (args.json) io.out(jsonText({ document: args.document, valid: violations.length === 0, violations }));
  else
    io.out(
      violations.length === 0 ? `${printable(args.document)}: valid\n` : `${violations.map(printable).join("\n")}\n`,
    );
  return violations.length === 0 ? 0 : 1;
}

async function readJson(file: string): Promise<unknown> {
  const text = (await readInput(file)).toString("utf8");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file} is no JSON: ${messageOf(error)}`, { cause: error });
  }
}
