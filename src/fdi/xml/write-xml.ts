/** A node to be written: an element, or text. */
export type XmlNode = XmlOutput | string;

export interface XmlOutput {
  readonly name: string;
  readonly attributes: readonly (readonly [name: string, value: string])[];
  readonly children: readonly XmlNode[];
}

type AttributeValue = string | number | bigint | boolean | undefined;

/** An element; attributes that are undefined and children that are undefined or empty texts are left out. */
export function element(
  name: string,
  attributes: Readonly<Record<string, AttributeValue>>,
  children: readonly (XmlNode | undefined)[] = [],
): XmlOutput {
  return {
    name,
    attributes: Object.entries(attributes).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, String(value)] as const],
    ),
    children: children.flatMap((child) => (child === undefined || child === "" ? [] : [child])),
  };
}

/** An element that is left out when it would have no children. */
export function section(name: string, children: readonly XmlNode[]): XmlOutput | undefined {
  return children.length === 0 ? undefined : element(name, {}, children);
}

/** An element with a text; left out when the text is empty. */
export function textElement(name: string, text: string): XmlOutput | undefined {
  return text === "" ? undefined : element(name, {}, [text]);
}

/** A whole document in UTF-8 text, two spaces a level, deterministic. */
export function writeXml(root: XmlOutput): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${written(root, "")}\n`;
}

/** Elements without a declaration and without white space between them. */
export function compactXml(nodes: readonly XmlOutput[]): string {
  return nodes.map(compact).join("");
}

function compact(node: XmlNode): string {
  if (typeof node === "string") return escapedText(node);
  const attributes = node.attributes.map(([name, value]) => ` ${name}="${escapedAttribute(value)}"`).join("");
  return `<${node.name}${attributes}>${node.children.map(compact).join("")}</${node.name}>`;
}

function written(node: XmlOutput, indent: string): string {
  const attributes = node.attributes.map(([name, value]) => ` ${name}="${escapedAttribute(value)}"`).join("");
  if (node.children.length === 0) return `${indent}<${node.name}${attributes}/>`;
  if (node.children.some((child) => typeof child === "string")) return `${indent}${compact(node)}`;
  const inner = node.children.map((child) => (typeof child === "string" ? child : written(child, `${indent}  `)));
  return `${indent}<${node.name}${attributes}>\n${inner.join("\n")}\n${indent}</${node.name}>`;
}

function escapedText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("]]>", "]]&gt;").replaceAll("\r", "&#13;");
}

function escapedAttribute(value: string): string {
  return escapedText(value).replaceAll('"', "&quot;").replaceAll("\n", "&#10;").replaceAll("\t", "&#9;");
}
