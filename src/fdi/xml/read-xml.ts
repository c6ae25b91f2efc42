import { PackageError, type PackageProblem, type PackageWarning } from "#model/package-problem.ts";
import { decodeXmlText } from "./decode-text.ts";
import { lineStartsOf, locationAt, type XmlAttribute, XmlDocument, type XmlElement } from "./xml-document.ts";
import { resolveReferences } from "./xml-references.ts";

const maxDepth = 32;
const maxElements = 20_000;
const maxAttributes = 64;
const maxReferences = 10_000;
const maxRepairs = 100;

// XML 1.0, 2.3 without the colon: a name of Namespaces in XML 1.0 (NCName).
const nameStart = "A-Z_a-z\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u02ff\\u0370-\\u037d\\u037f-\\u1fff\\u200c\\u200d";
const nameMore = "\\u2070-\\u218f\\u2c00-\\u2fef\\u3001-\\ud7ff\\uf900-\\ufdcf\\ufdf0-\\ufffd\\u{10000}-\\u{effff}";
const ncName = `[${nameStart}${nameMore}][${nameStart}${nameMore}.0-9\\u00b7\\u0300-\\u036f\\u203f\\u2040-]*`;
const namePattern = new RegExp(`(?:(${ncName}):)?(${ncName})`, "uy");
const spacePattern = /[ \t\n]*/y;
const declarationPattern =
  /<\?xml version=(["'])1\.[0-9]\1(?: +encoding=(["'])(.*?)\2)?(?: +standalone=(["'])(?:yes|no)\4)? *\?>/y;

const xmlNamespace = "http://www.w3.org/XML/1998/namespace";

export interface XmlOptions {
  /** Takes a `<` that a space follows for text, with a warning, instead of refusing the file. */
  readonly repair?: boolean;
}

const noAttributes: ReadonlyMap<string, XmlAttribute> = new Map();

interface OpenElement {
  readonly rawName: string;
  readonly element: XmlElement & { readonly children: XmlElement[] };
  readonly scope: ReadonlyMap<string, string>;
  readonly text: string[];
}

interface RawAttribute {
  readonly prefix: string;
  readonly name: string;
  readonly value: string;
  readonly offset: number;
}

/**
 * Reads a namespace-well-formed XML 1.0 document without document type in one pass; what is checked is what is used.
 * Throws PackageError `not-well-formed`, `too-complex` and those of `decodeXmlText`, with line and column.
 */
export function readXml(
  bytes: Uint8Array,
  source: string,
  options: XmlOptions = {},
): { readonly document: XmlDocument; readonly warnings: readonly PackageWarning[] } {
  const text = decodeXmlText(bytes, source);
  const reader = new XmlReader(text, source, options.repair === true);
  const root = reader.read();
  return { document: new XmlDocument(source, text, root), warnings: reader.warnings };
}

class XmlReader {
  readonly warnings: PackageWarning[] = [];
  readonly #text: string;
  readonly #source: string;
  readonly #repair: boolean;
  readonly #open: OpenElement[] = [];
  #at = 0;
  #elements = 0;
  #references = 0;
  #root: XmlElement | undefined;

  constructor(text: string, source: string, repair: boolean) {
    this.#text = text;
    this.#source = source;
    this.#repair = repair;
  }

