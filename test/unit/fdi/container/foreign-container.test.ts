import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { SignedXml } from "xml-crypto";
import { writeContainer } from "#fdi/container/container-parts.ts";
import { type OpenedContainer, openContainer } from "#fdi/container/open-container.ts";
import { transformRelationships } from "#fdi/container/relationship-transform.ts";
import { readXml } from "#fdi/xml/read-xml.ts";
import { PackageError } from "#model/package-problem.ts";
import { descriptionText, rules, signer } from "../support/signed-package.ts";

const relationships = "http://schemas.openxmlformats.org/package/2006/relationships";
const digitalSignature = "http://schemas.openxmlformats.org/package/2006/digital-signature";
const c14n = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
const sha256 = "http://www.w3.org/2001/04/xmlenc#sha256";
const identity = signer();

function relationshipsXml(list: readonly (readonly [id: string, type: string, target: string])[]): string {
  const items = list.map(([id, type, target]) => `<Relationship Target="${target}" Type="${type}" Id="${id}"/>`);
  return `<Relationships xmlns="${relationships}">\n${items.join("\n")}\n</Relationships>`;
}

const root: readonly (readonly [string, string, string])[] = [
  ["rOrigin", `${relationships}/digital-signature/origin`, "/_xmlsignatures/origin.sigs"],
  ["rCatalog", "http://vendor/catalog", "/Catalog.xml"],
  ["rA", "http://vendor/edd", "/device.fm8"],
];

const transform = `<Transform xmlns="http://www.w3.org/2000/09/xmldsig#" Algorithm="${digitalSignature.replace("digital-signature", "RelationshipTransform")}"><x:RelationshipReference xmlns:x="${digitalSignature}" SourceId="rCatalog"/><x:RelationshipsGroupReference xmlns:x="${digitalSignature}" SourceType="http://vendor/edd"/></Transform>`;

/** A container as other tools make it: relationships signed in part, with canonical XML 1.0. */
function foreignContainer(change: (parts: Map<string, string>) => void = () => undefined): Buffer {
  const parts = new Map([
    [
      "/[Content_Types].xml",
      '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="text/xml"/><Default Extension="rels" ContentType="text/rels"/><Default Extension="fm8" ContentType="application/edd"/><Default Extension="sigs" ContentType="application/sigs"/></Types>',
    ],
    ["/_rels/.rels", relationshipsXml(root)],
    [
      "/Catalog.xml",
      '<Catalog xmlns="http://fdi-cooperation.com/2010/package"><Manufacturer>Other &amp; Co</Manufacturer></Catalog>',
    ],
    ["/device.fm8", "EDD bytes"],
  ]);
  const canonical = `<Relationships xmlns="${relationships}"><Relationship Id="rA" Target="/device.fm8" TargetMode="Internal" Type="http://vendor/edd"></Relationship><Relationship Id="rCatalog" Target="/Catalog.xml" TargetMode="Internal" Type="http://vendor/catalog"></Relationship></Relationships>`;
  const reference = (part: string, type: string, signed: string, transforms = ""): string =>
    `<Reference URI="${part}?ContentType=${type}">${transforms}<DigestMethod Algorithm="${sha256}"></DigestMethod><DigestValue>${createHash("sha256").update(signed).digest("base64")}</DigestValue></Reference>`;
  const manifest = [
    reference(
      "/_rels/.rels",
      "text/rels",
      canonical,
      `<Transforms>${transform}<Transform Algorithm="${c14n}"></Transform></Transforms>`,
    ),
    reference("/Catalog.xml", "text/xml", parts.get("/Catalog.xml") ?? ""),
    reference("/device.fm8", "application/edd", parts.get("/device.fm8") ?? ""),
  ].join("");
  parts.set("/_xmlsignatures/origin.sigs", "");
  parts.set(
    "/_xmlsignatures/_rels/origin.sigs.rels",
    relationshipsXml([["r1", `${relationships}/digital-signature/signature`, "sig.xml"]]),
  );
  parts.set("/_xmlsignatures/sig.xml", signature(`<Manifest>${manifest}</Manifest>`));
  change(parts);
  return writeContainer(new Map([...parts].map(([name, text]) => [name, Buffer.from(text)])));
}

function signature(content: string): string {
  const [certificate] = identity.certificates;
  const signed = new SignedXml({
    privateKey: identity.privateKey.export({ type: "pkcs8", format: "pem" }),
    signatureAlgorithm: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    canonicalizationAlgorithm: c14n,
    getKeyInfoContent: () =>
      `<X509Data><X509Certificate>${certificate?.raw.toString("base64")}</X509Certificate></X509Data>`,
    objects: [{ content, attributes: { Id: "idPackageObject" } }],
  });
  signed.addReference({
    xpath: "//*[@Id='idPackageObject']",
    transforms: [c14n],
    digestAlgorithm: sha256,
    uri: "#idPackageObject",
  });
  signed.computeSignature("<root/>");
  return signed.getSignatureXml();
}

