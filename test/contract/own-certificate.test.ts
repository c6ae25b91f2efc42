import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { OPCUAServer, SecurityPolicy } from "node-opcua";
import { expect, it } from "vitest";
import { certificateStore } from "#opcua/engine/certificate-store.ts";
import { keepCertificateFresh } from "#opcua/own-certificate.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { freePort } from "../support/free-port.ts";
import { temporaryFolder } from "../support/host-process.ts";
import { ScadaClient } from "../support/opcua-client.ts";
import { silentLogger } from "../support/silent-logger.ts";
import { until } from "../support/until.ts";

const dayMs = 86_400_000;

it("renews the server's own certificate 60 days before its end, with the same key, while clients connect", async () => {
  await using folder = await temporaryFolder();
  const port = await freePort();
  const store = certificateStore({ folder: join(folder.path, "server"), passesUnknown: true });
  const server = new OPCUAServer({
    port,
    host: "127.0.0.1",
    hostname: "127.0.0.1",
    serverCertificateManager: store,
    securityPolicies: [SecurityPolicy.Basic256Sha256],
    userManager: { isValidUser: () => true, getUserRoles: () => [] },
  });
  await server.start();
  try {
    const certificate = (): X509Certificate => new X509Certificate(server.getCertificate());
    const login = async (): Promise<string> => {
      await using client = await ScadaClient.connect(port, folder.path, { userName: "x", password: "x" });
      return (await client.read("i=2258")).statusCode.name;
    };
    const first = certificate();
    const key = readFileSync(store.privateKey, "utf8");
    const clock = new FakeClock(Date.parse(first.validTo) - 61 * dayMs);
    using _renewal = await keepCertificateFresh(server, clock, silentLogger());
    const before = [certificate().fingerprint256, await login()];

    clock.advance(2 * dayMs);
    await until(
      "the new certificate",
      20_000,
      () => certificate().fingerprint256 !== first.fingerprint256 || undefined,
    );

    expect(before).toEqual([first.fingerprint256, "Good"]);
    expect(certificate().publicKey.equals(first.publicKey)).toBe(true);
    expect(readFileSync(store.privateKey, "utf8")).toBe(key);
    expect(certificate().subject).toBe(first.subject);
    expect(await login()).toBe("Good");
  } finally {
    await server.shutdown(0);
  }
});
