import { CodecError } from "./cbor/cbor-value.ts";
import type { ResourceType, ResourceValue } from "./resource-node.ts";

/**
 * A decoded value as the type of its resource wants it: times arrive in seconds and become epoch ms, 0 and 1 become
 * booleans. A value that does not fit stays as it is, for whoever uses it to see.
 */
export function typedValue(value: ResourceValue, type: ResourceType | undefined): ResourceValue {
  if (type === "time") return typeof value === "number" || typeof value === "bigint" ? Number(value) * 1_000 : value;
  if (type === "boolean" && (value === 0 || value === 1)) return value === 1;
  return value;
}

/** A big-endian two's complement integer of 1, 2, 4 or 8 bytes; bigint beyond 2^53. Throws CodecError for other lengths. */
export function integerOf(bytes: Uint8Array, isUnsigned: boolean): number | bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (bytes.length) {
    case 1:
      return isUnsigned ? view.getUint8(0) : view.getInt8(0);
    case 2:
      return isUnsigned ? view.getUint16(0) : view.getInt16(0);
    case 4:
      return isUnsigned ? view.getUint32(0) : view.getInt32(0);
    case 8: {
      const wide = isUnsigned ? view.getBigUint64(0) : view.getBigInt64(0);
      return wide >= Number.MIN_SAFE_INTEGER && wide <= Number.MAX_SAFE_INTEGER ? Number(wide) : wide;
    }
    default:
      throw new CodecError(`an integer of ${bytes.length} bytes`);
  }
}

/** The shortest big-endian two's complement form of a safe integer or bigint: 1, 2, 4 or 8 bytes. */
export function integerBytes(value: number | bigint): Uint8Array {
  const wide = BigInt(value);
  const size = [1, 2, 4].find((bytes) => BigInt.asIntN(bytes * 8, wide) === wide) ?? 8;
  const bytes = Buffer.alloc(size);
  if (size === 8) bytes.writeBigInt64BE(BigInt.asIntN(64, wide), 0);
  else bytes.writeIntBE(Number(wide), 0, size);
  return bytes;
}
