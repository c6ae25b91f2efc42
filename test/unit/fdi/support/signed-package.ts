import type { X509Certificate } from "node:crypto";
import { packContainer } from "#fdi/container/pack-container.ts";
import type { SigningIdentity } from "#fdi/container/sign-container.ts";
import { signContainer } from "#fdi/container/sign-container.ts";
import type { SignaturePolicy, SignatureRules } from "#fdi/container/signature-policy.ts";
import type { TrustList } from "#fdi/container/trust.ts";
import { readDevicePackage } from "#fdi/read-package.ts";
import { packageText } from "../v2/package-text.ts";
import { type CertificateWish, codeSigning, issueCertificate, type KeyPair, newKeyPair } from "./certificate.ts";

export const now = Date.parse("2026-03-09T08:00:00Z");
export const signedAt = Date.parse("2026-03-01T12:00:00Z");

// Keys are expensive: made once for all tests of a run.
const rootKeys = newKeyPair();
const signerKeys = newKeyPair();

export const rootCertificate = issueCertificate({
  commonName: "Test Root",
  issuerName: "Test Root",
  publicKey: rootKeys.publicKey,
  issuerKey: rootKeys.privateKey,
  isAuthority: true,
});

/** A certificate for `keys` that the test root has issued. */
export function issuedByRoot(commonName: string, { publicKey }: KeyPair, isAuthority: boolean): X509Certificate {
  const issuer = { issuerName: "Test Root", issuerKey: rootKeys.privateKey };
  return issueCertificate({
    commonName,
    publicKey,
    isAuthority,
    purposes: isAuthority ? [] : [codeSigning],
    ...issuer,
  });
}

/** A signer below the test root; parts of its certificate can be wished for. */
export function signer(wish: Partial<CertificateWish> = {}): SigningIdentity {
  const certificate = issueCertificate({
    commonName: "Test Signer",
    issuerName: "Test Root",
    publicKey: signerKeys.publicKey,
    issuerKey: rootKeys.privateKey,
    purposes: [codeSigning],
    ...wish,
  });
  return { privateKey: signerKeys.privateKey, certificates: [certificate] };
}

/** A signer that nobody vouches for. */
export function stranger(): SigningIdentity {
  return signer({ commonName: "Stranger", issuerName: "Stranger", issuerKey: signerKeys.privateKey });
}

export const trust: TrustList = { anchors: [rootCertificate], rejected: new Set() };

export function rules(policy: SignaturePolicy = "require", list: TrustList = trust): SignatureRules {
  return { policy, trust: list, now };
}

const documents = `<Documents><Document id="manual" kind="manual" mediaType="application/pdf" href="documents/manual.pdf"/></Documents>`;

export const descriptionText = packageText({ more: documents });

/** An unsigned container with a description and one document. */
export async function container(text = descriptionText): Promise<Buffer> {
  const bytes = Buffer.from(text);
  const { package: pkg } = readDevicePackage(bytes, "p.fdi");
  return packContainer(pkg, bytes, async () => Buffer.from("%PDF-1.7 manual"));
}

export async function signedContainer(identity = signer(), text = descriptionText): Promise<Buffer> {
  return signContainer(await container(text), "p.fdix", identity, signedAt);
}
