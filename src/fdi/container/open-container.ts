import { type ReadPackage, readDevicePackage } from "#fdi/read-package.ts";
import { readXml, type XmlOptions } from "#fdi/xml/read-xml.ts";
import { PackageError, type PackageWarning } from "#model/package-problem.ts";
import { type CatalogPart, readCatalog } from "./catalog-part.ts";
import { readContainerParts } from "./container-parts.ts";
import { type ContentTypes, contentTypeOf, type Parts, readContentTypes, relatedParts } from "./opc-parts.ts";
import { catalogPart, catalogRelationship, descriptionRelationship } from "./pack-container.ts";
import { checkManifest } from "./part-manifest.ts";
import { contentTypesName, relationshipsPartOf } from "./part-name.ts";
import { originRelationship, signatureRelationship } from "./sign-container.ts";
import { enforce, type SignatureRules, type SignatureState } from "./signature-policy.ts";
import { judgeSigner } from "./trust.ts";
import { verifyXmlSignature } from "./xml-signature.ts";

const certificateRelationship =
  "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/certificate";

export interface ContainerPart {
  readonly name: string;
  readonly mediaType: string;
  readonly size: number;
}

/** A container that was opened; `read` is undefined when it holds no description of ours (EDD is not interpreted). */
export interface OpenedContainer {
  readonly signature: SignatureState;
  readonly read: ReadPackage | undefined;
  readonly catalog: CatalogPart | undefined;
  readonly parts: readonly ContainerPart[];
  readonly content: Parts;
}

/**
 * Opens a container: checks the zip, verifies the signature as the rules ask, and only then reads what is inside. Throws
 * PackageError; nothing is written anywhere.
 */
export async function openContainer(
  bytes: Uint8Array,
  source: string,
  rules: SignatureRules,
  options: XmlOptions = {},
): Promise<OpenedContainer> {
  const content = await readContainerParts(bytes, source);
  const types = readContentTypes(content.get(contentTypesName) ?? new Uint8Array(), `${source}!${contentTypesName}`);
  const signature = signatureOf(content, types, rules, source);
  enforce(signature.state, rules.policy, source);
  checkDescriptionLink(content, signature.whole, source);
  const catalog = catalogOf(content, source);
  return {
    signature: signature.state,
    catalog,
    read: descriptionOf(content, catalog, { source, options, signature: signature.state }),
    parts: [...content].map(([name, { length }]) => ({ name, mediaType: contentTypeOf(name, types), size: length })),
    content,
  };
}

interface CheckedSignature {
  readonly state: SignatureState;
  /** Parts that are signed to the last byte; undefined when there is no signature. */
  readonly whole: ReadonlySet<string> | undefined;
}

function signatureOf(parts: Parts, types: ContentTypes, rules: SignatureRules, source: string): CheckedSignature {
  if (rules.policy === "off") return { state: { state: "not-checked" }, whole: undefined };
  const origins = relatedParts(parts, "/", originRelationship, source);
  const found = origins.flatMap((origin) => relatedParts(parts, origin, signatureRelationship, source));
  const [name, second] = found;
  if (name === undefined) return { state: unsignedState(parts), whole: undefined };
  if (second !== undefined) {
    throw new PackageError("signature-unsupported", `${source}: ${found.length} signatures: expected one`);
  }
  const { document } = readXml(parts.get(name) ?? new Uint8Array(), `${source}!${name}`);
  const verified = verifyXmlSignature(document, document.root);
  const exempt = exemptParts(parts, origins, name, source);
  const { signedAt, whole } = checkManifest(verified.signedTexts, parts, types, exempt);
  const verdict = judgeSigner(verified.certificates, rules.trust, { signedAt, now: rules.now });
  const { signer } = verdict;
  if (verdict.trusted) return { state: { state: "trusted", signer, signedAt }, whole };
  const { problem, message } = verdict;
  return { state: { state: "untrusted", signer, signedAt, problem, message }, whole };
}

/** What a signature cannot cover: the list of content types, which is no part, itself, and the way that leads to it. */
function exemptParts(parts: Parts, origins: readonly string[], signature: string, source: string): ReadonlySet<string> {
  const certificates = relatedParts(parts, signature, certificateRelationship, source);
  const leading = [...origins, ...origins.map(relationshipsPartOf), signature, relationshipsPartOf(signature)];
  return new Set([contentTypesName, ...leading, ...certificates]);
}

/** A container from which the way to its signature was cut is not the same as one that never had any. */
function unsignedState(parts: Parts): SignatureState {
  const rest = [...parts.keys()].find((name) => name.toLowerCase().startsWith("/_xmlsignatures/"));
  if (rest === undefined) return { state: "unsigned" };
  throw new PackageError("signature-malformed", `${rest} is there but no relationship leads to a signature`);
}

/** Which part is the description is said by the relationships of the package: they must be signed as a whole. */
function checkDescriptionLink(parts: Parts, whole: ReadonlySet<string> | undefined, source: string): void {
  if (whole === undefined || relatedParts(parts, "/", descriptionRelationship, source).length === 0) return;
  const link = relationshipsPartOf("/");
  if (!whole.has(link)) throw new PackageError("part-unsigned", `${source}: ${link} is signed in part only`);
}

function catalogOf(parts: Parts, source: string): CatalogPart | undefined {
  const [related] = relatedParts(parts, "/", catalogRelationship, source);
  const name = related ?? [...parts.keys()].find((part) => part.toLowerCase() === catalogPart.toLowerCase());
  const bytes = name === undefined ? undefined : parts.get(name);
  return bytes === undefined ? undefined : readCatalog(bytes, `${source}!${name ?? ""}`);
}

interface DescriptionContext {
  readonly source: string;
  readonly options: XmlOptions;
  readonly signature: SignatureState;
}

function descriptionOf(
  parts: Parts,
  catalog: CatalogPart | undefined,
  context: DescriptionContext,
): ReadPackage | undefined {
  const { source, options, signature } = context;
  const found = relatedParts(parts, "/", descriptionRelationship, source);
  const [name] = found;
  const bytes = name === undefined ? undefined : parts.get(name);
  if (bytes === undefined) return undefined;
  if (found.length > 1)
    throw new PackageError("container-invalid", `${source}: ${found.length} descriptions: expected one`);
  const read = readDevicePackage(bytes, `${source}!${name ?? ""}`, options);
  const own = catalog?.own;
  if (own !== undefined && (own.id !== read.package.id || own.revision !== read.package.revision)) {
    const names = `catalog ${own.id}@${own.revision}, description ${read.package.id}@${read.package.revision}`;
    throw new PackageError("container-invalid", `${source}: ${names}: expected the same package`);
  }
  return { ...read, warnings: [...read.warnings, ...signatureWarnings(signature, source)] };
}

/** What the policy `warn` let pass. */
export function signatureWarnings(signature: SignatureState, source: string): PackageWarning[] {
  const location = { source, line: 1, column: 1 };
  if (signature.state === "unsigned") return [{ code: "unsigned", message: "the package is not signed", location }];
  if (signature.state === "untrusted") return [{ code: "untrusted", message: signature.message, location }];
  return [];
}
