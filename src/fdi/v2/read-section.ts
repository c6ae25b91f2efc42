import type { ElementReader } from "#fdi/xml/element-reader.ts";
import { identifierPattern } from "./names.ts";

/**
 * Reads the children `item` of an optional section. Each must have a name of its own; every reader is finished afterwards.
 */
export function readSection<T extends { readonly name: string }>(
  parent: ElementReader,
  section: string,
  item: string,
  read: (reader: ElementReader) => T,
): readonly T[] {
  const reader = parent.child(section);
  if (reader === undefined) return [];
  const items = readNamed(reader, item, read);
  reader.finish();
  return items;
}

/** Reads the children `item` of an element, each with a name of its own. */
export function readNamed<T extends { readonly name: string }>(
  parent: ElementReader,
  item: string,
  read: (reader: ElementReader) => T,
): readonly T[] {
  const names = new Set<string>();
  return parent.children(item).map((child) => {
    const result = read(child);
    if (names.has(result.name)) child.fail(`${result.name} is already taken by another ${item}`);
    names.add(result.name);
    child.finish();
    return result;
  });
}

export function readId(reader: ElementReader): string {
  return reader.matching("id", identifierPattern, "a letter, then letters, digits or _ (at most 64)");
}

/** A whole number of milliseconds, or undefined when the attribute is absent. */
export function readMilliseconds(reader: ElementReader, name: string, maximum: number): number | undefined {
  const value = reader.number(name);
  if (value === undefined) return undefined;
  if (!Number.isInteger(value) || value < 0 || value > maximum) {
    return reader.failAttribute(name, `0 to ${maximum} milliseconds`);
  }
  return value;
}

/** OPC 10000-5, 6.4.2: 1 to 1000. */
export function readSeverity(reader: ElementReader, fallback?: number): number {
  const value = reader.number("severity") ?? fallback ?? reader.fail("attribute severity is missing");
  if (!Number.isInteger(value) || value < 1 || value > 1000) reader.failAttribute("severity", "1 to 1000");
  return value;
}
