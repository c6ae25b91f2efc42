import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { OPCUACertificateManager } from "node-opcua";
import {
  AttributeIds,
  type ClientSession,
  MessageSecurityMode,
  OPCUAClient,
  SecurityPolicy,
  UserTokenType,
} from "node-opcua-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FacadeFixture } from "../support/facade-fixture.ts";
import { OpcUaFixture } from "../support/opcua-fixture.ts";
import { PlantAuthority } from "../support/plant-authority.ts";

/** Client programs whose certificates an administrator trusts and rejects over HTTP, and certificates that are no good. */

const day = 86_400_000;

let host: OpcUaFixture;
let facade: FacadeFixture;
let url: string;
let token: string;
const clients: OPCUAClient[] = [];

beforeAll(async () => {
  host = await OpcUaFixture.start({ allowInsecure: false, devices: 1 });
  facade = await FacadeFixture.open({}, async () => ({ access: host.access }));
  url = await facade.listen();
  token = (await ask<{ token: string }>("POST", "login", { user: "admin", password: "secret" })).token;
}, 60_000);

afterAll(async () => {
  for (const client of clients) await client.disconnect().catch(() => {});
  await facade?.[Symbol.asyncDispose]();
  await host?.[Symbol.asyncDispose]();
});

async function ask<T>(method: string, path: string, body?: object): Promise<T> {
  const headers = {
    authorization: `Bearer ${token}`,
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await fetch(`${url}/api/v1/${path}`, { method, headers, ...content });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

interface Shown {
  readonly thumbprint: string;
  readonly state: string;
  readonly applicationUri: string;
}

async function shown(name: string): Promise<Shown | undefined> {
  const { items } = await ask<{ items: Shown[] }>("GET", "certificates");
  return items.find(({ applicationUri }) => applicationUri === `urn:test:${name}`);
}

interface Wish {
  readonly startDate?: Date;
}

/** A client program with a certificate of its own. */
interface Program {
  readonly name: string;
  readonly manager: OPCUACertificateManager;
  readonly certificateFile: string;
}

async function program(name: string, wish: Wish = {}): Promise<Program> {
  const manager = new OPCUACertificateManager({
    rootFolder: join(host.folder, name),
    automaticallyAcceptUnknownCertificate: true,
  });
  await manager.initialize();
  const certificateFile = join(host.folder, `${name}.pem`);
  await manager.createSelfSignedCertificate({
    applicationUri: `urn:test:${name}`,
    dns: ["localhost"],
    outputFile: certificateFile,
    subject: `/CN=${name}`,
    startDate: wish.startDate ?? new Date(Date.now() - day),
    validity: 10,
  });
  return { name, manager, certificateFile };
}

/** A session of a program; `claims` is what it says it is, by default what its certificate says. */
async function session({ name, manager, certificateFile }: Program, claims?: string): Promise<ClientSession> {
  const client = OPCUAClient.create({
    applicationName: name,
    applicationUri: `urn:test:${name}`,
    endpointMustExist: false,
    securityMode: MessageSecurityMode.SignAndEncrypt,
    securityPolicy: SecurityPolicy.Aes256_Sha256_RsaPss,
    connectionStrategy: { maxRetry: 0, initialDelay: 50 },
    clientCertificateManager: manager,
    certificateFile,
    privateKeyFile: manager.privateKey,
  });
  // node-opcua's client does not lie by itself.
  if (claims !== undefined) Object.assign(client, { _getApplicationUri: () => claims });
  clients.push(client);
  await client.connect(host.endpointUrl);
  return client.createSession({ type: UserTokenType.UserName, userName: "viewer", password: "look" });
}

async function isLetIn(from: Program): Promise<boolean> {
  return session(from).then(
    () => true,
    () => false,
  );
}

/** What the audit says of refused programs of a name. */
function refusalsOf(name: string): string[] {
  const all = host.fleet.audit.entries.filter(({ action }) => action === "client refused");
  return all.flatMap(({ detail = "" }) => (detail.startsWith(`CN=${name} `) ? [detail.split(": ")[1] ?? ""] : []));
}

describe("a client program", () => {
  it("connects from when an administrator trusts its certificate over HTTP, and until he rejects it", async () => {
    const scada = await program("scada");
    const before = await isLetIn(scada);
    const seen = await shown("scada");
    await ask("POST", `certificates/${seen?.thumbprint}/trust`);
    const open = await session(scada);
    const { value } = await open.read({ nodeId: "ns=1;s=CB-0001/Position", attributeId: AttributeIds.Value });
    const trusted = (await shown("scada"))?.state;
    const sessions = host.server.sessionCount;
    await ask("POST", `certificates/${seen?.thumbprint}/reject`);
    const left = host.server.sessionCount;

    expect([before, seen?.state, trusted]).toEqual([false, "rejected", "trusted"]);
    expect(typeof value.value).toBe("number");
    expect([sessions, left]).toEqual([1, 0]);
    expect(await isLetIn(scada)).toBe(false);
    expect((await shown("scada"))?.state).toBe("rejected");
    expect(refusalsOf("scada")).toEqual(["BadCertificateUntrusted"]);
  });

  it.each<[string, string, Wish, string]>([
    ["has expired", "old", { startDate: new Date(Date.now() - 100 * day) }, "BadCertificateTimeInvalid"],
    ["is not yet valid", "early", { startDate: new Date(Date.now() + day) }, "BadCertificateTimeInvalid"],
  ])("does not connect with a trusted certificate that %s", async (_what, name, wish, status) => {
    const own = await program(name, wish);
    await ask("POST", "certificates", { pem: readFileSync(own.certificateFile, "utf8") });

    expect((await shown(name))?.state).toBe("trusted");
    expect(await isLetIn(own)).toBe(false);
    expect(refusalsOf(name)).toEqual([status]);
  });

  it("connects with a certificate of a trusted authority, and not once that one has revoked it", async () => {
    const authority = new PlantAuthority(join(host.folder, "authority"));
    const own = await program("signed");
    authority.sign(own.manager.privateKey, "urn:test:signed", own.certificateFile);
    const pki = join(host.folder, "pki", "server");
    copyFileSync(authority.certificateFile, join(pki, "trusted", "certs", "authority.pem"));
    copyFileSync(authority.revocationList(), join(pki, "trusted", "crl", "authority.crl"));
    const before = await isLetIn(own);
    authority.revoke(own.certificateFile);
    copyFileSync(authority.revocationList(), join(pki, "trusted", "crl", "authority-2.crl"));

    expect(before).toBe(true);
    expect(await isLetIn(own)).toBe(false);
    expect(refusalsOf("signed")).toEqual(["BadCertificateRevoked"]);
  });

  it("gets no session with a trusted certificate of another application", async () => {
    const own = await program("thief");
    await ask("POST", "certificates", { pem: readFileSync(own.certificateFile, "utf8") });

    expect(await isLetIn(own)).toBe(true);
    await expect(session(own, "urn:test:victim")).rejects.toThrow("BadCertificateUriInvalid");
  });
});
