import { X509Certificate } from "node:crypto";
import { SignedXml } from "xml-crypto";
import type { XmlDocument, XmlElement } from "#fdi/xml/xml-document.ts";
import { messageOf } from "#model/errors.ts";
import { PackageError, type PackageProblem } from "#model/package-problem.ts";

export const signatureNamespace = "http://www.w3.org/2000/09/xmldsig#";
export const exclusiveC14n = "http://www.w3.org/2001/10/xml-exc-c14n#";
export const sha256 = "http://www.w3.org/2001/04/xmlenc#sha256";
export const rsaSha256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
export const envelopedSignature = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

// No SHA-1, no HMAC, no canonicalization that keeps comments: comments inside signed values were an attack (CVE-2025-29775).
const canonicalizations = new Set(["http://www.w3.org/TR/2001/REC-xml-c14n-20010315", exclusiveC14n]);
const digests = new Set([sha256, "http://www.w3.org/2001/04/xmlenc#sha512"]);
const signatureMethods = new Set([rsaSha256, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"]);
const maxCertificates = 10;

/** What a signature proves, once it has been verified. */
export interface VerifiedSignature {
  /** The canonical XML of each signed reference: the only text that may be believed. */
  readonly signedTexts: readonly string[];
  /** The certificates that the signature carries, the signer's first; whether they are trusted is another question. */
  readonly certificates: readonly X509Certificate[];
}

/**
 * Verifies the only signature of a document with the key of the certificate that it carries. Structure, algorithms and
 * references are checked on our own reading first, because a signature that two parsers read differently proves nothing.
 * Throws PackageError with a `signature-` code.
 */
export function verifyXmlSignature(document: XmlDocument, signature: XmlElement): VerifiedSignature {
  checkStructure(document, signature);
  const certificates = certificatesOf(signature);
  const [leaf] = certificates;
  if (leaf === undefined) return refuse("signature-malformed", "the signature carries no certificate");
  const verifier = new SignedXml({
    publicCert: leaf.publicKey.export({ type: "spki", format: "pem" }),
    getCertFromKeyInfo: () => null,
  });
  try {
    verifier.loadSignature(document.text.slice(signature.offset, signature.end));
    if (!verifier.checkSignature(document.text)) return refuse("signature-wrong", "a signed digest does not match");
    return { signedTexts: verifier.getSignedReferences(), certificates };
  } catch (error) {
    if (error instanceof PackageError) throw error;
    return refuse("signature-wrong", messageOf(error).slice(0, 120), error);
  }
}

/** Every element of a document, the root first. */
export function* elementsOf(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const child of element.children) yield* elementsOf(child);
}

/** The signature elements of a document, wherever they are. */
export function signaturesIn(document: XmlDocument): XmlElement[] {
  return [...elementsOf(document.root)].filter((found) => isNamed(found, "Signature"));
}

function checkStructure(document: XmlDocument, signature: XmlElement): void {
  const all = [...elementsOf(document.root)];
  if (!isNamed(signature, "Signature")) refuse("signature-malformed", `${signature.name} is no Signature`);
  for (const name of ["Signature", "SignedInfo", "SignatureValue"]) {
    const count = all.filter((found) => isNamed(found, name)).length;
    if (count !== 1) refuse("signature-malformed", `${count} elements ${name}: expected one`);
  }
  if (/<!|<\?/.test(document.text.slice(signature.offset, signature.end))) {
    refuse("signature-malformed", "comments, CDATA and instructions are not accepted inside a signature");
  }
  const ids = all.flatMap(({ attributes }) => ["Id", "ID", "id"].flatMap((name) => attributes.get(name)?.value ?? []));
  if (new Set(ids).size < ids.length) refuse("signature-malformed", "an Id occurs twice");
  const info = onlyChild(signature, "SignedInfo");
  checkAlgorithm(onlyChild(info, "CanonicalizationMethod"), canonicalizations);
  checkAlgorithm(onlyChild(info, "SignatureMethod"), signatureMethods);
  const references = info.children.filter((child) => isNamed(child, "Reference"));
  if (references.length === 0) refuse("signature-malformed", "the signature has no Reference");
  for (const reference of references) checkReference(reference);
}

function checkReference(reference: XmlElement): void {
  const uri = reference.attributes.get("URI")?.value;
  if (uri === undefined || !/^(?:#[A-Za-z0-9_.-]+)?$/.test(uri)) {
    refuse("signature-unsupported", `Reference to ${JSON.stringify(uri)}: expected an element of the same document`);
  }
  checkAlgorithm(onlyChild(reference, "DigestMethod"), digests);
  const transforms = reference.children
    .filter((child) => isNamed(child, "Transforms"))
    .flatMap(({ children }) => children);
  const allowed = uri === "" ? new Set([...canonicalizations, envelopedSignature]) : canonicalizations;
  for (const transform of transforms) checkAlgorithm(transform, allowed);
}

function checkAlgorithm(method: XmlElement, allowed: ReadonlySet<string>): void {
  const algorithm = method.attributes.get("Algorithm")?.value ?? "";
  if (!allowed.has(algorithm)) refuse("signature-unsupported", `${method.name} ${algorithm} is not accepted`);
}

function certificatesOf(signature: XmlElement): X509Certificate[] {
  const texts = [...elementsOf(signature)].filter((found) => isNamed(found, "X509Certificate")).map(({ text }) => text);
  if (texts.length > maxCertificates)
    refuse("signature-malformed", `${texts.length} certificates: expected at most ${maxCertificates}`);
  try {
    return texts.map((text) => new X509Certificate(Buffer.from(text, "base64")));
  } catch (error) {
    return refuse("signature-malformed", "a certificate of the signature cannot be read", error);
  }
}

/** The only child of this name in the namespace of signatures. */
export function onlyChild(parent: XmlElement, name: string): XmlElement {
  const found = parent.children.filter((child) => isNamed(child, name));
  const [first] = found;
  if (first === undefined || found.length > 1) {
    return refuse("signature-malformed", `${found.length} elements ${name} in ${parent.name}: expected one`);
  }
  return first;
}

export function isNamed(element: XmlElement, name: string): boolean {
  return element.name === name && element.namespace === signatureNamespace;
}

function refuse(problem: PackageProblem, message: string, cause?: unknown): never {
  throw new PackageError(problem, message, undefined, { cause });
}
