import { join } from "node:path";
import { OPCUACertificateManager } from "node-opcua";
import {
  AttributeIds,
  type ClientSession,
  DataType,
  HistoryReadRequest,
  MessageSecurityMode,
  OPCUAClient,
  ReadEventDetails,
  SecurityPolicy,
  StatusCodes,
  UserTokenType,
} from "node-opcua-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Principal } from "#model/command.ts";
import { methodShapesOf } from "#opcua/method-arguments.ts";
import { mayCall } from "#opcua/method-roles.ts";
import { subscribe } from "../conformance/opcua/subscribe.ts";
import { AlarmDesk, eventFilterOf } from "../support/alarm-desk.ts";
import { OpcUaFixture } from "../support/opcua-fixture.ts";
import { until } from "../support/until.ts";
import { userCertificate } from "../support/user-certificate.ts";

/** Who gets in over OPC UA, and what nodes say about who may do what, on a server without anything insecure. */

const root: Principal = { user: "root", roles: ["administrator"], origin: "test" };

let host: OpcUaFixture;
/** Client programs; each has a certificate of its own. */
const clients: OPCUAClient[] = [];

beforeAll(async () => {
  host = await OpcUaFixture.start({ allowInsecure: false, devices: 1 });
}, 60_000);

afterAll(async () => {
  for (const client of clients) await client.disconnect().catch(() => {});
  await host?.[Symbol.asyncDispose]();
});

function program(name: string): OPCUAClient {
  const client = OPCUAClient.create({
    applicationName: name,
    applicationUri: `urn:test:${name}`,
    endpointMustExist: false,
    securityMode: MessageSecurityMode.SignAndEncrypt,
    securityPolicy: SecurityPolicy.Aes256_Sha256_RsaPss,
    connectionStrategy: { maxRetry: 0, initialDelay: 50 },
    clientCertificateManager: new OPCUACertificateManager({
      rootFolder: join(host.folder, name),
      automaticallyAcceptUnknownCertificate: true,
    }),
  });
  clients.push(client);
  return client;
}

/** A connected program whose certificate was accepted, as an administrator does it. */
async function trusted(name: string): Promise<OPCUAClient> {
  const client = program(name);
  await expect(client.connect(host.endpointUrl)).rejects.toThrow();
  const seen = await host.access.trustList.list(root);
  const own = seen.find(({ applicationUri }) => applicationUri === `urn:test:${name}`);
  await host.access.trustList.trust(own?.thumbprint ?? "", root);
  const again = program(name);
  await until(`${name} gets in`, 10_000, () =>
    again.connect(host.endpointUrl).then(
      () => true,
      () => undefined,
    ),
  );
  return again;
}

function login(client: OPCUAClient, userName: string, password: string): Promise<ClientSession> {
  return client.createSession({ type: UserTokenType.UserName, userName, password });
}

async function refusalOf(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(
    () => "let in",
    (error: unknown) => /Bad\w+/.exec(String(error))?.[0] ?? String(error),
  );
}

describe("client programs", () => {
  it("are refused until their certificate is trusted, and again once it is rejected", async () => {
    const client = await trusted("scada-1");
    await (await login(client, "viewer", "look")).close();
    const own = (await host.access.trustList.list(root)).find(({ applicationUri }) =>
      applicationUri.endsWith("scada-1"),
    );
    await host.access.trustList.reject(own?.thumbprint ?? "", root);

    expect(own?.state).toBe("trusted");
    const refused = await until("refused", 10_000, async () => {
      const again = program("scada-1");
      return (await refusalOf(again.connect(host.endpointUrl))) === "let in"
        ? again.disconnect().then(() => undefined)
        : true;
    });
    expect(refused).toBe(true);
  }, 60_000);

  it("find no way in without security or without a user", async () => {
    const client = await trusted("scada-2");
    const endpoints = await client.getEndpoints();
    const anonymous = await refusalOf(client.createSession({ type: UserTokenType.Anonymous }));

    expect([...new Set(endpoints.map(({ securityMode }) => securityMode))]).toEqual([
      MessageSecurityMode.SignAndEncrypt,
    ]);
    expect(endpoints.map(({ securityPolicyUri }) => securityPolicyUri?.split("#")[1] ?? "").join(" ")).toBe(
      ["Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"].join(" "),
    );
    expect(anonymous).not.toBe("let in");
  }, 60_000);
});

