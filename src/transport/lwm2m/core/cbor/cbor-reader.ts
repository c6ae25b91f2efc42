import { isUtf8 } from "node:buffer";
import { CborMap, type CborValue, CodecError, isCborList } from "./cbor-value.ts";

/** Bounds of what is read from outside. */
export interface CborLimits {
  readonly maxDepth: number;
  /** Data items together, so that a few bytes cannot announce millions. */
  readonly maxItems: number;
}

export const defaultCborLimits: CborLimits = { maxDepth: 8, maxItems: 20_000 };

/**
 * Reads exactly one data item. Throws CodecError when the bytes are cut off, go on behind it, nest too deep, hold too many
 * items, name a map key twice, hold text that is no UTF-8 or something that RFC 8949 does not define.
 */
export function readCbor(bytes: Uint8Array, limits: CborLimits = defaultCborLimits): CborValue {
  const reader = new CborReader(bytes, limits);
  const value = reader.item(0);
  if (reader.left > 0) throw new CodecError(`${reader.left} bytes behind the data item`);
  return value;
}

const indefinite = -1;
const breakCode = 0xff;

class CborReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #limits: CborLimits;
  #at = 0;
  #items = 0;

  constructor(bytes: Uint8Array, limits: CborLimits) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#limits = limits;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  item(depth: number): CborValue {
    this.#items += 1;
    if (depth > this.#limits.maxDepth) throw new CodecError(`nested deeper than ${this.#limits.maxDepth}`);
    if (this.#items > this.#limits.maxItems) throw new CodecError(`more than ${this.#limits.maxItems} data items`);
    const initial = this.#byte();
    const info = initial & 0x1f;
    switch (initial >> 5) {
      case 0:
        return this.#argument(info);
      case 1:
        return negated(this.#argument(info));
      case 2:
        return this.#string(info, 2);
      case 3:
        return this.#text(info);
      case 4:
        return this.#list(info, depth);
      case 5:
        return this.#map(info, depth);
      case 6:
        this.#argument(info);
        return this.item(depth + 1);
      default:
        return this.#simple(info);
    }
  }

  #byte(): number {
    this.#need(1);
    const byte = this.#bytes[this.#at] ?? 0;
    this.#at += 1;
    return byte;
  }

  #need(count: number): void {
    if (count > this.left) throw new CodecError(`cut off: ${count} bytes wanted, ${this.left} left`);
  }

  #argument(info: number): number | bigint {
    if (info < 24) return info;
    if (info > 27) throw new CodecError(`additional information ${info}`);
    const size = 1 << (info - 24);
    this.#need(size);
    const at = this.#at;
    this.#at += size;
    if (size === 1) return this.#view.getUint8(at);
    if (size === 2) return this.#view.getUint16(at);
    if (size === 4) return this.#view.getUint32(at);
    const wide = this.#view.getBigUint64(at);
    return wide <= Number.MAX_SAFE_INTEGER ? Number(wide) : wide;
  }

  /** A length or count; `indefinite` where the item says so. What is announced must fit into the bytes that are left. */
  #count(info: number): number {
    if (info === 31) return indefinite;
    const count = this.#argument(info);
    if (typeof count === "bigint" || count > this.left)
      throw new CodecError(`${count} announced, ${this.left} bytes left`);
    return count;
  }

  #string(info: number, major: 2 | 3): Uint8Array {
    const length = this.#count(info);
    if (length !== indefinite) {
      this.#at += length;
      return this.#bytes.slice(this.#at - length, this.#at);
    }
    const chunks: Uint8Array[] = [];
    while (!this.#isBreak()) {
      const initial = this.#byte();
      if (initial >> 5 !== major || (initial & 0x1f) === 31) throw new CodecError("a chunk of another kind");
      this.#items += 1;
      if (this.#items > this.#limits.maxItems) throw new CodecError(`more than ${this.#limits.maxItems} data items`);
      chunks.push(this.#string(initial & 0x1f, major));
    }
    return Buffer.concat(chunks);
  }

  #text(info: number): string {
    const bytes = this.#string(info, 3);
    if (!isUtf8(bytes)) throw new CodecError("text that is no UTF-8");
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
  }

  #isBreak(): boolean {
    this.#need(1);
    if (this.#bytes[this.#at] !== breakCode) return false;
    this.#at += 1;
    return true;
  }

  #list(info: number, depth: number): CborValue[] {
    const count = this.#count(info);
    const list: CborValue[] = [];
    while (count === indefinite ? !this.#isBreak() : list.length < count) list.push(this.item(depth + 1));
    return list;
  }

  #map(info: number, depth: number): CborMap {
    const count = this.#count(info);
    const entries: (readonly [CborValue, CborValue])[] = [];
    const keys = new Set<string>();
    while (count === indefinite ? !this.#isBreak() : entries.length < count) {
      const key = this.item(depth + 1);
      const name = keyText(key);
      if (keys.has(name)) throw new CodecError(`key ${name.slice(0, 40)} twice`);
      keys.add(name);
      entries.push([key, this.item(depth + 1)]);
    }
    return new CborMap(entries);
  }

  #simple(info: number): CborValue {
    if (info === 20 || info === 21) return info === 21;
    // `undefined` is no value here.
    if (info === 22 || info === 23) return null;
    const size = info === 25 ? 2 : info === 26 ? 4 : info === 27 ? 8 : 0;
    if (size === 0) throw new CodecError(`simple value ${info}`);
    this.#need(size);
    const at = this.#at;
    this.#at += size;
    if (size === 2) return halfOf(this.#view.getUint16(at));
    return size === 4 ? this.#view.getFloat32(at) : this.#view.getFloat64(at);
  }
}

function negated(argument: number | bigint): number | bigint {
  if (typeof argument === "bigint") return -1n - argument;
  return -1 - argument;
}

/** IEEE 754 binary16 (RFC 8949, appendix D). */
function halfOf(bits: number): number {
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function keyText(key: CborValue): string {
  if (isCborList(key)) return `[${key.map(keyText).join()}]`;
  if (key instanceof Uint8Array) return `h'${Buffer.from(key).toString("hex")}'`;
  if (key instanceof CborMap) throw new CodecError("a map as key");
  return `${typeof key} ${String(key)}`;
}
