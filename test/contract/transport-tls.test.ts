import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:tls";
import { Aedes } from "aedes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "#lib/clock.ts";
import { BrokerConnection } from "#transport/shared/broker-connection.ts";
import type { BrokerTls } from "#transport/shared/broker-session.ts";
import { silentLogger } from "../support/silent-logger.ts";
import { until } from "../support/until.ts";
import { issueCertificate, type KeyPair, newKeyPair } from "../unit/fdi/support/certificate.ts";

const authority = newKeyPair();
const authorityPem = certificateOf("Test CA", authority);

function certificateOf(commonName: string, keys: KeyPair): string {
  const wish = { commonName, issuerName: "Test CA", publicKey: keys.publicKey, issuerKey: authority.privateKey };
  return issueCertificate({ ...wish, isAuthority: commonName === "Test CA" }).toString();
}

function keyOf({ privateKey }: KeyPair): string {
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

describe("TLS to the broker", () => {
  let aedes: Aedes;
  let server: Server;
  let url: string;

  beforeAll(async () => {
    aedes = await Aedes.createBroker();
    const keys = newKeyPair();
    const options = { key: keyOf(keys), cert: certificateOf("localhost", keys), ca: authorityPem };
    server = createServer({ ...options, requestCert: true, rejectUnauthorized: true }, aedes.handle);
    server.on("tlsClientError", () => undefined);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `mqtts://localhost:${(server.address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
    server.close();
  });

  /** `up`, or why not. */
  async function outcome(tls: BrokerTls | undefined): Promise<string> {
    const connection = new BrokerConnection({
      settings: { url, clientId: "host", tls },
      user: { greet: () => Promise.resolve(), message: () => undefined, lost: () => undefined },
      clock: systemClock,
      random: () => 0,
      log: silentLogger(),
    });
    connection.start();
    await until("an outcome", 5_000, () => connection.isUp || connection.nextAttemptAt !== undefined);
    const result = connection.isUp ? "up" : connection.detail;
    await connection.stop();
    return result;
  }

  const own = newKeyPair();
  const client = { cert: certificateOf("host", own), key: keyOf(own) };

  it("is up with the broker's authority and a certificate of our own", async () => {
    expect(await outcome({ ca: authorityPem, ...client })).toBe("up");
  });

  it("refuses a broker whose authority is not trusted: there is no way around it", async () => {
    expect(await outcome(client)).toMatch(/unable to (?:verify|get)|self-signed/);
    expect(await outcome(undefined)).toMatch(/unable to (?:verify|get)|self-signed/);
  });

  it("refuses a broker of another name", async () => {
    expect(await outcome({ ca: authorityPem, ...client, servername: "broker.example" })).toContain("broker.example");
  });

  it("is refused without the certificate that the broker wants", async () => {
    expect(await outcome({ ca: authorityPem })).not.toBe("up");
  });
});
