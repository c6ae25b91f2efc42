import { SparkplugType, type SparkplugTypeCode, WireKind } from "./data-type.ts";
import { exactLong, numberOfInt } from "./metric-value.ts";
import type { Scalar } from "./payload.ts";
import { decodeUtf8 } from "./text-cache.ts";
import type { WireReader } from "./wire-reader.ts";

/**
 * A value as DataSetValue, PropertyValue and Template.Parameter carry it: the same six fields in the same order as in a
 * metric, at other numbers.
 */
export class ScalarField {
  /** WireKind of the field that came; none when none did. */
  kind = 0;
  low = 0;
  high = 0;
  number = 0;

  clear(): void {
    this.kind = WireKind.none;
    this.low = 0;
    this.high = 0;
    this.number = 0;
  }

  /** Reads the field behind `tag` if it is one of the six that begin at number `first`; false when it is another one. */
  take(reader: WireReader, tag: number, first: number): boolean {
    const kind = WireKind.int + (tag >>> 3) - first;
    const wireType = tag & 7;
    if (kind === WireKind.float && wireType === 5) this.number = reader.float();
    else if (kind === WireKind.double && wireType === 1) this.number = reader.double();
    else if (kind === WireKind.string && wireType === 2) this.#range(reader);
    else if ((kind === WireKind.int || kind === WireKind.long || kind === WireKind.boolean) && wireType === 0) {
      reader.varint();
      this.low = reader.low;
      this.high = reader.high;
    } else return false;
    this.kind = kind;
    return true;
  }

  /** The value, read with `datatype`; undefined when no field came. */
  value(bytes: DataView, datatype: SparkplugTypeCode): Scalar | undefined {
    switch (this.kind) {
      case WireKind.int: {
        const number = numberOfInt(this.low, datatype);
        return datatype === SparkplugType.Boolean ? number !== 0 : number;
      }
      case WireKind.long:
        return exactLong(this.low, this.high, datatype);
      case WireKind.float:
      case WireKind.double:
        return this.number;
      case WireKind.boolean:
        return this.low !== 0 || this.high !== 0;
      case WireKind.string:
        return decodeUtf8(bytes, this.low, this.high);
      default:
        return undefined;
    }
  }

  #range(reader: WireReader): void {
    const end = reader.lengthEnd();
    this.low = reader.position;
    this.high = end;
    reader.position = end;
  }
}
