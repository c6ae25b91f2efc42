import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "node:tls";
import { MessageSecurityMode, OPCUAClient, SecurityPolicy, UserTokenType } from "node-opcua-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runUserCommand } from "#app/access/user-command.ts";
import { runMqttCommand } from "#app/broker/mqtt-command.ts";
import { type Host, startHost } from "#app/host.ts";
import { loadConfig } from "#config/load-config.ts";
import type { SecurityLevel } from "#config/security-level.ts";
import { freePort } from "../support/free-port.ts";
import { freePorts, hostEnvironment, temporaryFolder } from "../support/host-process.ts";
import { silentLogger } from "../support/silent-logger.ts";
import { issueCertificate, newKeyPair } from "../unit/fdi/support/certificate.ts";

/** What the three levels really do, on whole hosts that run as the demo: where most is let in. */

const aes = ["Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"];

/** The claims of docs/security.md. */
const levels = {
  standard: {
    policies: ["Basic256Sha256", ...aes, "None"],
    anonymous: true,
    tls: ["TLSv1.2", "TLSv1.3"],
    password: 10,
    onTamperedAudit: /^started$/,
  },
  enhanced: {
    policies: ["Basic256Sha256", ...aes],
    anonymous: false,
    tls: ["TLSv1.2", "TLSv1.3"],
    password: 12,
    onTamperedAudit: /^started$/,
  },
  critical: {
    policies: aes,
    anonymous: false,
    tls: ["TLSv1.3"],
    password: 14,
    onTamperedAudit: /tampered with \(.+ line \d+: .+\): security\.level critical does not start on it; keep/,
  },
} as const satisfies Record<SecurityLevel, object>;

async function start(level: SecurityLevel, folder: string): Promise<Host> {
  const ports = await freePorts();
  const keys = newKeyPair();
  const names = { commonName: "localhost", issuerName: "localhost" };
  const certificate = issueCertificate({ ...names, publicKey: keys.publicKey, issuerKey: keys.privateKey });
  await writeFile(join(folder, "http.pem"), certificate.toString());
  await writeFile(join(folder, "http.key"), keys.privateKey.export({ type: "pkcs8", format: "pem" }));
  const file = {
    security: { level },
    demo: { enabled: true, devices: 1 },
    http: { certFile: "http.pem", keyFile: "http.key" },
  };
  await writeFile(join(folder, "host.yaml"), JSON.stringify(file));
  // A store that is not there: the embedded one takes seconds to be made and says nothing about levels.
  const noStore = { FDI_HOST_DATABASE_URL: `postgres://fdi@127.0.0.1:${await freePort()}/fdi` };
  const env = { ...hostEnvironment(ports, join(folder, "data")), ...noStore };
  const config = await loadConfig({ file: "host.yaml", demo: undefined, env, workingFolder: folder });
  return startHost(config, { log: silentLogger(), version: "0" });
}

async function ways(url: string): Promise<{ readonly policies: string[]; readonly anonymous: boolean }> {
  const client = OPCUAClient.create({
    endpointMustExist: false,
    securityMode: MessageSecurityMode.None,
    securityPolicy: SecurityPolicy.None,
    connectionStrategy: { maxRetry: 0 },
  });
  await client.connect(url);
  const endpoints = await client.getEndpoints();
  const session = await client.createSession({ type: UserTokenType.Anonymous }).catch(() => undefined);
  await session?.close();
  await client.disconnect();
  const offersAnonymous = endpoints.some(({ userIdentityTokens }) =>
    (userIdentityTokens ?? []).some(({ tokenType }) => tokenType === UserTokenType.Anonymous),
  );
  expect(offersAnonymous).toBe(session !== undefined);
  for (const { securityMode, securityPolicyUri } of endpoints) {
    const isNone = securityPolicyUri?.endsWith("#None") === true;
    expect(securityMode).toBe(isNone ? MessageSecurityMode.None : MessageSecurityMode.SignAndEncrypt);
  }
  const policies = new Set(endpoints.map(({ securityPolicyUri }) => securityPolicyUri?.split("#")[1] ?? ""));
  return { policies: [...policies], anonymous: session !== undefined };
}

/** Which versions of TLS a server takes. */
async function tlsOf(url: string): Promise<string[]> {
  const taken: string[] = [];
  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const port = Number(new URL(url).port);
    const own = { minVersion: version, maxVersion: version, rejectUnauthorized: false };
    const socket = connect({ port, host: "127.0.0.1", ...own }, () => resolve(socket.getProtocol() ?? undefined));
    socket.on("error", () => resolve(undefined));
    const protocol = await promise;
    socket.destroy();
    if (protocol !== undefined) taken.push(protocol);
  }
  return taken;
}

/** The shortest password that a new user may have. */
async function shortestPassword({ fleet }: Host): Promise<number> {
  const by = { user: "root", roles: ["administrator"], origin: "test" } as const;
  for (let length = 8; length < 20; length += 1) {
    const password = "kq7!wpzvxjmr3tdfhnbc".slice(0, length);
    const added = await fleet.access.users.add({ name: "anna", role: "viewer", password }, by).catch(() => undefined);
    if (added !== undefined) return length;
  }
  return 0;
}

/** Whether the tools, which know the data folder only, take a password of that length. */
async function toolsTake(folder: string, length: number): Promise<boolean[]> {
  const file = join(folder, "password");
  await writeFile(file, "kq7!wpzvxjmr3tdfhnbc".slice(0, length));
  const io = { out: () => {}, err: () => {}, env: { FDI_HOST_DATA: join(folder, "data") } };
  const user = await runUserCommand(["add", "otto", "--role", "viewer", "--password-file", file], io);
  const device = await runMqttCommand(["add", "CB-7", "--password-file", file], io);
  return [user === 0, device === 0];
}

describe.each(Object.entries(levels))("the demo at level %s", (level, claims) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let host: Host;

  beforeAll(async () => {
    folder = await temporaryFolder();
    host = await start(level as SecurityLevel, folder.path);
  });

  afterAll(async () => {
    await host?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  it("offers the policies that it claims, and lets nobody in beyond", async () => {
    const { policies, anonymous } = await ways(host.opcua.endpointUrl);

    expect(policies.toSorted()).toEqual([...claims.policies].toSorted());
    expect(anonymous).toBe(claims.anonymous);
  });

  it("takes the versions of TLS and the lengths of passwords that it claims", async () => {
    expect(await tlsOf(host.http.url)).toEqual(claims.tls);
    expect(await shortestPassword(host)).toBe(claims.password);
    expect(await toolsTake(folder.path, claims.password - 1)).toEqual([false, false]);
    expect(await toolsTake(folder.path, claims.password)).toEqual([true, true]);
  });

  it("starts on an audit that somebody changed where it claims to, else says where the fault is", async () => {
    await host[Symbol.asyncDispose]();
    const audit = join(folder.path, "data/audit");
    const segment = (await readdir(audit)).find((name) => name.endsWith(".jsonl")) ?? "";
    const text = await readFile(join(audit, segment), "utf8");
    await writeFile(join(audit, segment), text.replace("anna", "hans"));

    const outcome = await start(level as SecurityLevel, folder.path).then(
      (again) => {
        host = again;
        return "started";
      },
      (error: unknown) => String(error),
    );

    expect(text).toContain("anna");
    expect(outcome).toMatch(claims.onTamperedAudit);
  });
});
