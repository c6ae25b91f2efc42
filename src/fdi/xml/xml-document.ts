import type { SourceLocation } from "#model/package-problem.ts";

export interface XmlAttribute {
  readonly value: string;
  /** Position of the name in the text, in UTF-16 units. */
  readonly offset: number;
}

/** One element of a document; comments and processing instructions are not kept. */
export interface XmlElement {
  /** Local name, without prefix. */
  readonly name: string;
  /** Namespace URI; empty when the element is in none. */
  readonly namespace: string;
  /** By local name; attributes that are in a namespace by `{uri}name`. Namespace declarations are not attributes. */
  readonly attributes: ReadonlyMap<string, XmlAttribute>;
  readonly children: readonly XmlElement[];
  /** Character data directly below the element, in order, references resolved. */
  readonly text: string;
  readonly offset: number;
  /** Position after its last character. */
  readonly end: number;
}

/** A parsed file and the means to say where in it something stands. */
export class XmlDocument {
  readonly source: string;
  /** The whole file, line ends as `\n`: what offsets count in. */
  readonly text: string;
  readonly root: XmlElement;
  readonly #lineStarts: readonly number[];

  constructor(source: string, text: string, root: XmlElement) {
    this.source = source;
    this.text = text;
    this.root = root;
    this.#lineStarts = lineStartsOf(text);
  }

  locationOf(place: { readonly offset: number }): SourceLocation {
    return locationAt(this.source, this.#lineStarts, place.offset);
  }
}

export function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (let i = text.indexOf("\n"); i !== -1; i = text.indexOf("\n", i + 1)) starts.push(i + 1);
  return starts;
}

/** The line and column of `offset`, by binary search over the offsets at which lines start. */
export function locationAt(source: string, lineStarts: readonly number[], offset: number): SourceLocation {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { source, line: low + 1, column: offset - (lineStarts[low] ?? 0) + 1 };
}
