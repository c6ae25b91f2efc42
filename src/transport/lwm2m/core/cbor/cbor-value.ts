/** A CBOR data item (RFC 8949); tags are read over. */
export type CborValue = number | bigint | string | boolean | null | Uint8Array | readonly CborValue[] | CborMap;

/** A map whose keys may be anything, as LwM2M CBOR has arrays for keys. */
export class CborMap {
  readonly entries: readonly (readonly [key: CborValue, value: CborValue])[];

  constructor(entries: readonly (readonly [key: CborValue, value: CborValue])[]) {
    this.entries = entries;
  }

  /** The value of a number or text key; undefined when there is none. */
  get(key: number | string): CborValue | undefined {
    return this.entries.find((entry) => entry[0] === key)?.[1];
  }
}

/** Something is wrong with bytes that are read; never leaves the codec. */
export class CodecError extends Error {
  override readonly name = "CodecError";
}

export function isCborList(value: CborValue | undefined): value is readonly CborValue[] {
  return Array.isArray(value);
}