describe("wrong passwords", () => {
  it("lock out the program that sent five, also for the right one, and no other", async () => {
    const attacker = await trusted("attacker");
    const other = await trusted("other");
    const answers: string[] = [];
    for (let i = 0; i < 5; i += 1) answers.push(await refusalOf(login(attacker, "admin", `guess ${i}`)));
    answers.push(await refusalOf(login(attacker, "nobody", "guess")));
    answers.push(await refusalOf(login(attacker, "admin", "secret")));
    const session = await login(other, "admin", "secret");
    await session.close();

    // The same answer for a wrong password, an unknown user and a client that is locked out.
    expect([...new Set(answers)]).toEqual(["BadUserAccessDenied"]);
  }, 60_000);
});

describe("users", () => {
  it("who were given a password may do nothing but choose another", async () => {
    await host.access.users.add({ name: "anna", role: "operator", password: "handed out once" }, root).catch(() => {});
    const client = await trusted("scada-3");
    const session = await login(client, "anna", "handed out once");
    const value = { nodeId: "ns=1;s=CB-0001/CurrentPhaseA", attributeId: AttributeIds.Value };
    const before = await session.read(value);
    const changed = await session.call({
      objectId: "i=24290",
      methodId: "i=24310",
      inputArguments: ["handed out once", "chosen by herself"].map((text) => ({
        dataType: DataType.String,
        value: text,
      })),
    });
    const after = await session.read(value);
    await session.close();

    expect(before.statusCode.name).toBe("BadUserAccessDenied");
    expect(changed.statusCode.name).toBe("Good");
    expect(after.statusCode.name).toBe("Good");
    expect(await refusalOf(login(client, "anna", "handed out once"))).toBe("BadUserAccessDenied");
  }, 60_000);

  it("are told of no alarm, past or present, until they chose a password, also not by the Server", async () => {
    await host.historian();
    await host.access.users.add({ name: "dora", role: "viewer", password: "handed out once" }, root);
    const client = await trusted("scada-7");
    const open = async (user: string, password: string) => {
      const session = await login(client, user, password);
      return { session, desk: await AlarmDesk.open({ session }, await subscribe({ session })) };
    };
    const dora = await open("dora", "handed out once");
    const viewer = await open("viewer", "look");

    host.feed("CB-0001", { Temperature: 95 });
    await viewer.desk.see("CB-0001/TemperatureHigh");
    const refreshed = await dora.desk.refresh();
    const past = await Promise.all([dora, viewer].map(({ session }) => eventsBefore(session)));
    for (const { session } of [dora, viewer]) await session.close();

    expect(refreshed).toEqual([]);
    expect(
      dora.desk.events.filter(({ ConditionName }) => ConditionName !== undefined && ConditionName !== null),
    ).toEqual([]);
    expect(past).toEqual(["BadUserAccessDenied", "Good"]);
  }, 60_000);

  it("lose their session when they are removed, and their rights when their role changes", async () => {
    await host.access.users.add(
      { name: "bert", role: "operator", password: "let me operate", mustChangePassword: false },
      root,
    );
    const client = await trusted("scada-4");
    const session = await login(client, "bert", "let me operate");
    const trip = methodShapesOf(host.device("CB-0001").package).find(({ name }) => name === "Trip");
    const executable = { nodeId: await methodId(session, trip?.name ?? ""), attributeId: AttributeIds.UserExecutable };
    const asOperator = await session.read(executable);
    await host.access.users.setRole("bert", "viewer", root);
    const asViewer = await session.read(executable);
    const sessions = host.server.sessionCount;
    await host.access.users.remove("bert", root);

    expect([asOperator.value.value, asViewer.value.value]).toEqual([true, false]);
    expect(host.server.sessionCount).toBe(sessions - 1);
  }, 60_000);

  it("lose their sessions with the password or certificate they rest on, but for the one that chose another", async () => {
    const { users } = host.access;
    const own = await userCertificate(host.folder, "doris");
    await users.add({ name: "doris", role: "operator", password: "let me operate", mustChangePassword: false }, root);
    await users.addCertificate("doris", own.known, root);
    const client = await trusted("scada-8");
    const chooser = await login(client, "doris", "let me operate");
    await login(client, "doris", "let me operate");
    const byCertificate = await client.createSession({ type: UserTokenType.Certificate, ...own.token });
    const mayRead = (session: ClientSession): Promise<string> =>
      refusalOf(session.read({ nodeId: "i=2258", attributeId: AttributeIds.Value }));
    const counts = [host.server.sessionCount];
    const changed = await chooser.call({
      objectId: "i=24290",
      methodId: "i=24310",
      inputArguments: ["let me operate", "a word of my own"].map((value) => ({ dataType: DataType.String, value })),
    });
    counts.push(host.server.sessionCount);
    const chosen = [await mayRead(chooser), await mayRead(byCertificate)];
    await users.setPassword("doris", "handed out again", root, false);
    counts.push(host.server.sessionCount);
    const reset = await mayRead(byCertificate);
    await users.removeCertificate("doris", own.known.thumbprint, root);

    expect(changed.statusCode).toBe(StatusCodes.Good);
    expect([...chosen, reset]).toEqual(["let in", "let in", "let in"]);
    const [before = 0] = counts;
    expect([...counts, host.server.sessionCount]).toEqual([before, before - 1, before - 2, before - 3]);
  }, 60_000);

  it("may log in by a certificate that is theirs, whatever name another one carries", async () => {
    const own = await userCertificate(host.folder, "carl");
    const forged = await userCertificate(host.folder, "admin");
    await host.access.users.add({ name: "carl", role: "operator", password: undefined }, root);
    await host.access.users.addCertificate("carl", own.known, root);
    const client = await trusted("scada-5");
    const session = await client.createSession({ type: UserTokenType.Certificate, ...own.token });
    const executable = { nodeId: await methodId(session, "Trip"), attributeId: AttributeIds.UserExecutable };
    const mayTrip = await session.read(executable);
    await session.close();

    expect(mayTrip.value.value).toBe(true);
    expect(await refusalOf(client.createSession({ type: UserTokenType.Certificate, ...forged.token }))).toBe(
      "BadUserAccessDenied",
    );
  }, 60_000);
});

