import { CborMap, type CborValue, isCborList } from "./cbor-value.ts";

/** Encodes a data item with definite lengths and the shortest head; numbers as integer, single or double, whatever holds them. */
export function writeCbor(value: CborValue): Uint8Array {
  const parts: Uint8Array[] = [];
  append(value, parts);
  return Buffer.concat(parts);
}

/** A map with number or text keys, in the order given; members without a value are left out. */
export function cborMapOf(entries: readonly (readonly [number | string, CborValue | undefined])[]): CborMap {
  return new CborMap(entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])));
}

function append(value: CborValue, parts: Uint8Array[]): void {
  if (value === null) parts.push(Uint8Array.of(0xf6));
  else if (typeof value === "boolean") parts.push(Uint8Array.of(value ? 0xf5 : 0xf4));
  else if (typeof value === "number") parts.push(numberBytes(value));
  else if (typeof value === "bigint") parts.push(value < 0n ? head(1, -1n - value) : head(0, value));
  else if (typeof value === "string") {
    const text = Buffer.from(value, "utf8");
    parts.push(head(3, text.length), text);
  } else if (value instanceof Uint8Array) parts.push(head(2, value.length), value);
  else if (value instanceof CborMap) {
    parts.push(head(5, value.entries.length));
    for (const [key, member] of value.entries) {
      append(key, parts);
      append(member, parts);
    }
  } else if (isCborList(value)) {
    parts.push(head(4, value.length));
    for (const item of value) append(item, parts);
  }
}

function numberBytes(value: number): Uint8Array {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return value < 0 ? head(1, -1 - value) : head(0, value);
  const isSingle = Object.is(Math.fround(value), value);
  const bytes = Buffer.alloc(isSingle ? 5 : 9);
  bytes[0] = isSingle ? 0xfa : 0xfb;
  if (isSingle) bytes.writeFloatBE(value, 1);
  else bytes.writeDoubleBE(value, 1);
  return bytes;
}

function head(major: number, argument: number | bigint): Uint8Array {
  const type = major << 5;
  if (argument < 24) return Uint8Array.of(type | Number(argument));
  const size = argument < 0x100 ? 1 : argument < 0x1_0000 ? 2 : argument < 0x1_0000_0000 ? 4 : 8;
  const bytes = Buffer.alloc(1 + size);
  bytes[0] = type | (24 + Math.log2(size));
  if (size === 8) bytes.writeBigUInt64BE(BigInt(argument), 1);
  else bytes.writeUIntBE(Number(argument), 1, size);
  return bytes;
}
