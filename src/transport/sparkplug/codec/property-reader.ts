import { SparkplugType } from "./data-type.ts";
import type { MetaData, PropertySet, PropertyValue } from "./payload.ts";
import { ScalarField } from "./scalar-field.ts";
import { decodeUtf8 } from "./text-cache.ts";
import { WireReader } from "./wire-reader.ts";

/** PropertySets within PropertySets beyond this are not read. */
const maxDepth = 8;

/** Reads PropertySet and MetaData messages into objects: what BIRTHs describe their metrics with. Never throws. */
export class PropertyReader {
  readonly #reader = new WireReader();

  /** The PropertySet in bytes [start, end); undefined when it is malformed or keys and values differ in number. */
  properties(bytes: Uint8Array, start: number, end: number): PropertySet | undefined {
    this.#reader.open(bytes);
    const set = this.#set(start, end, 1);
    return this.#reader.failure === undefined ? set : undefined;
  }

  /** The MetaData in bytes [start, end); undefined when it is malformed. */
  metadata(bytes: Uint8Array, start: number, end: number): MetaData | undefined {
    const reader = this.#reader;
    reader.open(bytes);
    reader.seek(start, end);
    const numbers = new Map<number, number>();
    const texts = new Map<number, string>();
    while (reader.position < end) {
      const tag = reader.uint32();
      if ((tag & 7) === 0) numbers.set(tag >>> 3, reader.uint64());
      else if ((tag & 7) === 2) texts.set(tag >>> 3, this.#text());
      else reader.skip(tag & 7);
    }
    if (reader.failure !== undefined) return undefined;
    const isMultiPart = numbers.get(1);
    return {
      isMultiPart: isMultiPart === undefined ? undefined : isMultiPart !== 0,
      contentType: texts.get(2),
      size: numbers.get(3),
      seq: numbers.get(4),
      fileName: texts.get(5),
      fileType: texts.get(6),
      md5: texts.get(7),
      description: texts.get(8),
    };
  }

  #set(start: number, end: number, depth: number): PropertySet | undefined {
    const reader = this.#reader;
    const outerEnd = reader.end;
    reader.seek(start, end);
    const keys: string[] = [];
    const values: PropertyValue[] = [];
    if (depth > maxDepth) reader.fail(`property sets are nested deeper than ${maxDepth}`);
    while (reader.position < end) {
      const tag = reader.uint32();
      if (tag === 0x0a) keys.push(this.#text());
      else if (tag === 0x12) values.push(this.#value(depth));
      else reader.skip(tag & 7);
    }
    reader.end = outerEnd;
    if (keys.length !== values.length)
      reader.fail(`a property set has ${keys.length} keys and ${values.length} values`);
    return new Map(keys.flatMap((key, i) => (values[i] === undefined ? [] : [[key, values[i]] as const])));
  }

  /** PropertyValue: type 1, is_null 2, scalars 3 to 8, PropertySet 9, PropertySetList 10. */
  #value(depth: number): PropertyValue {
    const reader = this.#reader;
    const outerEnd = reader.end;
    const end = reader.lengthEnd();
    reader.end = end;
    const scalar = new ScalarField();
    let datatype = 0;
    let isNull = false;
    let sets: PropertySet[] | undefined;
    while (reader.position < end) {
      const tag = reader.uint32();
      if (tag === 0x08) datatype = reader.uint32();
      else if (tag === 0x10) isNull = reader.uint32() !== 0;
      else if (tag === 0x4a) sets = this.#oneSet(depth);
      else if (tag === 0x52) sets = this.#setList(depth);
      else if (!scalar.take(reader, tag, 3)) reader.skip(tag & 7);
    }
    reader.end = outerEnd;
    if (isNull) return { datatype, value: undefined };
    if (sets === undefined) return { datatype, value: scalar.value(reader.view, datatype) };
    return { datatype, value: datatype === SparkplugType.PropertySetList ? sets : sets[0] };
  }

  #oneSet(depth: number): PropertySet[] {
    const reader = this.#reader;
    const end = reader.lengthEnd();
    const set = this.#set(reader.position, end, depth + 1);
    if (reader.failure === undefined) reader.position = end;
    return set === undefined ? [] : [set];
  }

  #setList(depth: number): PropertySet[] {
    const reader = this.#reader;
    const outerEnd = reader.end;
    const end = reader.lengthEnd();
    reader.end = end;
    const sets: PropertySet[] = [];
    while (reader.position < end) {
      const tag = reader.uint32();
      if (tag === 0x0a) sets.push(...this.#oneSet(depth));
      else reader.skip(tag & 7);
    }
    reader.end = outerEnd;
    return sets;
  }

  #text(): string {
    const reader = this.#reader;
    const end = reader.lengthEnd();
    const text = decodeUtf8(reader.view, reader.position, end);
    reader.position = end;
    return text;
  }
}