describe("nodes tell who may do what", () => {
  it("shows UserExecutable and UserAccessLevel as calls and writes will be answered", async () => {
    const client = await trusted("scada-6");
    const pkg = host.device("CB-0001").package;
    const shapes = methodShapesOf(pkg);
    const writable = pkg.parameters.find(({ access, class: kind }) => access === "read-write" && kind === "static");
    const sessions = {
      viewer: await login(client, "viewer", "look"),
      administrator: await login(client, "admin", "secret"),
    };
    for (const role of ["viewer", "administrator"] as const) {
      const session = sessions[role];
      const flags: unknown[] = [];
      for (const { name } of shapes) {
        const nodeId = await methodId(session, name);
        flags.push((await session.read({ nodeId, attributeId: AttributeIds.UserExecutable })).value.value);
      }
      const level = await session.read({
        nodeId: `ns=1;s=CB-0001/${writable?.name}`,
        attributeId: AttributeIds.UserAccessLevel,
      });

      expect(flags).toEqual(shapes.map((shape) => mayCall(pkg, shape, role)));
      expect((Number(level.value.value) & 2) !== 0).toBe(role === "administrator");
    }
    const permissions = {
      nodeId: await methodId(sessions.administrator, "Trip"),
      attributeId: AttributeIds.RolePermissions,
    };
    const toViewer = await sessions.viewer.read(permissions);
    const toAdministrator = await sessions.administrator.read(permissions);
    for (const session of Object.values(sessions)) await session.close();

    expect(toViewer.statusCode).not.toEqual(StatusCodes.Good);
    expect(toAdministrator.value.value).toHaveLength(5);
  }, 60_000);
});

/** How the Server answers who asks for its events. */
async function eventsBefore(session: ClientSession): Promise<string | undefined> {
  const now = host.fleet.clock.now();
  const historyReadDetails = new ReadEventDetails({
    startTime: new Date(now - 60_000),
    endTime: new Date(now + 60_000),
    numValuesPerNode: 10,
    filter: eventFilterOf(["Message"]),
  });
  const request = new HistoryReadRequest({ historyReadDetails, nodesToRead: [{ nodeId: "i=2253" }] });
  const answer = await until("the journal", 10_000, async () => {
    const [result] = (await session.historyRead(request)).results ?? [];
    return result?.statusCode.name === "GoodNoData" ? undefined : result?.statusCode.name;
  });
  return answer;
}

async function methodId(session: ClientSession, name: string): Promise<string> {
  const { package: pkg } = host.device("CB-0001");
  const index = (await session.readNamespaceArray()).indexOf(pkg.namespaceUri);
  return `ns=${index};s=${pkg.typeName}/${pkg.revision}/MethodSet/${name}`;
}
