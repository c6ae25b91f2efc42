import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Catalogue, type CatalogueEvent } from "#fdi/catalogue/catalogue.ts";
import type { SignaturePolicy } from "#fdi/container/signature-policy.ts";
import { rawZip } from "../support/raw-zip.ts";
import { container, descriptionText, now, signedContainer, stranger, trust } from "../support/signed-package.ts";
import { packageText } from "../v2/package-text.ts";

const clock = { now: () => now, after: () => ({ [Symbol.dispose]: () => undefined }) };
const text = (id: string, revision: string, more = ""): Buffer =>
  Buffer.from(packageText({ root: `schemaVersion="2" id="${id}" revision="${revision}"`, more }));
const declares = (type: string): string => `<Detection><DeclaredType>${type}</DeclaredType></Detection>`;

const namespaceThief = packageText({
  root: 'schemaVersion="2" id="evil/b" revision="1.0.0" namespaceUri="urn:fdi-host:device-types:acme:b"',
});

describe("the catalogue", () => {
  let folder = "";
  let policy: SignaturePolicy = "warn";
  let users: string[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "catalogue-"));
    policy = "warn";
    users = [];
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const open = async (): Promise<Catalogue> =>
    Catalogue.open({ folder, clock, rules: async () => ({ policy, trust }), usedBy: () => users });
  const files = async (): Promise<string[]> => (await readdir(folder, { recursive: true })).sort();

  it("keeps what was imported over a restart, with its hash, its signer and who brought it", async () => {
    const before = await open();
    await before.import(await signedContainer(), "upload/b.fdix", "alice");

    const after = await open();

    expect(after.list()).toEqual(before.list());
    expect(after.show("acme/b@1.2.3")).toMatchObject({
      state: "installed",
      format: "fdix",
      source: "b.fdix",
      importedAt: now,
      importedBy: "alice",
      signature: "trusted",
      signer: "CN=Test Signer",
      interpreted: true,
    });
    expect((await after.load("acme/b@1.2.3")).read?.package.typeName).toBe("B");
  });

  it("holds several revisions side by side, one of them active", async () => {
    const catalogue = await open();
    for (const revision of ["1.0.0", "1.1.0", "2.0.0"])
      await catalogue.import(text("acme/b", revision), "b.fdi", "alice");

    await catalogue.activate("acme/b@1.0.0");
    await catalogue.activate("acme/b@2.0.0");
    await catalogue.retire("acme/b@1.1.0");

    expect(catalogue.list().map(({ key, state }) => [key, state])).toEqual([
      ["acme/b@1.0.0", "installed"],
      ["acme/b@1.1.0", "retired"],
      ["acme/b@2.0.0", "active"],
    ]);
  });

  it("takes the same file twice without a second entry or a second event", async () => {
    const catalogue = await open();
    const events: CatalogueEvent[] = [];
    using _ = catalogue.onChange((event) => events.push(event));

    const first = await catalogue.import(text("acme/b", "1.0.0"), "b.fdi", "alice");
    const second = await catalogue.import(text("acme/b", "1.0.0"), "copy.fdi", "bob");

    expect([first.isNew, second.isNew, catalogue.list().length, events.length]).toEqual([true, false, 1, 1]);
  });

  it("refuses other contents under a revision that is there", async () => {
    const catalogue = await open();
    await catalogue.import(text("acme/b", "1.0.0"), "b.fdi", "alice");

    await expect(catalogue.import(text("acme/b", "1.0.0", declares("x")), "b.fdi", "alice")).rejects.toMatchObject({
      problem: "revision-exists",
    });
  });

  it.each<[string, () => Promise<Buffer>]>([
    ["an unsigned revision", async () => container(descriptionText.replace("1.2.3", "1.2.4"))],
    [
      "a revision of another signer",
      async () => signedContainer(stranger(), descriptionText.replace("1.2.3", "1.2.4")),
    ],
    ["a package with the type namespace", async () => Buffer.from(namespaceThief)],
  ])("refuses %s of a package that a trusted signer owns", async (_, made) => {
    const catalogue = await open();
    await catalogue.import(await signedContainer(), "b.fdix", "alice");

    await expect(catalogue.import(await made(), "b.fdix", "mallory")).rejects.toMatchObject({ problem: "id-claimed" });
    expect(catalogue.list()).toHaveLength(1);
  });

  it("refuses to activate a package whose devices belong to another active one", async () => {
    const catalogue = await open();
    await catalogue.import(text("acme/b", "1.0.0", declares("smart_breaker")), "b.fdi", "alice");
    await catalogue.import(text("evil/c", "1.0.0", declares("smart_breaker")), "c.fdi", "mallory");
    await catalogue.activate("acme/b@1.0.0");

    await expect(catalogue.activate("evil/c@1.0.0")).rejects.toMatchObject({ problem: "id-claimed" });
  });

  it("refuses to activate an unsigned package once the policy asks for a signature", async () => {
    const catalogue = await open();
    await catalogue.import(text("acme/b", "1.0.0"), "b.fdi", "alice");
    policy = "require";

    await expect(catalogue.activate("acme/b@1.0.0")).rejects.toMatchObject({ problem: "signature-missing" });
  });

  it("refuses to delete a revision while a device has it, and names the devices", async () => {
    const catalogue = await open();
    await catalogue.import(text("acme/b", "1.0.0"), "b.fdi", "alice");
    users = ["CB-0001", "CB-0002"];

    await expect(catalogue.delete("acme/b@1.0.0")).rejects.toThrow(
      "acme/b@1.0.0 is used by 2 device(s): CB-0001, CB-0002",
    );
    users = [];
    await catalogue.delete("acme/b@1.0.0");

    expect(catalogue.list()).toEqual([]);
    expect(await files()).toEqual(["index.json", "packages"]);
  });

  it("refuses to load a file that is not the one that was imported", async () => {
    const catalogue = await open();
    const { entry } = await catalogue.import(text("acme/b", "1.0.0"), "b.fdi", "alice");
    const file = path.join(folder, "packages", `${entry.sha256}.fdi`);
    await writeFile(file, (await readFile(file, "utf8")).replace("Acme", "Evil"));

    await expect(catalogue.load(entry.key)).rejects.toMatchObject({
      code: "package-invalid",
      problem: "checksum-mismatch",
    });
    await expect(catalogue.activate(entry.key)).rejects.toMatchObject({ problem: "checksum-mismatch" });
  });

  it("tells every change to whoever listens, and nothing after they stop", async () => {
    const catalogue = await open();
    const events: string[] = [];
    const listening = catalogue.onChange(({ kind, entry }) => events.push(`${kind} ${entry.key} ${entry.state}`));

    await catalogue.import(text("acme/b", "1.0.0"), "b.fdi", "alice");
    await catalogue.activate("acme/b@1.0.0");
    await catalogue.retire("acme/b@1.0.0");
    await catalogue.delete("acme/b@1.0.0");
    listening[Symbol.dispose]();
    await catalogue.import(text("acme/b", "1.0.0"), "b.fdi", "alice");

    expect(events).toEqual([
      "imported acme/b@1.0.0 installed",
      "activated acme/b@1.0.0 active",
      "retired acme/b@1.0.0 retired",
      "deleted acme/b@1.0.0 retired",
    ]);
  });

  it("takes over and tells what another process changed", async () => {
    const host = await open();
    const tool = await open();
    const events: string[] = [];
    using _ = host.onChange(({ kind, entry }) => events.push(`${kind} ${entry.key}`));

    await tool.import(text("acme/b", "1.0.0"), "b.fdi", "alice");
    await host.reload();
    await tool.activate("acme/b@1.0.0");
    await host.reload();
    await tool.delete("acme/b@1.0.0");
    await host.reload();

    expect(events).toEqual(["imported acme/b@1.0.0", "activated acme/b@1.0.0", "deleted acme/b@1.0.0"]);
  });

  it("loses nothing when changes come at the same time", async () => {
    const catalogue = await open();

    await Promise.all(
      Array.from({ length: 8 }, async (_, i) => catalogue.import(text(`acme/b${i}`, "1.0.0"), "b.fdi", "alice")),
    );

    expect((await open()).list()).toHaveLength(8);
  });

  it("goes on after a change that failed", async () => {
    const catalogue = await open();

    await expect(catalogue.import(Buffer.from("<a/>"), "b.fdi", "alice")).rejects.toMatchObject({
      problem: "unknown-dialect",
    });
    await expect(catalogue.activate("acme/b@1.0.0")).rejects.toMatchObject({ problem: "not-in-catalogue" });
    await catalogue.import(text("acme/b", "1.0.0"), "b.fdi", "alice");

    expect(catalogue.list()).toHaveLength(1);
  });

  it("shows a container of another vendor but does not activate it: EDD is not interpreted", async () => {
    const catalogue = await open();
    const types =
      '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>';
    const foreign = rawZip([
      { name: "[Content_Types].xml", content: Buffer.from(types) },
      {
        name: "Catalog.xml",
        content: Buffer.from(
          '<Catalog xmlns="http://fdi-cooperation.com/2010/package"><Manufacturer>Other</Manufacturer></Catalog>',
        ),
      },
      { name: "device.fm8", content: Buffer.from("EDD") },
    ]);

    const { entry } = await catalogue.import(foreign, "Other Device.fdix", "alice");

    expect(entry).toMatchObject({ interpreted: false, state: "installed", typeName: "" });
    expect(entry.id).toMatch(/^foreign\/other-device-[0-9a-f]{8}$/);
    expect((await catalogue.load(entry.key)).catalog?.content.children[0]?.text).toBe("Other");
    await expect(catalogue.activate(entry.key)).rejects.toThrow("EDD is not interpreted");
  });

  it.each(["{", '{"version":2,"packages":[]}', '{"version":1,"packages":[{"key":"a@1","sha256":"../../etc/passwd"}]}'])(
    "refuses to open over an index that it does not understand: %s",
    async (index) => {
      await writeFile(path.join(folder, "index.json"), index);

      await expect(open()).rejects.toMatchObject({ problem: "catalogue-broken" });
      expect(await readFile(path.join(folder, "index.json"), "utf8")).toBe(index);
    },
  );
});
