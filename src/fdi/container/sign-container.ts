import type { KeyObject, X509Certificate } from "node:crypto";
import { SignedXml } from "xml-crypto";
import { readXml } from "#fdi/xml/read-xml.ts";
import type { XmlDocument } from "#fdi/xml/xml-document.ts";
import { PackageError } from "#model/package-problem.ts";
import { readContainerParts, writeContainer } from "./container-parts.ts";
import {
  type ContentTypes,
  type Parts,
  readContentTypes,
  readRelationships,
  relationshipsMediaType,
  writeContentTypes,
  writeRelationships,
} from "./opc-parts.ts";
import { manifestXml } from "./part-manifest.ts";
import { contentTypesName, relationshipsPartOf } from "./part-name.ts";
import {
  envelopedSignature,
  exclusiveC14n,
  rsaSha256,
  sha256,
  signatureNamespace,
  signaturesIn,
} from "./xml-signature.ts";

export const signatureOrigin = "/_xmlsignatures/origin.sigs";
export const originRelationship =
  "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/origin";
export const signatureRelationship =
  "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/signature";
const originMediaType = "application/vnd.openxmlformats-package.digital-signature-origin";
const signatureMediaType = "application/vnd.openxmlformats-package.digital-signature-xmlsignature+xml";
const signaturePart = "/_xmlsignatures/sig1.xml";
const objectId = "idPackageObject";

export interface SigningIdentity {
  readonly privateKey: KeyObject;
  /** The signer's certificate first, then those of the authorities above it. */
  readonly certificates: readonly X509Certificate[];
}

/**
 * Signs every part of a container (ISO/IEC 29500-2, 10); a signature that it has is replaced. `signedAt` is epoch ms.
 * Throws PackageError `signer-unsuitable` when key and certificate do not belong together.
 */
export async function signContainer(
  bytes: Uint8Array,
  source: string,
  identity: SigningIdentity,
  signedAt: number,
): Promise<Buffer> {
  checkIdentity(identity);
  const old = await readContainerParts(bytes, source);
  const parts = new Map<string, Uint8Array>([...old].filter(([part]) => !part.startsWith("/_xmlsignatures/")));
  const types = withSignatureTypes(readContentTypes(parts.get(contentTypesName) ?? new Uint8Array(), source));
  const origin = { id: "idSignatureOrigin", type: originRelationship, target: signatureOrigin, isExternal: false };
  const others = readRelationships(parts, "/", source).filter(({ type }) => type !== originRelationship);
  parts.set(relationshipsPartOf("/"), utf8(writeRelationships([...others, origin])));
  const signature = signatureXml(parts, types, identity, signedAt);
  parts.set(contentTypesName, utf8(writeContentTypes(types)));
  parts.set(signatureOrigin, new Uint8Array());
  const link = { id: "idSignature", type: signatureRelationship, target: signaturePart, isExternal: false };
  parts.set(relationshipsPartOf(signatureOrigin), utf8(writeRelationships([link])));
  parts.set(signaturePart, utf8(signature));
  return writeContainer(parts);
}

function checkIdentity({ privateKey, certificates }: SigningIdentity): void {
  const [leaf] = certificates;
  if (leaf === undefined || !leaf.checkPrivateKey(privateKey)) {
    throw new PackageError("signer-unsuitable", "the first certificate does not belong to the private key");
  }
}

function withSignatureTypes(types: ContentTypes): ContentTypes {
  return {
    defaults: new Map([...types.defaults, ["rels", relationshipsMediaType], ["sigs", originMediaType]]),
    overrides: new Map([...types.overrides, [signaturePart, signatureMediaType]]),
  };
}

function signatureXml(parts: Parts, types: ContentTypes, identity: SigningIdentity, signedAt: number): string {
  const signer = signerFor(identity, [{ content: manifestXml(parts, types, signedAt), attributes: { Id: objectId } }]);
  signer.addReference({
    xpath: `//*[@Id='${objectId}']`,
    transforms: [exclusiveC14n],
    digestAlgorithm: sha256,
    uri: `#${objectId}`,
    type: `${signatureNamespace}Object`,
  });
  signer.computeSignature("<package/>", { attrs: { Id: "idPackageSignature" } });
  return `<?xml version="1.0" encoding="UTF-8"?>\n${signer.getSignatureXml()}`;
}

/**
 * Signs a bare description: an enveloped signature as the last child of its root; one that it has is replaced. Throws as
 * `readXml` and `signer-unsuitable`.
 */
export function signDescription(bytes: Uint8Array, source: string, identity: SigningIdentity): string {
  checkIdentity(identity);
  const text = unsignedText(readXml(bytes, source).document);
  const signer = signerFor(identity, []);
  signer.addReference({
    xpath: "/*",
    transforms: [envelopedSignature, exclusiveC14n],
    digestAlgorithm: sha256,
    uri: "",
    isEmptyUri: true,
  });
  signer.computeSignature(text, { location: { reference: "/*", action: "append" } });
  return signer.getSignedXml();
}

function unsignedText(document: XmlDocument): string {
  const old = signaturesIn(document).toSorted((a, b) => b.offset - a.offset);
  return old.reduce((text, { offset, end }) => text.slice(0, offset) + text.slice(end), document.text);
}

function signerFor(
  { privateKey, certificates }: SigningIdentity,
  objects: { content: string; attributes: { Id: string } }[],
): SignedXml {
  const published = certificates
    .map(({ raw }) => `<X509Certificate>${raw.toString("base64")}</X509Certificate>`)
    .join("");
  return new SignedXml({
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }),
    signatureAlgorithm: rsaSha256,
    canonicalizationAlgorithm: exclusiveC14n,
    getKeyInfoContent: () => `<X509Data>${published}</X509Data>`,
    objects,
  });
}

function utf8(text: string): Uint8Array {
  return Buffer.from(text, "utf8");
}
