import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runFdiCli } from "#fdi/cli/run-cli.ts";
import { rawZip } from "../support/raw-zip.ts";
import { descriptionText, now, rootCertificate, signer } from "../support/signed-package.ts";
import { packageText } from "../v2/package-text.ts";

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

describe("the package tool", () => {
  let folder = "";
  const at = (name: string): string => path.join(folder, name);
  const put = async (name: string, content: string | Buffer): Promise<string> => {
    await mkdir(path.dirname(at(name)), { recursive: true });
    await writeFile(at(name), content);
    return at(name);
  };

  async function run(...args: string[]): Promise<Outcome> {
    let [out, err] = ["", ""];
    const io = {
      out: (text: string) => void (out += text),
      err: (text: string) => void (err += text),
      now: () => now,
      env: { FDI_HOST_DATA: at("data"), USER: "alice" },
    };
    return { code: await runFdiCli(args, io), out, err };
  }

  const json = (outcome: Outcome): unknown => JSON.parse(outcome.out);

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "fdi-"));
    await put("b.fdi", descriptionText);
    await put("documents/manual.pdf", "%PDF");
    const identity = signer();
    await put("key.pem", identity.privateKey.export({ type: "pkcs8", format: "pem" }));
    await put("cert.pem", identity.certificates.join(""));
    await put("data/trust/trusted/root.pem", rootCertificate.toString());
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it.each([
    [[], 2],
    [["--help"], 0],
    [["help"], 0],
    [["paint"], 2],
    [["inspect"], 2],
    [["inspect", "a", "b"], 2],
    [["inspect", "/no/such/file"], 2],
    [["inspect", "--colour", "x"], 2],
    [["verify", "--policy", "maybe", "x"], 2],
    [["diff", "one"], 2],
    [["sign", "x"], 2],
  ])("called with %j it ends with %i and says how to call it", async (args, code) => {
    const outcome = await run(...args);

    expect(outcome.code).toBe(code);
    expect(`${outcome.out}${outcome.err}`).toMatch(/npm run fdi --/);
  });

  it.each(["inspect", "verify", "pack", "sign", "upgrade", "diff", "schema", "import", "list", "activate", "retire"])(
    "%s has help with its options",
    async (command) => {
      const outcome = await run(command, "--help");

      expect(outcome).toMatchObject({ code: 0, err: "" });
      expect(outcome.out).toMatch(new RegExp(`^npm run fdi -- ${command}`));
      expect(outcome.out).toContain("--json");
    },
  );

  it("inspect shows a package to people and as JSON", async () => {
    const [text, data] = [await run("inspect", at("b.fdi")), await run("inspect", "--json", at("b.fdi"))];

    expect(text.out).toContain("package       acme/b 1.2.3 (description, dialect v2)");
    expect(text.out).toContain("signature     not signed");
    expect(text.out).toMatch(/Position +enumeration +Operational/);
    expect(json(data)).toMatchObject({
      format: "fdi",
      dialect: "v2",
      interpreted: true,
      package: { id: "acme/b", parameters: [{ name: "Position" }] },
    });
  });

  it.each(["a", "b", "c"])("inspect shows dialect %s with its warnings", async (dialect) => {
    const outcome = await run("inspect", `test/fixtures/fdi/dialect-${dialect}.fdi`);

    expect(outcome.code).toBe(0);
    expect(outcome.out).toMatch(/dialect-.\.fdi:\d+:\d+ assumed: /);
  });

  it.each(["lsig-mccb", "lsig-acb", "afdd-mcb", "smart-meter", "environmental-sensor"])(
    "inspect shows our %s without a warning",
    async (name) => {
      const outcome = await run("inspect", `fdi-packages/fdi-host/${name}/${name}.fdi`);

      expect(outcome).toMatchObject({ code: 0, err: "" });
      expect(outcome.out).toContain(`package       fdi-host/${name} 1.0.0`);
      expect(outcome.out).not.toContain("Warnings");
    },
  );

  it("inspect shows the catalog and the documents of a container of another vendor", async () => {
    const types = "http://schemas.openxmlformats.org/package/2006/content-types";
    const foreign = rawZip([
      {
        name: "[Content_Types].xml",
        content: Buffer.from(
          `<Types xmlns="${types}"><Default Extension="pdf" ContentType="application/pdf"/></Types>`,
        ),
      },
      {
        name: "Catalog.xml",
        content: Buffer.from('<Catalog xmlns="urn:x"><Device><Model lang="en">M 1</Model></Device></Catalog>'),
      },
      { name: "manual.pdf" },
      { name: "device.fm8" },
    ]);

    const outcome = await run("inspect", await put("vendor.fdix", foreign));

    expect(outcome.code).toBe(0);
    expect(outcome.out).toContain("EDD not interpreted");
    expect(outcome.out).toContain("      Model lang=en: M 1\n");
    expect(outcome.out).toMatch(/\/manual\.pdf +application\/pdf/);
    expect(outcome.out).not.toContain("device.fm8");
    expect((await run("schema", at("vendor.fdix"))).err).toContain("EDD is not interpreted");
  });

  it("does not let a package repaint the terminal", async () => {
    const evil = packageText().replace("<Manufacturer>Acme", "<Manufacturer>\u009b2J\u202eAcme");
    const outcome = await run("inspect", await put("evil.fdi", evil));

    expect(outcome.out).toContain("?2J?Acme");
    expect(outcome.out).not.toMatch(/[\u0080-\u009f\u202e]/);
  });

  it("refuses an invalid package with 1, its place and its code", async () => {
    const file = await put("bad.fdi", descriptionText.replace("Acme</", "Acme<"));

    const [text, data] = [await run("inspect", file), await run("inspect", "--json", file)];

    expect(text).toMatchObject({ code: 1, out: "" });
    expect(text.err).toMatch(/^not-well-formed: .*bad\.fdi:2:/);
    expect(data.code).toBe(1);
    expect(json(data)).toMatchObject({ valid: false, problem: "not-well-formed", location: { line: 2 } });
  });

  it("packs, signs and verifies a container with its documents", async () => {
    const packed = await run("pack", at("b.fdi"), "-o", at("b.fdix"));
    const unsigned = await run("verify", at("b.fdix"));
    const signed = await run(
      "sign",
      at("b.fdix"),
      "--key",
      at("key.pem"),
      "--cert",
      at("cert.pem"),
      "-o",
      at("signed.fdix"),
      "--json",
    );
    const verified = await run("verify", at("signed.fdix"));
    const inspected = await run("inspect", "--json", at("signed.fdix"));

    expect(packed).toMatchObject({ code: 0 });
    expect(unsigned).toMatchObject({ code: 1, out: expect.stringContaining("signature-missing") as string });
    expect(json(signed)).toMatchObject({ signed: true });
    expect(verified.code).toBe(0);
    expect(verified.out).toMatch(/^ok .*acme\/b 1\.2\.3, signed by Test Signer on 2026-03-09T08:00:00.000Z .*trusted/);
    expect(json(inspected)).toMatchObject({
      format: "fdix",
      parts: expect.arrayContaining([
        { name: "/documents/manual.pdf", mediaType: "application/pdf", size: 4 },
      ]) as unknown,
    });
  });

  it("signs a bare description", async () => {
    const signed = await run(
      "sign",
      at("b.fdi"),
      "--key",
      at("key.pem"),
      "--cert",
      at("cert.pem"),
      "-o",
      at("signed.fdi"),
    );

    expect([signed.code, (await run("verify", at("signed.fdi"))).code]).toEqual([0, 0]);
  });

  it("does not pack a package whose document is missing", async () => {
    await rm(at("documents/manual.pdf"));

    expect(await run("pack", at("b.fdi"))).toMatchObject({
      code: 1,
      err: expect.stringContaining("no file documents/manual.pdf") as string,
    });
  });

  it("verify judges several files and ends with 1 when one is refused", async () => {
    await run("pack", at("b.fdi"), "-o", at("good.fdix"), "--key", at("key.pem"), "--cert", at("cert.pem"));

    const outcome = await run("verify", at("good.fdix"), at("b.fdi"), "--json");

    expect(outcome.code).toBe(1);
    expect(json(outcome)).toMatchObject([{ valid: true }, { valid: false, problem: "signature-missing" }]);
  });

  it("upgrade writes dialect v2 and lists every decision", async () => {
    const outcome = await run("upgrade", "test/fixtures/fdi/dialect-b.fdi", "-o", at("new.fdi"));
    const again = await run("inspect", at("new.fdi"));

    expect(outcome).toMatchObject({ code: 0, err: expect.stringMatching(/Decisions to check \(\d+\)/) as string });
    expect(again.out).toContain("dialect v2");
    expect(again.out).not.toContain("Warnings");
  });

  it("diff names what may break, and fails on it when asked to", async () => {
    const after = await put("after.fdi", descriptionText.replace('<Enum value="2" name="Closed"/>', ""));

    const plain = await run("diff", at("b.fdi"), after);
    const strict = await run("diff", "--fail-on-breaking", "--json", at("b.fdi"), after);

    expect(plain.code).toBe(0);
    expect(plain.out).toMatch(/BREAKING +changed +parameter Position +enumeration/);
    expect(strict.code).toBe(1);
    expect(json(strict)).toMatchObject({ breaking: true });
    expect((await run("diff", at("b.fdi"), at("b.fdi"))).out).toBe("no differences\n");
  });

  it("schema prints a schema and checks documents with it", async () => {
    const mccb = "fdi-packages/fdi-host/lsig-mccb/lsig-mccb.fdi";
    const good = await put("good.json", '{"measurements":{"frequency":{"value":50}}}');
    const bad = await put("bad.json", '{"measurements":{"frequency":{"value":500}}}');

    expect(json(await run("schema", mccb))).toMatchObject({ $schema: "https://json-schema.org/draft/2020-12/schema" });
    expect(await run("schema", mccb, "--document", good)).toMatchObject({ code: 0 });
    expect(await run("schema", mccb, "--document", bad)).toMatchObject({
      code: 1,
      out: expect.stringContaining("500 is above 65") as string,
    });
  });

  it("imports, lists, activates and retires packages of the catalogue", async () => {
    await run("pack", at("b.fdi"), "-o", at("b.fdix"), "--key", at("key.pem"), "--cert", at("cert.pem"));

    const refused = await run("import", at("b.fdi"));
    const imported = await run("import", at("b.fdix"));
    const again = await run("import", at("b.fdix"));
    const active = await run("activate", "acme/b@1.2.3");
    const listed = await run("list", "--json");

    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining("signature-missing") as string });
    expect([imported.out, again.out, active.out]).toEqual([
      "acme/b@1.2.3 imported, installed\n",
      "acme/b@1.2.3 was there already, installed\n",
      "acme/b@1.2.3 is active\n",
    ]);
    expect(json(listed)).toMatchObject([
      { key: "acme/b@1.2.3", state: "active", importedBy: "alice", signer: "CN=Test Signer" },
    ]);
    expect((await run("retire", "acme/b@1.2.3")).out).toBe("acme/b@1.2.3 is retired\n");
    expect((await run("list")).out).toMatch(/acme\/b@1\.2\.3 +retired/);
    expect(await run("activate", "acme/c@1.0.0")).toMatchObject({
      code: 1,
      err: expect.stringContaining("not-in-catalogue") as string,
    });
  });

  it("says in one line when a file cannot be written", async () => {
    const outcome = await run("upgrade", at("b.fdi"), "-o", path.join(at("b.fdi"), "below-a-file.fdi"));

    expect(outcome.code).toBe(2);
    expect(outcome.err.trim().split("\n").at(-1)).toMatch(/EEXIST|ENOTDIR/);
  });

  it("writes no file when it refuses", async () => {
    await put("bad.fdi", "<a/>");

    expect((await run("upgrade", at("bad.fdi"), "-o", at("out.fdi"))).code).toBe(1);
    await expect(readFile(at("out.fdi"))).rejects.toThrow("ENOENT");
  });
});
