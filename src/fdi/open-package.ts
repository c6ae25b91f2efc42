import { type OpenedContainer, openContainer, signatureWarnings } from "#fdi/container/open-container.ts";
import { enforce, type SignatureRules, type SignatureState } from "#fdi/container/signature-policy.ts";
import { judgeSigner } from "#fdi/container/trust.ts";
import { onlyChild, signaturesIn, verifyXmlSignature } from "#fdi/container/xml-signature.ts";
import { readXml, type XmlOptions } from "#fdi/xml/read-xml.ts";
import type { XmlElement } from "#fdi/xml/xml-document.ts";
import { PackageError } from "#model/package-problem.ts";
import { readDevicePackage } from "./read-package.ts";

export type PackageFormat = "fdi" | "fdix";

export interface OpenedPackage extends Omit<OpenedContainer, "content"> {
  readonly format: PackageFormat;
}

/** A file that starts like a zip is a container; anything else must be a description. */
export function formatOf(bytes: Uint8Array): PackageFormat {
  return bytes[0] === 0x50 && bytes[1] === 0x4b ? "fdix" : "fdi";
}

/**
 * Opens a container or a bare description under the given signature rules. Throws PackageError; a bare description with an
 * enveloped signature is read from the canonical text that was signed, never from the file.
 */
export async function openPackage(
  bytes: Uint8Array,
  source: string,
  rules: SignatureRules,
  options: XmlOptions = {},
): Promise<OpenedPackage> {
  if (formatOf(bytes) === "fdix") return { ...(await openContainer(bytes, source, rules, options)), format: "fdix" };
  const { signature, authentic } = checkDescription(bytes, source, rules, options);
  enforce(signature, rules.policy, source);
  const read = readDevicePackage(authentic, source, options);
  const warnings = [...read.warnings, ...signatureWarnings(signature, source)];
  return { format: "fdi", signature, read: { ...read, warnings }, catalog: undefined, parts: [] };
}

function checkDescription(
  bytes: Uint8Array,
  source: string,
  rules: SignatureRules,
  options: XmlOptions,
): { readonly signature: SignatureState; readonly authentic: Uint8Array } {
  if (rules.policy === "off") return { signature: { state: "not-checked" }, authentic: bytes };
  const { document, warnings: repairs } = readXml(bytes, source, options);
  const [signature, second] = signaturesIn(document);
  if (signature === undefined) return { signature: { state: "unsigned" }, authentic: bytes };
  if (second !== undefined || !document.root.children.includes(signature) || repairs.length > 0) {
    throw new PackageError("signature-malformed", `${source}: expected one signature, directly below the root element`);
  }
  const { signedTexts, certificates } = verifyXmlSignature(document, signature);
  const [text] = signedTexts;
  if (text === undefined || signedTexts.length > 1 || referenceOf(signature) !== "") {
    throw new PackageError("signature-malformed", `${source}: expected one reference to the whole document`);
  }
  const verdict = judgeSigner(certificates, rules.trust, { signedAt: undefined, now: rules.now });
  const { signer } = verdict;
  const state: SignatureState = verdict.trusted
    ? { state: "trusted", signer, signedAt: undefined }
    : { state: "untrusted", signer, signedAt: undefined, problem: verdict.problem, message: verdict.message };
  return { signature: state, authentic: Buffer.from(text, "utf8") };
}

function referenceOf(signature: XmlElement): string | undefined {
  return onlyChild(onlyChild(signature, "SignedInfo"), "Reference").attributes.get("URI")?.value;
}
