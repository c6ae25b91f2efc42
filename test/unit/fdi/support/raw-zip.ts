import { crc32, deflateRawSync } from "node:zlib";

/** One entry of a zip that may lie in every field. */
export interface RawEntry {
  readonly name: string;
  readonly localName?: string;
  readonly content?: Buffer;
  readonly method?: 0 | 8;
  readonly declaredSize?: number;
  readonly crc?: number;
  readonly flags?: number;
  /** Unix mode, e.g. 0o120777 for a symbolic link. */
  readonly mode?: number;
}

/** A zip written field by field: what a writer of good zips refuses to write. */
export function rawZip(entries: readonly RawEntry[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const content = entry.content ?? Buffer.from("x");
    const method = entry.method ?? 0;
    const data = method === 8 ? deflateRawSync(content) : content;
    const fields = {
      ...entry,
      method,
      data,
      size: entry.declaredSize ?? content.length,
      crc: entry.crc ?? crc32(content),
    };
    const local = header(0x04034b50, 30, 4, { ...fields, name: entry.localName ?? entry.name });
    const central = header(0x02014b50, 46, 6, fields);
    central.writeUInt16LE(0x031e, 4);
    central.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 38);
    central.writeUInt32LE(offset, 42);
    locals.push(local, data);
    centrals.push(central);
    offset += local.length + data.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

interface Fields {
  readonly name: string;
  readonly method: number;
  readonly data: Buffer;
  readonly size: number;
  readonly crc: number;
  readonly flags?: number;
}

function header(signature: number, length: number, at: number, fields: Fields): Buffer {
  const name = Buffer.from(fields.name);
  const bytes = Buffer.alloc(length);
  bytes.writeUInt32LE(signature, 0);
  bytes.writeUInt16LE(20, at);
  bytes.writeUInt16LE(fields.flags ?? 0x0800, at + 2);
  bytes.writeUInt16LE(fields.method, at + 4);
  bytes.writeUInt16LE(0x0021, at + 8);
  bytes.writeUInt32LE(fields.crc, at + 10);
  bytes.writeUInt32LE(fields.data.length, at + 14);
  bytes.writeUInt32LE(fields.size, at + 18);
  bytes.writeUInt16LE(name.length, at + 22);
  return Buffer.concat([bytes, name]);
}
