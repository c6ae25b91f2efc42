import { buffer as collect } from "node:stream/consumers";
import { crc32 } from "node:zlib";
import { type Entry, fromBufferPromise, type ZipFile } from "yauzl";
import { messageOf } from "#model/errors.ts";
import { PackageError, type PackageProblem } from "#model/package-problem.ts";
import { isPartName } from "./part-name.ts";

/** What a container may have at most; beyond any of these it is refused before a byte is unpacked. */
export const zipLimits = {
  bytes: 16 * 1024 * 1024,
  entries: 1000,
  entryBytes: 16 * 1024 * 1024,
  totalBytes: 24 * 1024 * 1024,
} as const;

/**
 * The files of a zip by name, unpacked in memory. All names, sizes and kinds are checked in the directory first. Throws
 * PackageError with `too-large` or a `zip-` code.
 */
export async function readZip(bytes: Uint8Array, source: string): Promise<ReadonlyMap<string, Buffer>> {
  if (bytes.length > zipLimits.bytes) {
    refuse("too-large", source, `${bytes.length} bytes, expected at most ${zipLimits.bytes}`);
  }
  try {
    const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const zip = await fromBufferPromise(data, { lazyEntries: true, strictFileNames: true, validateEntrySizes: true });
    const entries = await directoryOf(zip, source);
    const files = new Map<string, Buffer>();
    for (const entry of entries) files.set(entry.fileName, await contentOf(zip, entry, source));
    return files;
  } catch (error) {
    if (error instanceof PackageError) throw error;
    return refuse(problemOf(messageOf(error)), source, messageOf(error), error);
  }
}

async function directoryOf(zip: ZipFile, source: string): Promise<Entry[]> {
  if (zip.entryCount > zipLimits.entries) {
    refuse("zip-too-many-entries", source, `${zip.entryCount} entries, expected at most ${zipLimits.entries}`);
  }
  const entries: Entry[] = [];
  const names = new Set<string>();
  let total = 0;
  for await (const entry of zip.eachEntry()) {
    checkEntry(entry, source);
    // Part names are equal without regard to case (ISO/IEC 29500-2, 6.3.5).
    const key = entry.fileName.toLowerCase();
    if (names.has(key)) refuse("zip-duplicate", source, `two entries are called ${entry.fileName}`);
    names.add(key);
    total += entry.uncompressedSize;
    if (total > zipLimits.totalBytes) {
      refuse("zip-size", source, `more than ${zipLimits.totalBytes} bytes unpacked`);
    }
    if (!entry.fileName.endsWith("/")) entries.push(entry);
  }
  return entries;
}

function checkEntry(entry: Entry, source: string): void {
  const { fileName, uncompressedSize, externalFileAttributes } = entry;
  if (entry.isEncrypted()) refuse("zip-encrypted", source, `${fileName} is encrypted`);
  if (!isPartName(`/${fileName.replace(/\/$/, "")}`))
    refuse("zip-path", source, `${JSON.stringify(fileName)} is no part name`);
  const unixType = (externalFileAttributes >>> 16) & 0o170000;
  if (unixType !== 0 && unixType !== 0o100000 && unixType !== 0o040000) {
    refuse("zip-symlink", source, `${fileName} is neither a file nor a folder`);
  }
  if (uncompressedSize > zipLimits.entryBytes) {
    refuse("zip-size", source, `${fileName}: ${uncompressedSize} bytes, expected at most ${zipLimits.entryBytes}`);
  }
}

async function contentOf(zip: ZipFile, entry: Entry, source: string): Promise<Buffer> {
  const local = await zip.readLocalFileHeaderPromise(entry);
  // Readers that trust the local header would see another file than we do.
  if (local.fileName.toString("utf8") !== entry.fileName) {
    refuse("zip-broken", source, `${entry.fileName} is called otherwise in its local header`);
  }
  const content = await collect(await zip.openReadStreamPromise(entry));
  if (crc32(content) !== entry.crc32) refuse("zip-broken", source, `${entry.fileName}: wrong checksum`);
  return content;
}

/** yauzl gives texts only; the ones that tell more than "broken" are told apart here. */
function problemOf(message: string): PackageProblem {
  if (/absolute path|invalid relative path|invalid characters in fileName/i.test(message)) return "zip-path";
  if (/too many bytes|not enough bytes|size/i.test(message)) return "zip-size";
  return "zip-broken";
}

function refuse(problem: PackageProblem, source: string, message: string, cause?: unknown): never {
  throw new PackageError(problem, `${source}: ${message}`, undefined, { cause });
}