  read(): XmlElement {
    this.#declaration();
    while (this.#at < this.#text.length) {
      const tag = this.#text.indexOf("<", this.#at);
      const end = tag === -1 ? this.#text.length : tag;
      if (end > this.#at) this.#characters(end);
      if (tag !== -1) this.#markup();
    }
    const unclosed = this.#open.at(-1);
    if (unclosed !== undefined) this.#fail(unclosed.element.offset, `element ${unclosed.rawName} is not closed`);
    if (this.#root === undefined) this.#fail(0, "the file has no element");
    return this.#root;
  }

  #declaration(): void {
    if (!this.#text.startsWith("<?xml ")) return;
    const match = this.#match(declarationPattern);
    if (match === undefined) this.#fail(0, "the XML declaration is not one of XML 1.0");
    const encoding = match[3];
    if (encoding !== undefined && !/^utf-?8$/i.test(encoding)) {
      this.#fail(0, `encoding ${encoding}: expected UTF-8`, "encoding");
    }
  }

  #characters(end: number): void {
    const raw = this.#text.slice(this.#at, end);
    const parent = this.#open.at(-1);
    if (parent !== undefined) parent.text.push(this.#resolved(raw, this.#at));
    else if (raw.trim() !== "") this.#fail(this.#at + raw.search(/\S/), "text outside the root element");
    const close = raw.indexOf("]]>");
    if (close !== -1) this.#fail(this.#at + close, "]]> is not allowed in text");
    this.#at = end;
  }

  #markup(): void {
    const text = this.#text;
    if (text.startsWith("<!--", this.#at)) return this.#comment();
    if (text.startsWith("<![CDATA[", this.#at)) return this.#cdata();
    if (text.startsWith("<?", this.#at)) return this.#instruction();
    if (text.startsWith("</", this.#at)) return this.#endTag();
    if (this.#repair && /[ \t\n]/.test(text[this.#at + 1] ?? "")) return this.#strayLess();
    this.#startTag();
  }

  #comment(): void {
    const end = this.#text.indexOf("--", this.#at + 4);
    if (end === -1) this.#fail(this.#at, "the comment is not closed");
    if (this.#text[end + 2] !== ">") this.#fail(end, "-- is not allowed in a comment");
    this.#at = end + 3;
  }

  #cdata(): void {
    const end = this.#text.indexOf("]]>", this.#at);
    if (end === -1) this.#fail(this.#at, "the CDATA section is not closed");
    const parent = this.#open.at(-1);
    if (parent === undefined) this.#fail(this.#at, "text outside the root element");
    parent.text.push(this.#text.slice(this.#at + 9, end));
    this.#at = end + 3;
  }

  #instruction(): void {
    const end = this.#text.indexOf("?>", this.#at);
    if (end === -1) this.#fail(this.#at, "the processing instruction is not closed");
    const target = this.#text.slice(this.#at + 2, end);
    if (!/^[A-Za-z_]/.test(target) || /^xml(?:\s|$)/i.test(target)) {
      this.#fail(this.#at, "the processing instruction has no allowed name");
    }
    this.#at = end + 2;
  }

  #strayLess(): void {
    if (this.warnings.length >= maxRepairs) this.#fail(this.#at, `more than ${maxRepairs} repairs`, "too-complex");
    const location = locationAt(this.#source, lineStartsOf(this.#text), this.#at);
    this.warnings.push({ code: "repaired", message: "an unescaped < was taken for text", location });
    const parent = this.#open.at(-1);
    if (parent === undefined) this.#fail(this.#at, "text outside the root element");
    parent.text.push("<");
    this.#at += 1;
  }

  #endTag(): void {
    const start = this.#at;
    this.#at += 2;
    const rawName = this.#name("an element name");
    this.#match(spacePattern);
    if (this.#text[this.#at] !== ">") this.#fail(this.#at, `expected > at the end of </${rawName.raw}`);
    this.#at += 1;
    const open = this.#open.pop();
    if (open === undefined) this.#fail(start, `</${rawName.raw}> closes no element`);
    if (open.rawName !== rawName.raw) this.#fail(start, `</${rawName.raw}> found, expected </${open.rawName}>`);
    this.#finish(open);
  }

  #startTag(): void {
    const offset = this.#at;
    if (this.#root !== undefined && this.#open.length === 0) this.#fail(offset, "a second root element");
    this.#at += 1;
    const name = this.#name("an element name (a < in text is written &lt;)", offset);
    const raw = this.#rawAttributes(name.raw);
    const empty = this.#text[this.#at] === "/";
    if (empty) this.#at += 1;
    if (this.#text[this.#at] !== ">") this.#fail(this.#at, `expected > at the end of <${name.raw}`);
    this.#at += 1;
    this.#count(offset);
    const scope = this.#scopeOf(raw);
    const open: OpenElement = {
      rawName: name.raw,
      scope,
      text: [],
      element: {
        name: name.local,
        namespace: this.#namespaceOf(name.prefix, scope, offset),
        attributes: this.#attributes(raw, scope),
        children: [],
        text: "",
        offset,
        end: offset,
      },
    };
    if (empty) this.#finish(open);
    else this.#open.push(open);
  }

  #count(offset: number): void {
    this.#elements += 1;
    if (this.#elements > maxElements) this.#fail(offset, `more than ${maxElements} elements`, "too-complex");
    if (this.#open.length >= maxDepth) this.#fail(offset, `more than ${maxDepth} levels of elements`, "too-complex");
  }

  #finish(open: OpenElement): void {
    const element: XmlElement = { ...open.element, text: open.text.join(""), end: this.#at };
    const parent = this.#open.at(-1);
    if (parent === undefined) this.#root = element;
    else parent.element.children.push(element);
  }

  #rawAttributes(element: string): RawAttribute[] {
    const found: RawAttribute[] = [];
    for (;;) {
      const spaceStart = this.#at;
      this.#match(spacePattern);
      const next = this.#text[this.#at];
      if (next === ">" || next === "/" || next === undefined) return found;
      const offset = this.#at;
      if (offset === spaceStart) this.#fail(offset, `expected a space, > or /> in <${element}`);
      const name = this.#name("an attribute name");
      if (found.length >= maxAttributes) this.#fail(offset, `more than ${maxAttributes} attributes`, "too-complex");
      found.push({ prefix: name.prefix, name: name.local, value: this.#attributeValue(name.raw), offset });
    }
  }

  #attributeValue(name: string): string {
    this.#match(spacePattern);
    if (this.#text[this.#at] !== "=") this.#fail(this.#at, `expected = after attribute ${name}`);
    this.#at += 1;
    this.#match(spacePattern);
    const quote = this.#text[this.#at];
    if (quote !== '"' && quote !== "'") this.#fail(this.#at, `expected a quoted value of attribute ${name}`);
    const start = this.#at + 1;
    const end = this.#text.indexOf(quote, start);
    if (end === -1) this.#fail(this.#at, `the value of attribute ${name} is not closed`);
    const raw = this.#text.slice(start, end);
    const less = raw.indexOf("<");
    if (less !== -1) this.#fail(start + less, `< is not allowed in the value of attribute ${name}`);
    this.#at = end + 1;
    // XML 1.0, 3.3.3: white space in a value becomes spaces.
    return this.#resolved(raw.replaceAll(/[\n\t]/g, " "), start);
  }

  #scopeOf(raw: readonly RawAttribute[]): ReadonlyMap<string, string> {
    const outer = this.#open.at(-1)?.scope ?? new Map([["xml", xmlNamespace]]);
    const declarations = raw.filter(isDeclaration);
    if (declarations.length === 0) return outer;
    const scope = new Map(outer);
    for (const declaration of declarations) {
      const prefix = declaration.prefix === "" ? "" : declaration.name;
      if (prefix === "xml" || prefix === "xmlns" || (prefix !== "" && declaration.value === "")) {
        this.#fail(declaration.offset, `namespace prefix ${prefix} cannot be declared so`);
      }
      scope.set(prefix, declaration.value);
    }
    return scope;
  }

  #attributes(raw: readonly RawAttribute[], scope: ReadonlyMap<string, string>): ReadonlyMap<string, XmlAttribute> {
    if (raw.length === 0) return noAttributes;
    const attributes = new Map<string, XmlAttribute>();
    const seen = new Set<string>();
    for (const { prefix, name, value, offset } of raw) {
      const isDeclared = isDeclaration({ prefix, name });
      const key = isDeclared || prefix === "" ? name : `{${this.#namespaceOf(prefix, scope, offset)}}${name}`;
      const identity = isDeclared ? `${prefix}:${name}` : key;
      if (seen.has(identity)) this.#fail(offset, `attribute ${name} is repeated`);
      seen.add(identity);
      if (!isDeclared) attributes.set(key, { value, offset });
    }
    return attributes;
  }

  #namespaceOf(prefix: string, scope: ReadonlyMap<string, string>, offset: number): string {
    const uri = scope.get(prefix);
    if (uri === undefined && prefix !== "") this.#fail(offset, `namespace prefix ${prefix} is not declared`);
    return uri ?? "";
  }

  #resolved(raw: string, offset: number): string {
    if (!raw.includes("&")) return raw;
    this.#references += raw.split("&", maxReferences + 2).length - 1;
    if (this.#references > maxReferences) this.#fail(offset, `more than ${maxReferences} references`, "too-complex");
    return resolveReferences(raw, (at, message) => this.#fail(offset + at, message));
  }

  #name(expected: string, blame = this.#at): { readonly prefix: string; readonly local: string; readonly raw: string } {
    const match = this.#match(namePattern);
    if (match === undefined) this.#fail(blame, `expected ${expected}`);
    return { prefix: match[1] ?? "", local: match[2] ?? "", raw: match[0] };
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text) ?? undefined;
    if (match !== undefined) this.#at = pattern.lastIndex;
    return match;
  }

  #fail(offset: number, message: string, problem: PackageProblem = "not-well-formed"): never {
    throw new PackageError(problem, message, locationAt(this.#source, lineStartsOf(this.#text), offset));
  }
}

function isDeclaration(attribute: { readonly prefix: string; readonly name: string }): boolean {
  return attribute.prefix === "xmlns" || (attribute.prefix === "" && attribute.name === "xmlns");
}
