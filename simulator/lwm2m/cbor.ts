/** What the OMA binding and SenML need of CBOR (RFC 8949): integers, doubles, texts, bytes, booleans, arrays, maps. */
export type CborValue = number | string | boolean | null | Uint8Array | readonly CborValue[] | CborMap;

export type CborMap = ReadonlyMap<number | string, CborValue>;

export function isCborMap(value: CborValue | undefined): value is CborMap {
  return value instanceof Map;
}

export function isCborArray(value: CborValue | undefined): value is readonly CborValue[] {
  return Array.isArray(value);
}

/** Encodes with definite lengths; numbers as the shortest integer, otherwise as a double. */
export function encodeCbor(value: CborValue): Buffer {
  const parts: Uint8Array[] = [];
  append(value, parts);
  return Buffer.concat(parts);
}

function append(value: CborValue, parts: Uint8Array[]): void {
  if (typeof value === "number") parts.push(numberBytes(value));
  else if (typeof value === "string") parts.push(head(3, Buffer.byteLength(value)), Buffer.from(value));
  else if (typeof value === "boolean") parts.push(Uint8Array.of(value ? 0xf5 : 0xf4));
  else if (value === null) parts.push(Uint8Array.of(0xf6));
  else if (value instanceof Uint8Array) parts.push(head(2, value.length), value);
  else if (isCborMap(value)) {
    parts.push(head(5, value.size));
    for (const [key, member] of value) {
      append(key, parts);
      append(member, parts);
    }
  } else if (isCborArray(value)) {
    parts.push(head(4, value.length));
    for (const item of value) append(item, parts);
  }
}

function numberBytes(value: number): Uint8Array {
  if (Number.isSafeInteger(value)) return value >= 0 ? head(0, value) : head(1, -1 - value);
  const bytes = Buffer.alloc(9);
  bytes[0] = 0xfb;
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

function head(major: number, argument: number): Uint8Array {
  const type = major << 5;
  if (argument < 24) return Uint8Array.of(type | argument);
  if (argument < 0x100) return Uint8Array.of(type | 24, argument);
  const bytes = Buffer.alloc(argument < 0x10000 ? 3 : argument < 0x100000000 ? 5 : 9);
  if (bytes.length === 3) bytes.writeUInt16BE(argument, 1);
  else if (bytes.length === 5) bytes.writeUInt32BE(argument, 1);
  else bytes.writeBigUInt64BE(BigInt(argument), 1);
  bytes[0] = type | (bytes.length === 3 ? 25 : bytes.length === 5 ? 26 : 27);
  return bytes;
}

/** Decodes one item; undefined for anything malformed, too deep or outside the subset. */
export function decodeCbor(bytes: Uint8Array): CborValue | undefined {
  try {
    return new CborReader(Buffer.from(bytes)).read(0);
  } catch {
    return undefined;
  }
}

const maxDepth = 16;

class CborReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Throws RangeError on truncated or unsupported input. */
  read(depth: number): CborValue {
    if (depth > maxDepth) throw new RangeError("too deep");
    const first = this.#bytes.readUInt8(this.#at);
    this.#at += 1;
    const major = first >> 5;
    if (major === 7) return this.#simple(first & 31);
    const argument = this.#argument(first & 31);
    switch (major) {
      case 0:
        return argument;
      case 1:
        return -1 - argument;
      case 2:
        return this.#take(argument);
      case 3:
        return this.#take(argument).toString("utf8");
      case 4:
        return Array.from({ length: this.#counted(argument) }, () => this.read(depth + 1));
      case 5:
        return this.#map(argument, depth);
      default:
        throw new RangeError("tags are not supported");
    }
  }

  #map(size: number, depth: number): CborValue {
    const map = new Map<number | string, CborValue>();
    for (let left = this.#counted(size); left > 0; left -= 1) {
      const key = this.read(depth + 1);
      if (typeof key !== "number" && typeof key !== "string") throw new RangeError("unusual key");
      map.set(key, this.read(depth + 1));
    }
    return map;
  }

  #simple(kind: number): CborValue {
    if (kind === 20 || kind === 21) return kind === 21;
    if (kind === 22 || kind === 23) return null;
    const start = this.#at;
    if (kind === 26) {
      this.#at += 4;
      return this.#bytes.readFloatBE(start);
    }
    if (kind !== 27) throw new RangeError("unsupported simple value");
    this.#at += 8;
    return this.#bytes.readDoubleBE(start);
  }

  #argument(kind: number): number {
    if (kind < 24) return kind;
    if (kind > 27) throw new RangeError("indefinite lengths are not supported");
    const size = 2 ** (kind - 24);
    const start = this.#at;
    this.#at += size;
    if (size === 8) return Number(this.#bytes.readBigUInt64BE(start));
    return this.#bytes.readUIntBE(start, size);
  }

  #take(length: number): Buffer {
    const start = this.#at;
    this.#at += this.#counted(length);
    return this.#bytes.subarray(start, this.#at);
  }

  /** Nothing can be longer than what is left. */
  #counted(length: number): number {
    if (length > this.#bytes.length - this.#at) throw new RangeError("truncated");
    return length;
  }
}
