import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { assert, asyncProperty, nat, uint8Array } from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Catalogue } from "#fdi/catalogue/catalogue.ts";
import { readContainerParts, writeContainer } from "#fdi/container/container-parts.ts";
import type { SignaturePolicy } from "#fdi/container/signature-policy.ts";
import { PackageError } from "#model/package-problem.ts";
import { rawZip } from "./support/raw-zip.ts";
import { container, descriptionText, now, signedContainer, signer, stranger, trust } from "./support/signed-package.ts";
import { packageText } from "./v2/package-text.ts";

const clock = { now: () => now, after: () => ({ [Symbol.dispose]: () => undefined }) };
const laughs = Array.from({ length: 10 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join("");
const xml = (text: string): Buffer => Buffer.from(text);
const zeros = (size: number): Buffer => Buffer.alloc(size);

async function changedContainer(change: (parts: Map<string, Uint8Array>) => void): Promise<Buffer> {
  const parts: Map<string, Uint8Array> = await readContainerParts(await signedContainer(), "p.fdix");
  change(parts);
  return writeContainer(parts);
}

/** Every kind of bad input that a package store is known to meet, and the code that it is refused with. */
const corpus: readonly (readonly [name: string, problem: string, make: () => Promise<Buffer> | Buffer])[] = [
  ["billion laughs", "doctype", () => xml(`<!DOCTYPE a [<!ENTITY l0 "ha">${laughs}]><a>&l10;</a>`)],
  [
    "quadratic entity",
    "doctype",
    () => xml(`<!DOCTYPE a [<!ENTITY l "${"x".repeat(100_000)}">]><a>${"&l;".repeat(10_000)}</a>`),
  ],
  ["external entity", "doctype", () => xml('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>')],
  ["two document types", "doctype", () => xml("<!DOCTYPE a><!DOCTYPE b><a/>")],
  ["a million numeric references", "too-complex", () => xml(`<a>${"&#65;".repeat(400_000)}</a>`)],
  ["__proto__ as an element", "unknown-dialect", () => xml('<__proto__ __proto__="1"><constructor/></__proto__>')],
  ["deep nesting", "too-complex", () => xml("<a>".repeat(500_000))],
  ["half a million elements", "too-complex", () => xml(`<a>${"<b/>".repeat(500_000)}</a>`)],
  ["broken UTF-8", "encoding", () => Buffer.concat([xml(descriptionText), Buffer.from([0xc3, 0x28])])],
  ["UTF-16", "encoding", () => Buffer.from(`\ufeff${descriptionText}`, "utf16le")],
  ["a truncated description", "not-well-formed", () => xml(descriptionText.slice(0, -20))],
  ["a huge description", "too-large", () => zeros(40 * 1024 * 1024)],
  ["no bytes", "not-well-formed", () => zeros(0)],
  [
    "an expression too deep",
    "invalid-content",
    () => xml(packageText({ more: `<Rules><Rule id="R" condition="${"(".repeat(400)}"/></Rules>` })),
  ],
  [
    "a slow regular expression in a group",
    "invalid-content",
    () => xml(packageText({ parameters: `<Parameter id="A" dataType="float" group="${"Status/".repeat(50_000)}"/>` })),
  ],
  ["zip slip", "zip-path", () => rawZip([{ name: "../../evil.fdi" }])],
  ["absolute path", "zip-path", () => rawZip([{ name: "/etc/cron.d/evil" }])],
  ["symbolic link", "zip-symlink", () => rawZip([{ name: "link", mode: 0o120777 }])],
  ["duplicate names", "zip-duplicate", () => rawZip([{ name: "a" }, { name: "A" }])],
  [
    "60,000 entries",
    "zip-too-many-entries",
    () => rawZip(Array.from({ length: 60_000 }, (_, i) => ({ name: `f${i}` }))),
  ],
  ["a bomb", "zip-size", () => rawZip([{ name: "a", content: zeros(40 * 1024 * 1024), method: 8 }])],
  [
    "a lying size",
    "zip-size",
    () => rawZip([{ name: "a", content: zeros(40 * 1024 * 1024), method: 8, declaredSize: 100 }]),
  ],
  [
    "a zip in a zip only",
    "container-invalid",
    () => rawZip([{ name: "inner.fdix", content: rawZip([{ name: "a" }]) }]),
  ],
  ["a truncated container", "zip-broken", async () => (await signedContainer()).subarray(0, 900)],
  [
    "an altered part",
    "part-altered",
    async () => changedContainer((parts) => parts.set("/documents/manual.pdf", xml("evil"))),
  ],
  ["an added part", "part-unsigned", async () => changedContainer((parts) => parts.set("/evil.dll", xml("evil")))],
  ["a removed part", "part-removed", async () => changedContainer((parts) => parts.delete("/documents/manual.pdf"))],
  ["an expired signer", "signer-expired", async () => signedContainer(signer({ validTo: "2026-03-05T00:00:00Z" }))],
  ["an unknown signer", "signer-unknown", async () => signedContainer(stranger())],
  ["no signature", "signature-missing", async () => container()],
  [
    "another's id",
    "id-claimed",
    async () => signedContainer(signer({ commonName: "Other Signer" }), descriptionText.replace("1.2.3", "9.9.9")),
  ],
];

describe("a hostile package", () => {
  let folder = "";
  let catalogue: Catalogue;
  let policy: SignaturePolicy = "require";

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "hostile-"));
    catalogue = await Catalogue.open({
      folder,
      clock,
      rules: async () => ({ policy, trust }),
      usedBy: () => [],
    });
    await catalogue.import(await signedContainer(), "good.fdix", "alice");
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it.each(corpus)(
    "%s is refused with %s in time and memory, and changes nothing",
    async (_, problem, make) => {
      // What is wrong inside must be found without the help of a missing signature.
      policy = problem.startsWith("sign") ? "require" : "warn";
      const bytes = await make();
      const [before, entries] = [await readdir(folder, { recursive: true }), catalogue.list()];
      const memory = process.memoryUsage();
      const start = process.cpuUsage();

      const refusal = await catalogue.import(bytes, "evil", "mallory").catch((error: unknown) => error);

      const cpuMs = (process.cpuUsage(start).user + process.cpuUsage(start).system) / 1000;
      const after = process.memoryUsage();
      const grownMb = (after.heapUsed + after.external - memory.heapUsed - memory.external) / 1e6;
      expect(refusal).toBeInstanceOf(PackageError);
      expect(refusal).toMatchObject({ code: "package-invalid", problem });
      expect(cpuMs).toBeLessThan(1000);
      expect(grownMb).toBeLessThan(50);
      expect(catalogue.list()).toBe(entries);
      expect(await readdir(folder, { recursive: true })).toEqual(before);
    },
    60_000,
  );

  it("is refused with a PackageError whatever bytes of a good one are changed", async () => {
    const good = await signedContainer();

    await assert(
      asyncProperty(nat(good.length - 1), uint8Array({ minLength: 1, maxLength: 4 }), async (at, noise) => {
        const bytes = Buffer.from(good);
        bytes.set(noise.subarray(0, Math.min(noise.length, bytes.length - at)), at);
        const result = await catalogue.import(bytes, "noise", "mallory").catch((error: unknown) => error);
        // Bytes that carry nothing (dates, versions in zip headers) may change; the signed contents are the same then.
        if (!(result instanceof PackageError)) expect(result).toMatchObject({ entry: { key: "acme/b@1.2.3" } });
      }),
      { numRuns: 150 },
    );
  }, 60_000);
});
