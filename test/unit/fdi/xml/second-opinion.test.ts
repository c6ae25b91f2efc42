import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { describe, expect, it } from "vitest";
import { readXml } from "#fdi/xml/read-xml.ts";
import type { XmlElement } from "#fdi/xml/xml-document.ts";

/** What both readers must agree on: names, attributes and text of every element, in order. */
interface Tree {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  readonly children: readonly Tree[];
}

const root = resolve(import.meta.dirname, "../../../..");
const files = globSync("{fdi-packages,test/fixtures/fdi}/**/*.fdi", { cwd: root }).sort();

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "",
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
});

function ours(element: XmlElement): Tree {
  const attributes = [...element.attributes].map(([name, { value }]): [string, string] => [
    name.replace(/^\{.*\}/, ""),
    value,
  ]);
  return {
    name: element.name,
    attributes: Object.fromEntries(attributes),
    text: element.text.trim(),
    children: element.children.map(ours),
  };
}

type TheirNode = Readonly<Record<string, unknown>>;

function theirs(node: TheirNode): Tree {
  const name = Object.keys(node).find((key) => key !== ":@") ?? "";
  const inside = node[name] as readonly TheirNode[];
  const attributes = Object.entries((node[":@"] ?? {}) as Record<string, string>);
  return {
    name,
    attributes: Object.fromEntries(attributes.filter(([key]) => key !== "xmlns" && !namespacePrefixes.has(key))),
    text: inside
      .map((child) => (typeof child["#text"] === "string" ? child["#text"] : ""))
      .join("")
      .trim(),
    children: inside.filter((child) => !("#text" in child)).map(theirs),
  };
}

/** With prefixes removed, `xmlns:xsi` looks like an attribute `xsi`. */
const namespacePrefixes = new Set(["xsi"]);

describe("the XML reader and fast-xml-parser", () => {
  it("have enough to compare", () => {
    expect(files.length).toBeGreaterThan(7);
  });

  it.each(files)("see the same in %s", (file) => {
    const bytes = readFileSync(resolve(root, file));
    const text = bytes.toString("utf8");
    expect(XMLValidator.validate(text)).toBe(true);

    const document = (parser.parse(text) as readonly TheirNode[]).find((node) => !("#text" in node));

    expect(theirs(document ?? {})).toEqual(ours(readXml(bytes, file).document.root));
  });
});