async function open(bytes: Buffer): Promise<OpenedContainer> {
  return openContainer(bytes, "vendor.fdix", rules());
}

async function problemOf(bytes: Buffer): Promise<string> {
  return open(bytes).then(
    () => "accepted",
    (error: unknown) => (error instanceof PackageError ? error.problem : String(error)),
  );
}

function edited(name: string, from: string, to: string): (parts: Map<string, string>) => void {
  return (parts) => parts.set(name, (parts.get(name) ?? "").replace(from, to));
}

describe("a container of another vendor", () => {
  it("is verified, its catalog and parts are shown, its EDD is not interpreted", async () => {
    const opened = await open(foreignContainer());

    expect(opened).toMatchObject({ signature: { state: "trusted" }, read: undefined, catalog: { own: undefined } });
    expect(opened.catalog?.content.children[0]).toMatchObject({ name: "Manufacturer", text: "Other & Co" });
    expect(opened.parts.map(({ name, mediaType }) => [name, mediaType])).toContainEqual([
      "/device.fm8",
      "application/edd",
    ]);
  });

  it.each<[string, string, (parts: Map<string, string>) => void]>([
    ["an altered EDD", "part-altered", (parts) => parts.set("/device.fm8", "other bytes")],
    ["an altered signed relationship", "part-altered", edited("/_rels/.rels", "/device.fm8", "/Catalog.xml")],
    [
      "a second relationship of a signed type",
      "part-altered",
      edited(
        "/_rels/.rels",
        "</Relationships>",
        '<Relationship Id="rZ" Type="http://vendor/edd" Target="/Catalog.xml"/></Relationships>',
      ),
    ],
    [
      "a description that was slipped in by an unsigned relationship",
      "part-unsigned",
      (parts) => {
        parts.set("/evil.fdi", descriptionText);
        edited(
          "/_rels/.rels",
          "</Relationships>",
          '<Relationship Id="rZ" Type="urn:fdi-host:relationships:description" Target="/evil.fdi"/></Relationships>',
        )(parts);
      },
    ],
    [
      "a signed part that an unsigned relationship makes the description",
      "part-unsigned",
      edited(
        "/_rels/.rels",
        "</Relationships>",
        '<Relationship Id="rZ" Type="urn:fdi-host:relationships:description" Target="/Catalog.xml"/></Relationships>',
      ),
    ],
    [
      "two signatures",
      "signature-unsupported",
      (parts) => {
        parts.set("/_xmlsignatures/sig2.xml", parts.get("/_xmlsignatures/sig.xml") ?? "");
        edited(
          "/_xmlsignatures/_rels/origin.sigs.rels",
          "</Relationships>",
          `<Relationship Id="r2" Type="${relationships}/digital-signature/signature" Target="sig2.xml"/></Relationships>`,
        )(parts);
      },
    ],
  ])("is refused with %s", async (_, problem, change) => {
    expect(await problemOf(foreignContainer(change))).toBe(problem);
  });

  it("may get relationships that its signature does not speak of, as long as nobody follows them", async () => {
    const change = edited(
      "/_rels/.rels",
      "</Relationships>",
      '<Relationship Id="rZ" Type="http://vendor/thumbnail" Target="/Catalog.xml"/></Relationships>',
    );

    expect(await problemOf(foreignContainer(change))).toBe("accepted");
  });
});

describe("transformRelationships", () => {
  it("gives the chosen relationships sorted by Id in canonical XML, target mode and escapes included", () => {
    const list = `<Relationships xmlns="${relationships}"><!-- c --><Relationship Type="t&amp;u" Target="b&quot;&lt;&#9;" Id="z"/><Relationship Id="q" Type="other" Target="x"/><Relationship TargetMode="External" Id="a" Type="t" Target="http://x"/></Relationships>`;
    const chosen = `<T xmlns:x="${digitalSignature}"><x:RelationshipReference SourceId="z"/><x:RelationshipsGroupReference SourceType="t"/></T>`;

    const bytes = transformRelationships(Buffer.from(list), ".rels", readXml(Buffer.from(chosen), "t").document.root);

    expect(bytes.toString()).toBe(
      `<Relationships xmlns="${relationships}"><Relationship Id="a" Target="http://x" TargetMode="External" Type="t"></Relationship><Relationship Id="z" Target="b&quot;&lt;&#x9;" TargetMode="Internal" Type="t&amp;u"></Relationship></Relationships>`,
    );
  });
});
