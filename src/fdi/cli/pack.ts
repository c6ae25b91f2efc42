import { createPrivateKey, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { packContainer } from "#fdi/container/pack-container.ts";
import { type SigningIdentity, signContainer, signDescription } from "#fdi/container/sign-container.ts";
import { readCertificates } from "#fdi/container/trust.ts";
import { formatOf } from "#fdi/open-package.ts";
import { readDevicePackage } from "#fdi/read-package.ts";
import { writeFileAtomically } from "#lib/atomic-file.ts";
import { messageOf } from "#model/errors.ts";
import { type CliArguments, UsageError } from "./cli-arguments.ts";
import { type CliIo, jsonText, printable } from "./cli-io.ts";
import { warningText } from "./inspect.ts";
import { onlyFile, readInput } from "./package-input.ts";

/** `pack FILE.fdi -o FILE.fdix`: a container of a description and its documents, signed when a key is given. */
export async function pack(args: CliArguments, io: CliIo): Promise<number> {
  const file = onlyFile(args);
  const output = args.output ?? file.replace(/\.fdi$/, "") + ".fdix";
  const bytes = await readInput(file);
  const { package: pkg, warnings } = readDevicePackage(bytes, file, { repair: args.repair });
  const folder = path.dirname(file);
  const packed = await packContainer(pkg, bytes, async (href) => readDocument(path.join(folder, href)));
  const identity = await signingIdentityOf(args);
  const container = identity === undefined ? packed : await signContainer(packed, output, identity, io.now());
  await writeFileAtomically(output, container, 0o666);
  if (warnings.length > 0) io.err(`${warningText(warnings)}\n`);
  report(args, io, {
    file: output,
    package: `${pkg.id}@${pkg.revision}`,
    bytes: container.length,
    signed: identity !== undefined,
  });
  return 0;
}

/** `sign FILE -o FILE --key KEY --cert CERTIFICATES`: a container or a bare description with a signature. */
export async function sign(args: CliArguments, io: CliIo): Promise<number> {
  const file = onlyFile(args);
  const output = args.output ?? file;
  const identity = await signingIdentityOf(args);
  if (identity === undefined) throw new UsageError("expected --key and --cert");
  const bytes = await readInput(file);
  const signed =
    formatOf(bytes) === "fdix"
      ? await signContainer(bytes, file, identity, io.now())
      : Buffer.from(signDescription(validDescription(bytes, file), file, identity), "utf8");
  await writeFileAtomically(output, signed, 0o666);
  report(args, io, { file: output, bytes: signed.length, signed: true });
  return 0;
}

/** Only what can be read is signed. */
function validDescription(bytes: Buffer, file: string): Buffer {
  readDevicePackage(bytes, file);
  return bytes;
}

function report(
  args: CliArguments,
  io: CliIo,
  result: { file: string; package?: string; bytes: number; signed: boolean },
): void {
  const { file, package: name, bytes, signed } = result;
  const what = name === undefined ? "" : `${name}, `;
  io.out(
    args.json
      ? jsonText(result)
      : `${printable(`${file}: ${what}${bytes} bytes, ${signed ? "signed" : "not signed"}`)}\n`,
  );
}

async function readDocument(file: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(file);
  } catch {
    return undefined;
  }
}

/** Key and certificates that the arguments name; undefined when they name none. */
async function signingIdentityOf({ key, certificate }: CliArguments): Promise<SigningIdentity | undefined> {
  if (key === undefined && certificate === undefined) return undefined;
  if (key === undefined || certificate === undefined) throw new UsageError("--key and --cert belong together");
  return { privateKey: await readKey(key), certificates: await readCertificates(certificate) };
}

async function readKey(file: string): Promise<KeyObject> {
  try {
    return createPrivateKey(await readFile(file));
  } catch (error) {
    throw new UsageError(`${file} is no private key: ${messageOf(error)}`, { cause: error });
  }
}
