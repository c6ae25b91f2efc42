import { PackageError, type PackageWarning } from "#model/package-problem.ts";
import type { XmlDocument, XmlElement } from "./xml-document.ts";

/** What reading one file collects on the way. */
export interface ReadContext {
  readonly document: XmlDocument;
  readonly warnings: PackageWarning[];
  /** Elements of other namespaces than the document's own, kept as they are. */
  readonly foreign: XmlElement[];
}

export function warn(context: ReadContext, place: { readonly offset: number }, code: string, message: string): void {
  context.warnings.push({ code, message, location: context.document.locationOf(place) });
}

/**
 * Reads one element by name and remembers what was asked for, so that `finish` can report what nobody read: nothing of a
 * package disappears silently. All failures are PackageError `invalid-content` with line and column.
 */
export class ElementReader {
  readonly element: XmlElement;
  readonly context: ReadContext;
  readonly #attributes = new Set<string>();
  readonly #children = new Set<string>();
  #textRead = false;
  #keepAll = false;

  constructor(element: XmlElement, context: ReadContext) {
    this.element = element;
    this.context = context;
  }

  /** The value of an attribute without surrounding space; undefined when it is absent. */
  optional(name: string): string | undefined {
    this.#attributes.add(name);
    return this.element.attributes.get(name)?.value.trim();
  }

  required(name: string): string {
    const value = this.optional(name);
    if (value === undefined || value === "") this.fail(`attribute ${name} is missing`);
    return value;
  }

  matching(name: string, pattern: RegExp, expected: string): string {
    const value = this.required(name);
    if (!pattern.test(value)) this.failAttribute(name, expected);
    return value;
  }

  oneOf<T extends string>(name: string, allowed: readonly T[], fallback?: T): T {
    const value = this.optional(name);
    if (value === undefined && fallback !== undefined) return fallback;
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) this.failAttribute(name, `one of ${allowed.join(", ")}`);
    return found;
  }

  number(name: string): number | undefined {
    const value = this.optional(name);
    if (value === undefined) return undefined;
    const parsed = numberOf(value);
    if (parsed === undefined) this.failAttribute(name, "a number such as 12.5");
    return parsed;
  }

  boolean(name: string, fallback: boolean): boolean {
    return this.oneOf(name, ["true", "false"], fallback ? "true" : "false") === "true";
  }

  /** Character data with white space runs as single spaces; empty when there is none. */
  text(): string {
    this.#textRead = true;
    return this.element.text.replaceAll(/\s+/g, " ").trim();
  }

  children(name: string): ElementReader[] {
    this.#children.add(name);
    return this.element.children.filter((child) => this.#isOwn(child, name)).map((child) => this.of(child));
  }

  /** Every child element, to be kept without being understood. */
  keepChildren(): readonly XmlElement[] {
    this.#keepAll = true;
    return this.element.children;
  }

  child(name: string): ElementReader | undefined {
    const [first, second] = this.children(name);
    if (second !== undefined) second.fail(`a second ${name} in ${this.element.name}: expected one`);
    return first;
  }

  requiredChild(name: string): ElementReader {
    return this.child(name) ?? this.fail(`element ${name} is missing`);
  }

  /** Text of the only child `name`; empty when there is no such child. */
  childText(name: string): string {
    const child = this.child(name);
    if (child === undefined) return "";
    const text = child.text();
    child.finish();
    return text;
  }

  of(element: XmlElement): ElementReader {
    return new ElementReader(element, this.context);
  }

  /** Reports attributes, elements and text that were not read; keeps elements of other namespaces. */
  finish(): void {
    const { element, context } = this;
    for (const [name, attribute] of element.attributes) {
      if (name.startsWith("{") || this.#attributes.has(name)) continue;
      warn(
        context,
        attribute,
        "unknown-attribute",
        `${this.#label()}: attribute ${name}="${attribute.value}" is ignored`,
      );
    }
    for (const child of this.#keepAll ? [] : element.children) {
      if (child.namespace !== element.namespace) context.foreign.push(child);
      else if (!this.#children.has(child.name)) {
        warn(context, child, "unknown-element", `${this.#label()}: element ${child.name} is ignored`);
      }
    }
    if (!this.#textRead && element.text.trim() !== "") {
      warn(context, element, "unknown-text", `${this.#label()}: text "${shortened(element.text.trim())}" is ignored`);
    }
  }

  failAttribute(name: string, expected: string): never {
    const attribute = this.element.attributes.get(name);
    if (attribute === undefined) this.fail(`attribute ${name} is missing: expected ${expected}`);
    const found = `${this.#label()}: ${name}="${shortened(attribute.value)}"`;
    throw this.#error(`${found}: expected ${expected}`, attribute);
  }

  fail(message: string): never {
    throw this.#error(`${this.#label()}: ${message}`, this.element);
  }

  #error(message: string, place: { readonly offset: number }): PackageError {
    return new PackageError("invalid-content", message, this.context.document.locationOf(place));
  }

  #isOwn(child: XmlElement, name: string): boolean {
    return child.name === name && child.namespace === this.element.namespace;
  }

  /** The element as a person would point at it, e.g. `Parameter CurrentPhaseA`. */
  #label(): string {
    const { attributes, name } = this.element;
    const id = attributes.get("id") ?? attributes.get("name");
    return id === undefined ? name : `${name} ${shortened(id.value)}`;
  }
}

/** A finite decimal number, or undefined. */
export function numberOf(text: string): number | undefined {
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
