import type { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { readContainerParts, writeContainer } from "#fdi/container/container-parts.ts";
import { signContainer, signDescription } from "#fdi/container/sign-container.ts";
import type { SignatureRules } from "#fdi/container/signature-policy.ts";
import { openPackage } from "#fdi/open-package.ts";
import { PackageError } from "#model/package-problem.ts";
import { codeSigning, issueCertificate, newKeyPair } from "../support/certificate.ts";
import {
  container,
  descriptionText,
  issuedByRoot,
  now,
  rootCertificate,
  rules,
  signedAt,
  signedContainer,
  signer,
  stranger,
  trust,
} from "../support/signed-package.ts";

async function problemOf(bytes: Uint8Array, given: SignatureRules = rules()): Promise<string> {
  try {
    await openPackage(bytes, "p.fdix", given);
    return "accepted";
  } catch (error) {
    if (error instanceof PackageError && error.code === "package-invalid") return error.problem;
    throw error;
  }
}

type Parts = Map<string, Uint8Array>;

/** The signed container with its parts changed afterwards. */
async function tampered(change: (parts: Parts) => void, from?: Buffer): Promise<Buffer> {
  const parts: Parts = await readContainerParts(from ?? (await signedContainer()), "p.fdix");
  change(parts);
  return writeContainer(parts);
}

function edit(parts: Parts, name: string, from: string | RegExp, to: string): void {
  const text = Buffer.from(parts.get(name) ?? new Uint8Array()).toString("utf8");
  const edited = text.replace(from, to);
  if (edited === text) throw new Error(`${name} has no ${String(from)}`);
  parts.set(name, Buffer.from(edited));
}

const signaturePart = "/_xmlsignatures/sig1.xml";

describe("a signed container", () => {
  it("opens with its signer, its description and its documents", async () => {
    const opened = await openPackage(await signedContainer(), "p.fdix", rules());

    expect(opened).toMatchObject({
      format: "fdix",
      signature: { state: "trusted", signedAt, signer: { commonName: "Test Signer" } },
    });
    expect(opened.read?.package.id).toBe("acme/b");
    expect(opened.catalog?.own).toEqual({ id: "acme/b", revision: "1.2.3", description: "/description.fdi" });
    expect(opened.parts.map(({ name, mediaType }) => [name, mediaType])).toContainEqual([
      "/documents/manual.pdf",
      "application/pdf",
    ]);
  });

  it("is the same bytes each time it is packed and signed from the same input", async () => {
    expect((await signedContainer()).equals(await signedContainer())).toBe(true);
  });

  it("can be signed again: the new signature replaces the old one", async () => {
    const again = await signContainer(await signedContainer(stranger()), "p.fdix", signer(), signedAt);

    expect(await problemOf(again)).toBe("accepted");
  });

  it.each<[string, (parts: Parts) => void, string]>([
    ["a part was altered", (parts) => edit(parts, "/description.fdi", "Acme", "Evil"), "part-altered"],
    ["a document was altered", (parts) => edit(parts, "/documents/manual.pdf", "manual", "malware"), "part-altered"],
    ["a part was added", (parts) => parts.set("/extra.xml", Buffer.from("<a/>")), "part-unsigned"],
    [
      "a part was added beside the signature",
      (parts) => parts.set("/_xmlsignatures/more.xml", Buffer.from("<a/>")),
      "part-unsigned",
    ],
    ["a part was removed", (parts) => parts.delete("/documents/manual.pdf"), "part-removed"],
    [
      "the relationships were altered",
      (parts) => edit(parts, "/_rels/.rels", "/description.fdi", "/Catalog.xml"),
      "part-altered",
    ],
    [
      "a content type was changed",
      (parts) => edit(parts, "/[Content_Types].xml", "application/pdf", "text/html"),
      "part-altered",
    ],
    [
      "the manifest was edited",
      (parts) =>
        edit(
          parts,
          signaturePart,
          /(?<=DigestValue>)[A-Za-z0-9+/]{4}(?=[^<]*<\/DigestValue><\/Reference><Reference)/,
          "AAAA",
        ),
      "signature-wrong",
    ],
    ["the time was edited", (parts) => edit(parts, signaturePart, "2026-03-01T12", "2026-03-02T12"), "signature-wrong"],
    [
      "the signature value was edited",
      (parts) => edit(parts, signaturePart, /(?<=<SignatureValue>)./, "_"),
      "signature-wrong",
    ],
    [
      "the way to the signature was cut",
      (parts) => edit(parts, "/_rels/.rels", /<Relationship Id="idSignatureOrigin"[^>]*>/, ""),
      "signature-malformed",
    ],
    [
      "a second SignedInfo was put in",
      (parts) => edit(parts, signaturePart, /<SignedInfo>.*<\/SignedInfo>/s, "$&$&"),
      "signature-malformed",
    ],
    [
      "a second signature was wrapped in",
      (parts) => edit(parts, signaturePart, "</Object>", "<Signature><SignedInfo/></Signature></Object>"),
      "signature-malformed",
    ],
    [
      "the signed object was moved and another put in its place",
      (parts) =>
        edit(
          parts,
          signaturePart,
          /<Object .*<\/Object>/s,
          '<Object Id="idPackageObject"><Manifest/></Object><Object>$&</Object>',
        ),
      "signature-malformed",
    ],
    [
      "a comment was put into a digest",
      (parts) => edit(parts, signaturePart, "<DigestValue>", "<DigestValue><!-- x -->"),
      "signature-malformed",
    ],
    [
      "the reference names another document",
      (parts) => edit(parts, signaturePart, 'URI="#idPackageObject"', 'URI="http://x/"'),
      "signature-unsupported",
    ],
    [
      "the digest is weak",
      (parts) =>
        edit(parts, signaturePart, "http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1"),
      "signature-unsupported",
    ],
    [
      "the method is a MAC",
      (parts) =>
        edit(
          parts,
          signaturePart,
          "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
          "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
        ),
      "signature-unsupported",
    ],
    [
      "comments would be signed",
      (parts) =>
        edit(
          parts,
          signaturePart,
          '<CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"',
          '<CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#WithComments"',
        ),
      "signature-unsupported",
    ],
    [
      "the certificate is missing",
      (parts) => edit(parts, signaturePart, /<X509Certificate>.*<\/X509Certificate>/s, ""),
      "signature-malformed",
    ],
    [
      "the certificate is another one",
      (parts) =>
        edit(
          parts,
          signaturePart,
          /(?<=<X509Certificate>).*(?=<\/X509Certificate>)/s,
          rootCertificate.raw.toString("base64"),
        ),
      "signature-wrong",
    ],
    [
      "the signature part has a document type",
      (parts) => edit(parts, signaturePart, "<Signature ", "<!DOCTYPE a><Signature "),
      "doctype",
    ],
  ])("is refused under every policy that looks when %s", async (_, change, problem) => {
    const bytes = await tampered(change);

    expect([await problemOf(bytes), await problemOf(bytes, rules("warn"))]).toEqual([problem, problem]);
  });

  it("is refused when a relationship leads to a description that is not signed as a whole", async () => {
    const bytes = await tampered((parts) => {
      parts.set("/evil.fdi", Buffer.from(descriptionText.replace("Acme", "Evil")));
      edit(
        parts,
        "/_rels/.rels",
        "</Relationships>",
        '<Relationship Id="x" Type="urn:fdi-host:relationships:description" Target="/evil.fdi"/></Relationships>',
      );
    });

    expect(await problemOf(bytes)).toBe("part-altered");
  });
});

describe("the signer", () => {
  const otherKeys = newKeyPair();
  const names = { commonName: "Middle", issuerName: "Test Root" };

  it.each([
    ["nobody vouches for it", stranger(), "signer-unknown"],
    ["its certificate has expired since", signer({ validTo: "2026-03-05T00:00:00Z" }), "signer-expired"],
    ["its certificate is not yet valid", signer({ validFrom: "2027-01-01T00:00:00Z" }), "signer-not-yet-valid"],
    ["it claims a time before its certificate", signer({ validFrom: "2026-03-05T00:00:00Z" }), "signer-not-yet-valid"],
    ["its certificate is for web servers", signer({ purposes: ["1.3.6.1.5.5.7.3.1"] }), "signer-unsuitable"],
    ["its certificate names no purpose", signer({ purposes: [] }), "signer-unsuitable"],
  ])("is refused when %s, and shown with a warning where that is enough", async (_, identity, problem) => {
    const bytes = await signedContainer(identity);

    expect(await problemOf(bytes)).toBe(problem);
    const opened = await openPackage(bytes, "p.fdix", rules("warn"));
    expect(opened.signature).toMatchObject({ state: "untrusted", problem });
    expect(opened.read?.warnings.map(({ code }) => code)).toEqual(["untrusted"]);
  });

  it("is refused when it claims to have signed in the future", async () => {
    const bytes = await signContainer(await container(), "p.fdix", signer(), now + 86_400_000);

    expect(await problemOf(bytes)).toBe("signer-not-yet-valid");
  });

  it("is accepted without an authority when its own certificate is on the trust list", async () => {
    const identity = stranger();
    const bytes = await signedContainer(identity);

    expect(await problemOf(bytes, rules("require", { ...trust, anchors: [...identity.certificates] }))).toBe(
      "accepted",
    );
  });

  it("is refused when its certificate is on the list of rejected ones, although an authority vouches for it", async () => {
    const identity = signer();
    const rejected = new Set(identity.certificates.map(({ fingerprint256 }) => fingerprint256));

    expect(await problemOf(await signedContainer(identity), rules("require", { ...trust, rejected }))).toBe(
      "signer-rejected",
    );
  });

  it("may be vouched for by an authority in between, when that one is vouched for itself", async () => {
    const below = signer({ commonName: "Below", issuerName: "Middle", issuerKey: otherKeys.privateKey });
    const good = issuedByRoot("Middle", otherKeys, true);
    const pretended = issueCertificate({
      ...names,
      publicKey: otherKeys.publicKey,
      issuerKey: otherKeys.privateKey,
      isAuthority: true,
    });
    const signedBelow = async (middle: X509Certificate): Promise<string> =>
      problemOf(await signedContainer({ ...below, certificates: [...below.certificates, middle] }));

    expect([await signedBelow(good), await signedBelow(pretended)]).toEqual(["accepted", "signer-unknown"]);
  });

  it("cannot use a weak key", async () => {
    const weak = newKeyPair(1024);
    const certificates = [issuedByRoot("Weak", weak, false)];

    expect(await problemOf(await signedContainer({ privateKey: weak.privateKey, certificates }))).toBe(
      "signer-unsuitable",
    );
  });

  it("cannot vouch for others with a certificate that is no authority", async () => {
    const leaf = signer();
    const forged = issueCertificate({
      commonName: "Forged",
      issuerName: "Test Signer",
      publicKey: otherKeys.publicKey,
      issuerKey: leaf.privateKey,
      purposes: [codeSigning],
    });
    const bytes = await signedContainer({
      privateKey: otherKeys.privateKey,
      certificates: [forged, ...leaf.certificates],
    });

    expect(await problemOf(bytes)).toBe("signer-unknown");
  });

  it("cannot sign with a key that is not its own", async () => {
    await expect(signedContainer({ ...signer(), privateKey: otherKeys.privateKey })).rejects.toMatchObject({
      problem: "signer-unsuitable",
    });
  });
});

describe("the policy", () => {
  it("require refuses an unsigned package, warn takes it with a warning, off takes it without looking", async () => {
    const bytes = await container();

    expect(await problemOf(bytes)).toBe("signature-missing");
    expect((await openPackage(bytes, "p.fdix", rules("warn"))).read?.warnings.map(({ code }) => code)).toEqual([
      "unsigned",
    ]);
    expect(await openPackage(bytes, "p.fdix", rules("off"))).toMatchObject({
      signature: { state: "not-checked" },
      read: { warnings: [] },
    });
  });
});

describe("a signed description", () => {
  const signed = signDescription(Buffer.from(descriptionText), "p.fdi", signer());

  it("opens with its signer", async () => {
    const opened = await openPackage(Buffer.from(signed), "p.fdi", rules());

    expect(opened).toMatchObject({
      format: "fdi",
      signature: { state: "trusted" },
      read: { package: { id: "acme/b", extensions: [] } },
    });
  });

  it.each<[string, string, string]>([
    ["its content was altered", signed.replace("<Manufacturer>Acme", "<Manufacturer>Evil"), "signature-wrong"],
    [
      "the signature stands somewhere else",
      signed.replace(/(<Identity.*<\/Identity>)(.*)(<Signature .*<\/Signature>)/s, "<Identity>$3</Identity>$1$2"),
      "signature-malformed",
    ],
    [
      "it covers only a part",
      signed.replace(/(<Signature .*)URI=""/s, '$1URI="#part"').replace("<Identity ", '<Identity Id="part" '),
      "signature-unsupported",
    ],
    ["it is not signed", descriptionText, "signature-missing"],
  ])("is refused when %s", async (_, text, problem) => {
    expect(await problemOf(Buffer.from(text))).toBe(problem);
  });

  it("can be signed again: the new signature replaces the old one", async () => {
    const old = Buffer.from(signDescription(Buffer.from(descriptionText), "p.fdi", stranger()));

    expect(await problemOf(Buffer.from(signDescription(old, "p.fdi", signer())))).toBe("accepted");
  });

  it("is read from what was signed: a comment in the file changes nothing", async () => {
    const opened = await openPackage(Buffer.from(signed.replace("Acme</", "Ac<!-- x -->me</")), "p.fdi", rules());

    expect(opened.read?.package.identity.manufacturer).toBe("Acme");
  });
});
