import { crc32, deflateRawSync } from "node:zlib";

const localHeaderSize = 30;
const centralHeaderSize = 46;
const endRecordSize = 22;
/** 1980-01-01 00:00, the first date that zip can write: the same parts give the same bytes whenever they are packed. */
const dosDate = 0x0021;
/** UTF-8 names (general purpose bit 11). */
const flags = 0x0800;

interface ZipEntry {
  readonly name: Buffer;
  readonly method: 0 | 8;
  readonly crc: number;
  readonly size: number;
  readonly data: Buffer;
}

/** A zip file with the given names and contents, in order, compressed where that helps. Sizes below 4 GiB. */
export function writeZip(files: Iterable<readonly [name: string, content: Uint8Array]>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of files) {
    const entry = entryOf(name, content);
    const header = localHeader(entry);
    parts.push(header, entry.name, entry.data);
    directory.push(centralHeader(entry, offset), entry.name);
    offset += header.length + entry.name.length + entry.data.length;
  }
  const central = Buffer.concat(directory);
  return Buffer.concat([...parts, central, endRecord(directory.length / 2, central.length, offset)]);
}

function entryOf(name: string, content: Uint8Array): ZipEntry {
  const deflated = deflateRawSync(content, { level: 9 });
  const isSmaller = deflated.length < content.length;
  return {
    name: Buffer.from(name, "utf8"),
    method: isSmaller ? 8 : 0,
    crc: crc32(content),
    size: content.length,
    data: isSmaller ? deflated : Buffer.from(content),
  };
}

function localHeader(entry: ZipEntry): Buffer {
  const header = Buffer.alloc(localHeaderSize);
  header.writeUInt32LE(0x04034b50, 0);
  writeCommon(header, 4, entry);
  return header;
}

function centralHeader(entry: ZipEntry, offset: number): Buffer {
  const header = Buffer.alloc(centralHeaderSize);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(20, 4);
  writeCommon(header, 6, entry);
  header.writeUInt32LE(offset, 42);
  return header;
}

/** The 26 bytes that local and central header share: from "version needed" to "extra field length". */
function writeCommon(header: Buffer, at: number, entry: ZipEntry): void {
  header.writeUInt16LE(20, at);
  header.writeUInt16LE(flags, at + 2);
  header.writeUInt16LE(entry.method, at + 4);
  header.writeUInt16LE(dosDate, at + 8);
  header.writeUInt32LE(entry.crc, at + 10);
  header.writeUInt32LE(entry.data.length, at + 14);
  header.writeUInt32LE(entry.size, at + 18);
  header.writeUInt16LE(entry.name.length, at + 22);
}

function endRecord(entries: number, size: number, offset: number): Buffer {
  const record = Buffer.alloc(endRecordSize);
  record.writeUInt32LE(0x06054b50, 0);
  record.writeUInt16LE(entries, 8);
  record.writeUInt16LE(entries, 10);
  record.writeUInt32LE(size, 12);
  record.writeUInt32LE(offset, 16);
  return record;
}
