import type { OpaqueElement } from "#model/package-details.ts";
import type { XmlElement } from "./xml-document.ts";

const signatureNamespace = "http://www.w3.org/2000/09/xmldsig#";

/** An element as data, without its place in the file; text around child elements is joined. */
export function opaqueOf(element: XmlElement): OpaqueElement {
  return {
    name: element.name,
    namespace: element.namespace,
    attributes: new Map([...element.attributes].map(([name, { value }]) => [name, value])),
    text: element.text.trim(),
    children: element.children.map(opaqueOf),
  };
}

/** Elements of other namespaces as data; a signature is about the file, not part of what it says. */
export function extensionsOf(foreign: readonly XmlElement[]): readonly OpaqueElement[] {
  return foreign.filter(({ namespace }) => namespace !== signatureNamespace).map(opaqueOf);
}
