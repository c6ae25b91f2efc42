import { createHash } from "node:crypto";
import { readXml } from "#fdi/xml/read-xml.ts";
import { compactXml, element } from "#fdi/xml/write-xml.ts";
import type { XmlElement } from "#fdi/xml/xml-document.ts";
import { PackageError, type PackageProblem } from "#model/package-problem.ts";
import { type ContentTypes, contentTypeOf, type Parts } from "./opc-parts.ts";
import { contentTypesName } from "./part-name.ts";
import { digitalSignatureNamespace, relationshipTransform, transformRelationships } from "./relationship-transform.ts";
import { elementsOf, isNamed, onlyChild, sha256 } from "./xml-signature.ts";

const digestNames: ReadonlyMap<string, string> = new Map([
  [sha256, "sha256"],
  ["http://www.w3.org/2001/04/xmlenc#sha512", "sha512"],
]);

/** The `Manifest` of all given parts and the time of signing (epoch ms), as the content of the object that is signed. */
export function manifestXml(parts: Parts, types: ContentTypes, signedAt: number): string {
  const references = [...parts]
    .filter(([part]) => part !== contentTypesName)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([part, bytes]) =>
      element("Reference", { URI: `${part}?ContentType=${contentTypeOf(part, types)}` }, [
        element("DigestMethod", { Algorithm: sha256 }),
        element("DigestValue", {}, [createHash("sha256").update(bytes).digest("base64")]),
      ]),
    );
  const time = element("mdssi:SignatureTime", { "xmlns:mdssi": digitalSignatureNamespace }, [
    element("mdssi:Format", {}, ["YYYY-MM-DDThh:mm:ssTZD"]),
    element("mdssi:Value", {}, [`${new Date(signedAt).toISOString().slice(0, 19)}Z`]),
  ]);
  const property = element("SignatureProperty", { Id: "idSignatureTime", Target: "#idPackageSignature" }, [time]);
  return compactXml([element("Manifest", {}, references), element("SignatureProperties", {}, [property])]);
}

export interface CheckedManifest {
  /** The time that the signature claims, epoch ms. */
  readonly signedAt: number | undefined;
  /** Parts whose every byte is signed; a relationships part may be signed in part only. */
  readonly whole: ReadonlySet<string>;
}

/**
 * Compares the parts of a container with the manifest in the signed texts: each listed part is there, unchanged, with the
 * content type that was signed, and no part is there that is neither listed nor in `exempt`. Throws PackageError
 * `part-altered`, `part-removed`, `part-unsigned`, or a `signature-` code.
 */
export function checkManifest(
  signedTexts: readonly string[],
  parts: Parts,
  types: ContentTypes,
  exempt: ReadonlySet<string>,
): CheckedManifest {
  const roots = signedTexts.map((text) => readXml(Buffer.from(text, "utf8"), "signed text").document.root);
  const object = roots.find((root) => isNamed(root, "Object") && root.children.some(isManifest));
  if (object === undefined) return refuse("signature-malformed", "no manifest of parts is signed");
  const listed = onlyChild(object, "Manifest").children.map((reference) => checkReference(reference, parts, types));
  const covered = new Set(listed.map(({ part }) => part));
  if (covered.size < listed.length) refuse("signature-malformed", "a part is listed twice");
  for (const part of parts.keys()) {
    if (!exempt.has(part) && !covered.has(part)) refuse("part-unsigned", `${part} is not covered by the signature`);
  }
  const whole = new Set(listed.filter(({ isWhole }) => isWhole).map(({ part }) => part));
  return { signedAt: signedAtOf(object), whole };
}

interface CheckedReference {
  readonly part: string;
  readonly isWhole: boolean;
}

function checkReference(reference: XmlElement, parts: Parts, types: ContentTypes): CheckedReference {
  const match = /^(\/[^?]*)\?ContentType=(.*)$/.exec(reference.attributes.get("URI")?.value ?? "");
  const [, part, mediaType] = match ?? [];
  if (!isNamed(reference, "Reference") || part === undefined) {
    return refuse("signature-malformed", "a reference to a part cannot be read");
  }
  const bytes = parts.get(part);
  if (bytes === undefined) return refuse("part-removed", `${part} is signed but missing`);
  if (contentTypeOf(part, types) !== mediaType) return refuse("part-altered", `${part}: its content type was changed`);
  const signedBytes = transformed(reference, bytes, part);
  const digest = createHash(digestNameOf(reference)).update(signedBytes).digest("base64");
  const signed = onlyChild(reference, "DigestValue").text.replaceAll(/\s/g, "");
  if (digest !== signed) refuse("part-altered", `${part} was changed after signing`);
  return { part, isWhole: signedBytes === bytes };
}

function digestNameOf(reference: XmlElement): string {
  const algorithm = onlyChild(reference, "DigestMethod").attributes.get("Algorithm")?.value ?? "";
  return digestNames.get(algorithm) ?? refuse("signature-unsupported", `DigestMethod ${algorithm} is not accepted`);
}

function transformed(reference: XmlElement, bytes: Uint8Array, part: string): Uint8Array {
  const lists = reference.children.filter((child) => isNamed(child, "Transforms"));
  const [first] = lists.flatMap(({ children }) => children);
  if (first === undefined) return bytes;
  const algorithm = first.attributes.get("Algorithm")?.value ?? "";
  // The canonicalization that follows a relationships transform changes nothing: its result is canonical already.
  if (algorithm === relationshipTransform) return transformRelationships(bytes, part, first);
  return refuse("signature-unsupported", `${part}: transform ${algorithm} is not accepted`);
}

function isManifest(child: XmlElement): boolean {
  return isNamed(child, "Manifest");
}

function signedAtOf(object: XmlElement): number | undefined {
  const values = [...elementsOf(object)].filter((found) => found.namespace === digitalSignatureNamespace);
  const time = Date.parse(values.find(({ name }) => name === "Value")?.text.trim() ?? "");
  return Number.isNaN(time) ? undefined : time;
}

function refuse(problem: PackageProblem, message: string): never {
  throw new PackageError(problem, message);
}
