import path from "node:path";
import { Catalogue } from "#fdi/catalogue/catalogue.ts";
import type { CatalogueEntry } from "#fdi/catalogue/catalogue-entry.ts";
import { systemClock } from "#lib/clock.ts";
import type { CliArguments } from "./cli-arguments.ts";
import { type CliIo, jsonText, printable, table } from "./cli-io.ts";
import { warningText } from "./inspect.ts";
import { dataFolderOf, onlyFile, readInput, trustListOf } from "./package-input.ts";

/** Where the catalogue lies in a data folder. */
export const catalogueFolder = "catalogue";

async function openCatalogue(args: CliArguments, io: CliIo): Promise<Catalogue> {
  return Catalogue.open({
    folder: path.join(dataFolderOf(args, io), catalogueFolder),
    clock: { ...systemClock, now: () => io.now() },
    rules: async () => ({ policy: args.policy ?? "require", trust: await trustListOf(args, io) }),
    // Which devices use a package is known to a running host only, so this tool deletes nothing.
    usedBy: () => [],
  });
}

/** `list`: the revisions in the catalogue. */
export async function list(args: CliArguments, io: CliIo): Promise<number> {
  const entries = (await openCatalogue(args, io)).list();
  if (args.json) io.out(jsonText(entries));
  else io.out(entries.length === 0 ? "the catalogue is empty\n" : `${entryTable(entries)}\n`);
  return 0;
}

function entryTable(entries: readonly CatalogueEntry[]): string {
  const rows = entries.map(({ key, state, manufacturer, model, signature, signer, importedAt }) => [
    key,
    state,
    `${manufacturer} ${model}`.trim(),
    signer || signature,
    new Date(importedAt).toISOString(),
  ]);
  return table([["package", "state", "device", "signature", "imported"], ...rows]);
}

/** `import FILE`: takes a package into the catalogue. */
export async function importPackage(args: CliArguments, io: CliIo): Promise<number> {
  const file = onlyFile(args);
  const bytes = await readInput(file);
  const catalogue = await openCatalogue(args, io);
  const result = await catalogue.import(bytes, file, io.env["USER"] ?? "", { repair: args.repair });
  if (result.warnings.length > 0 && !args.json) io.err(`${warningText(result.warnings)}\n`);
  const what = result.isNew ? "imported" : "was there already";
  io.out(args.json ? jsonText(result) : `${printable(`${result.entry.key} ${what}, ${result.entry.state}`)}\n`);
  return 0;
}

/** `activate KEY`: the revision that new devices get. */
export async function activate(args: CliArguments, io: CliIo): Promise<number> {
  const entry = await (await openCatalogue(args, io)).activate(onlyFile(args));
  io.out(args.json ? jsonText(entry) : `${printable(entry.key)} is active\n`);
  return 0;
}

/** `retire KEY`: takes a revision out of use. */
export async function retire(args: CliArguments, io: CliIo): Promise<number> {
  const entry = await (await openCatalogue(args, io)).retire(onlyFile(args));
  io.out(args.json ? jsonText(entry) : `${printable(entry.key)} is retired\n`);
  return 0;
}
