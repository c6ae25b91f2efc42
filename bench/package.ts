// Reading a device package and verifying a signed container. CPU time of the whole process, because unpacking runs on
// other threads; median of warm runs. "Read" is everything from bytes to a compiled package, "verify" everything from the
// bytes of a container to a trusted package with its description read. Needs the program openssl for a certificate.
import { execFileSync } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { packContainer } from "#fdi/container/pack-container.ts";
import { type SigningIdentity, signContainer } from "#fdi/container/sign-container.ts";
import { openPackage } from "#fdi/open-package.ts";
import { loadPackageFolder } from "#fdi/package-folder.ts";
import { readDevicePackage } from "#fdi/read-package.ts";
import { report } from "./support/report.ts";

const rounds = 60;
const warmUp = 20;

async function newIdentity(): Promise<SigningIdentity> {
  const folder = await mkdtemp(path.join(tmpdir(), "bench-package-"));
  const [key, certificate] = [path.join(folder, "key.pem"), path.join(folder, "cert.pem")];
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2"];
  execFileSync("openssl", [...request, "-subj", "/CN=Bench", "-addext", "extendedKeyUsage=codeSigning"], {
    stdio: "ignore",
  });
  const identity = {
    privateKey: createPrivateKey(await readFile(key)),
    certificates: [new X509Certificate(await readFile(certificate))],
  };
  await rm(folder, { recursive: true });
  return identity;
}

/** Median CPU milliseconds of one run after the warm-up. */
async function medianMs(action: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < warmUp + rounds; i += 1) {
    const before = process.cpuUsage();
    await action();
    const used = process.cpuUsage(before);
    if (i >= warmUp) times.push((used.user + used.system) / 1000);
  }
  return times.toSorted((a, b) => a - b)[rounds / 2] ?? Number.NaN;
}

const root = path.join(import.meta.dirname, "../fdi-packages");
const shipped = await loadPackageFolder(root);
const files = await Promise.all(shipped.map(async ({ source }) => readFile(path.join(root, source))));
const largest = files.reduce((best, { length }, i) => (length > (files[best]?.length ?? 0) ? i : best), 0);
const [loaded, bytes] = [shipped[largest], files[largest]];
if (loaded === undefined || bytes === undefined) throw new Error(`no package in ${root}`);

const identity = await newIdentity();
const folder = path.dirname(path.join(root, loaded.source));
const packed = await packContainer(loaded.package, bytes, async (href) => readFile(path.join(folder, href)));
const container = await signContainer(packed, "bench.fdix", identity, Date.now());
const rules = { policy: "require", trust: { anchors: identity.certificates, rejected: new Set<string>() } } as const;

report("package", {
  package: loaded.package.id,
  parameters: loaded.package.parameters.length,
  descriptionBytes: bytes.length,
  containerBytes: container.length,
  readMs: await medianMs(() => readDevicePackage(bytes, loaded.source)),
  verifyMs: await medianMs(async () => openPackage(container, "bench.fdix", { ...rules, now: Date.now() })),
});
