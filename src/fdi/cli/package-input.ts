import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { zipLimits } from "#fdi/container/read-zip.ts";
import type { SignaturePolicy } from "#fdi/container/signature-policy.ts";
import { loadTrustList, type TrustList } from "#fdi/container/trust.ts";
import { type OpenedPackage, openPackage } from "#fdi/open-package.ts";
import { type ReadPackage } from "#fdi/read-package.ts";
import { messageOf } from "#model/errors.ts";
import { PackageError } from "#model/package-problem.ts";
import { type CliArguments, UsageError } from "./cli-arguments.ts";
import type { CliIo } from "./cli-io.ts";

/** The only file that was named; throws UsageError otherwise. */
export function onlyFile({ files }: CliArguments): string {
  const [file, second] = files;
  if (file === undefined || second !== undefined) throw new UsageError("expected one file");
  return file;
}

/** The bytes of a file; throws UsageError when it cannot be read, PackageError `too-large` before reading too much. */
export async function readInput(file: string): Promise<Buffer> {
  try {
    const { size } = await stat(file);
    if (size > zipLimits.bytes)
      throw new PackageError("too-large", `${file}: ${size} bytes, expected at most ${zipLimits.bytes}`);
    return await readFile(file);
  } catch (error) {
    if (error instanceof PackageError) throw error;
    throw new UsageError(`${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/** Opens a package file as the arguments say; `usual` is the policy when they say nothing. */
export async function openInput(
  file: string,
  args: CliArguments,
  io: CliIo,
  usual: SignaturePolicy,
): Promise<OpenedPackage> {
  const bytes = await readInput(file);
  const trust = await trustListOf(args, io);
  return openPackage(bytes, file, { policy: args.policy ?? usual, trust, now: io.now() }, { repair: args.repair });
}

/** The trust list: `--trust`, else the folder `trust` of the data folder. */
export async function trustListOf(args: CliArguments, io: CliIo): Promise<TrustList> {
  return loadTrustList(args.trust ?? path.join(dataFolderOf(args, io), "trust"));
}

export function dataFolderOf(args: CliArguments, io: CliIo): string {
  return args.data ?? io.env["FDI_HOST_DATA"] ?? "data";
}

/** The description in a package; throws PackageError for a container whose EDD is not interpreted. */
export function descriptionOf(opened: OpenedPackage, file: string): ReadPackage {
  if (opened.read !== undefined) return opened.read;
  throw new PackageError(
    "unknown-dialect",
    `${file}: it holds no description that can be read (EDD is not interpreted)`,
  );
}
