import { X509Certificate } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { messageOf } from "#model/errors.ts";
import { PackageError, type PackageProblem } from "#model/package-problem.ts";

/** Who may sign packages. */
export interface TrustList {
  /** Certificates of authorities, or of signers themselves. */
  readonly anchors: readonly X509Certificate[];
  /** SHA-256 fingerprints of certificates that are never accepted, although an authority vouches for them. */
  readonly rejected: ReadonlySet<string>;
}

export interface Signer {
  readonly commonName: string;
  /** Distinguished name, parts separated by `, `. */
  readonly subject: string;
  readonly issuer: string;
  /** SHA-256, hexadecimal with colons. */
  readonly fingerprint: string;
}

export type TrustVerdict =
  | { readonly trusted: true; readonly signer: Signer }
  | { readonly trusted: false; readonly signer: Signer; readonly problem: PackageProblem; readonly message: string };

interface Moment {
  /** The time that the signature claims, epoch ms; undefined when it claims none. */
  readonly signedAt: number | undefined;
  readonly now: number;
}

const codeSigning = "1.3.6.1.5.5.7.3.3";
const minimumRsaBits = 2048;
const maxChain = 8;

/**
 * Judges the first certificate of a signature: fit for code signing, valid now and at the claimed time, and vouched for by
 * the trust list through the other certificates. Nothing in `certificates` is trusted by itself. Without a time stamp a
 * signature counts as long as its certificate does. Revocation lists are not read: `rejected` takes their place.
 */
export function judgeSigner(certificates: readonly X509Certificate[], trust: TrustList, at: Moment): TrustVerdict {
  const [leaf] = certificates;
  if (leaf === undefined) throw new PackageError("signature-malformed", "the signature names no certificate");
  const signer = signerOf(leaf);
  const no = (problem: PackageProblem, message: string): TrustVerdict => ({ trusted: false, signer, problem, message });
  if (trust.rejected.has(leaf.fingerprint256))
    return no("signer-rejected", `${signer.subject} is on the list of rejected signers`);
  if (!leaf.keyUsage?.includes(codeSigning))
    return no("signer-unsuitable", `${signer.subject} is not a certificate for code signing`);
  if (!isStrong(leaf))
    return no("signer-unsuitable", `${signer.subject}: expected an RSA key of ${minimumRsaBits} bits or more`);
  if (at.now < leaf.validFromDate.getTime())
    return no("signer-not-yet-valid", `${signer.subject} is valid from ${leaf.validFrom}`);
  if (at.signedAt !== undefined && (at.signedAt < leaf.validFromDate.getTime() || at.signedAt > at.now)) {
    return no("signer-not-yet-valid", `the claimed time of signing is outside the validity of ${signer.subject}`);
  }
  if (at.now > leaf.validToDate.getTime())
    return no("signer-expired", `${signer.subject} was valid until ${leaf.validTo}`);
  if (reachesAnchor(leaf, certificates, trust, at.now)) return { trusted: true, signer };
  if (reachesAnchor(leaf, certificates, trust, undefined)) {
    return no("signer-expired", `an authority above ${signer.subject} is not valid now`);
  }
  return no("signer-unknown", `${signer.subject} is not known to the trust list`);
}

/** The names of a certificate's holder. */
export function signerOf(certificate: X509Certificate): Signer {
  return {
    commonName: /(?:^|\n)CN=([^\n]*)/.exec(certificate.subject)?.[1] ?? certificate.subject,
    subject: certificate.subject.replaceAll("\n", ", "),
    issuer: certificate.issuer.replaceAll("\n", ", "),
    fingerprint: certificate.fingerprint256,
  };
}

function isStrong({ publicKey }: X509Certificate): boolean {
  return (
    publicKey.asymmetricKeyType === "rsa" && (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) >= minimumRsaBits
  );
}

/** Breadth-first from the leaf upwards; each certificate is looked at once, so crafted cross-signatures cost nothing. */
function reachesAnchor(
  leaf: X509Certificate,
  certificates: readonly X509Certificate[],
  trust: TrustList,
  now: number | undefined,
): boolean {
  const anchors = new Set(trust.anchors.map(({ fingerprint256 }) => fingerprint256));
  const usable = [...trust.anchors, ...certificates].filter(
    (candidate) => candidate.ca && !trust.rejected.has(candidate.fingerprint256) && isValidAt(candidate, now),
  );
  const seen = new Set([leaf.fingerprint256]);
  let level: X509Certificate[] = [leaf];
  for (let depth = 0; depth < maxChain && level.length > 0; depth += 1) {
    if (level.some(({ fingerprint256 }) => anchors.has(fingerprint256))) return true;
    const issuers = usable.filter(
      (candidate) => !seen.has(candidate.fingerprint256) && level.some((child) => isIssuedBy(child, candidate)),
    );
    for (const { fingerprint256 } of issuers) seen.add(fingerprint256);
    level = issuers;
  }
  return false;
}

function isValidAt(certificate: X509Certificate, now: number | undefined): boolean {
  return now === undefined || (now >= certificate.validFromDate.getTime() && now <= certificate.validToDate.getTime());
}

function isIssuedBy(child: X509Certificate, issuer: X509Certificate): boolean {
  return child.checkIssued(issuer) && child.verify(issuer.publicKey);
}

/**
 * Reads a trust list: certificates (PEM or DER, `.pem .crt .cer .der`) in the folders `trusted` and `rejected` below
 * `folder`. A missing folder is empty. Throws PackageError `signer-unknown` when a file is no certificate.
 */
export async function loadTrustList(folder: string): Promise<TrustList> {
  const anchors = await certificatesIn(path.join(folder, "trusted"));
  const rejected = await certificatesIn(path.join(folder, "rejected"));
  return { anchors, rejected: new Set(rejected.map(({ fingerprint256 }) => fingerprint256)) };
}

async function certificatesIn(folder: string): Promise<X509Certificate[]> {
  const names = await namesIn(folder);
  const files = names.filter((name) => /\.(?:pem|crt|cer|der)$/i.test(name)).sort();
  const lists = await Promise.all(files.map(async (name) => readCertificates(path.join(folder, name))));
  return lists.flat();
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

/** The certificates in a file, PEM (several, in order) or DER (one). */
export async function readCertificates(file: string): Promise<X509Certificate[]> {
  const bytes = await readFile(file);
  try {
    const blocks = bytes.toString("latin1").match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g);
    return (blocks ?? [bytes]).map((block) => new X509Certificate(block));
  } catch (error) {
    throw new PackageError("signer-unknown", `${file} is no certificate: ${messageOf(error)}`, undefined, {
      cause: error,
    });
  }
}
