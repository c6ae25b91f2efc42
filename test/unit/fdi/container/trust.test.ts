import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadTrustList } from "#fdi/container/trust.ts";
import { rootCertificate, signer } from "../support/signed-package.ts";

describe("loadTrustList", () => {
  let folder = "";

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "trust-"));
    await mkdir(path.join(folder, "trusted"));
    await mkdir(path.join(folder, "rejected"));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it("reads PEM files with several certificates and DER files, and leaves other files alone", async () => {
    const [leaf] = signer().certificates;
    await writeFile(
      path.join(folder, "trusted", "chain.pem"),
      `some text\n${rootCertificate.toString()}${leaf?.toString() ?? ""}`,
    );
    await writeFile(path.join(folder, "trusted", "root.der"), rootCertificate.raw);
    await writeFile(path.join(folder, "trusted", "readme.txt"), "no certificate");
    await writeFile(path.join(folder, "rejected", "leaf.crt"), leaf?.raw ?? "");

    const list = await loadTrustList(folder);

    expect(list.anchors.map(({ subject }) => subject)).toEqual(["CN=Test Root", "CN=Test Signer", "CN=Test Root"]);
    expect([...list.rejected]).toEqual([leaf?.fingerprint256]);
  });

  it("is empty where there are no folders", async () => {
    expect(await loadTrustList(path.join(folder, "none"))).toEqual({ anchors: [], rejected: new Set() });
  });

  it("names the file that is no certificate", async () => {
    await writeFile(
      path.join(folder, "trusted", "broken.pem"),
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    );

    await expect(loadTrustList(folder)).rejects.toThrow(/broken\.pem is no certificate/);
  });
});
