import type { ElementReader } from "#fdi/xml/element-reader.ts";
import { warn } from "#fdi/xml/element-reader.ts";
import type { Range } from "#model/parameter-spec.ts";
import type { Protocol } from "#model/protocol.ts";
import type { Unit } from "#model/unit.ts";
import { rangeOfText, unitOfText } from "./vocabulary.ts";

/** Where the old dialects declare quantities; a later one in this list says more about how a setting is used. */
export type PointSource = "metric" | "resource" | "template" | "function" | "device-parameter";

/** What one place of the file says about a quantity. */
export interface PointDeclaration {
  readonly name: string;
  readonly source: PointSource;
  readonly type: string;
  readonly units: string;
  readonly range: Range | undefined;
  readonly defaultText: string | undefined;
  /** Numbers with their names, or names that count from 0. */
  readonly values: readonly { readonly value: number; readonly name: string }[];
  /** True when the values are texts on the wire, in a parameter of type String. */
  readonly valuesAreTexts: boolean;
  readonly description: string;
  readonly access?: "read" | "read-write";
  readonly group: string;
  readonly bindings: Readonly<Partial<Record<Protocol, string>>>;
  readonly offset: number;
}

/** Reads what `Resource` and `Parameter` elements have in common. */
export function readDeclaration(
  reader: ElementReader,
  rest: Pick<PointDeclaration, "source" | "group" | "bindings">,
): PointDeclaration {
  const type = reader.optional("type") ?? "String";
  const values = readValues(reader);
  return {
    ...rest,
    name: reader.required("name"),
    type,
    units: reader.optional("units") ?? "",
    range: readLegacyRange(reader),
    defaultText: reader.optional("default"),
    values: values.map(({ id, name }, i) => ({ value: id ?? i, name })),
    valuesAreTexts: values.length > 0 && type.toLowerCase() === "string",
    description: reader.optional("description") ?? "",
    offset: reader.element.offset,
  };
}

/** The interval in the attribute `range`; a warning when it is written in no known form. */
export function readLegacyRange(reader: ElementReader): Range | undefined {
  const text = reader.optional("range");
  if (text === undefined) return undefined;
  const range = rangeOfText(text);
  if (range === undefined) warn(reader.context, reader.element, "not-understood", `range="${text}" is not low-high`);
  return range;
}

/** The unit in the attribute `units`; a warning when the text is not known. */
export function readLegacyUnit(reader: ElementReader): Unit | undefined {
  const text = reader.optional("units") ?? "";
  const unit = unitOfText(text);
  if (text !== "" && unit === undefined) {
    warn(reader.context, reader.element, "not-understood", `unit "${text}" is not known`);
  }
  return unit;
}

interface NamedValue {
  readonly id: number | undefined;
  readonly name: string;
}

/** Allowed values: a `ValueMap`, or a list with commas in `valid_values` or `values`. */
export function readValues(reader: ElementReader): readonly NamedValue[] {
  const map = reader.child("ValueMap");
  if (map !== undefined) {
    const values = map.children("Value").map((child): NamedValue => {
      const value = { id: child.number("ID"), name: child.required("name") };
      child.finish();
      return value;
    });
    map.finish();
    return values;
  }
  const list = reader.optional("valid_values") ?? reader.optional("values");
  return (list ?? "")
    .split(",")
    .map((name) => ({ id: undefined, name: name.trim() }))
    .filter(({ name }) => name !== "");
}

/** Children `item` that stand inside a `wrapper` element or directly below the reader, as the dialects differ. */
export function nestedChildren(reader: ElementReader, wrapper: string, item: string): ElementReader[] {
  const outer = reader.child(wrapper);
  const inner = outer?.children(item) ?? [];
  outer?.finish();
  return [...inner, ...reader.children(item)];
}
