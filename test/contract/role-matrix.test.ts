import {
  AttributeIds,
  BrowseDirection,
  DataType,
  DataValue,
  NodeClass,
  ReadRawModifiedDetails,
  resolveNodeId,
  Variant,
  VariantArrayType,
  type VariantLike,
} from "node-opcua-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { actionRoles, type NamedAction } from "#fleet/access/action.ts";
import { type PackageRole, packageRoles } from "#model/command-spec.ts";
import { HostError } from "#model/errors.ts";
import { performs, readHistory, structure, updateHistory, writeValues } from "../conformance/opcua/history.ts";
import { byteString, conditionIdOf, conditionMethodIds, duration, localized } from "../support/alarm-desk.ts";
import { text } from "../support/control-server.ts";
import { FacadeFixture } from "../support/facade-fixture.ts";
import type { ScadaClient } from "../support/opcua-client.ts";
import { OpcUaFixture } from "../support/opcua-fixture.ts";

/** Role x action over HTTP and over OPC UA: the routes and methods are those that the servers have, the answers are said here. */

interface Method {
  readonly parent: string;
  readonly id: string;
  readonly name: string;
}

let host: OpcUaFixture;
const clients = new Map<PackageRole, ScadaClient>();
/** Anonymous, on a connection without security. */
let visitor: ScadaClient;
/** Every method that can be found from the Objects folder. */
let methods: readonly Method[] = [];

const device = "CB-0001";
const now = Date.UTC(2026, 2, 1, 12);

/** What a call, write or read is answered with: the name of its StatusCode. */
type Attempt = (client: ScadaClient) => Promise<string>;

interface Row {
  /** The least role that may do it. */
  readonly least: PackageRole;
  /** How it is done over OPC UA, by the name of the method or service. */
  readonly opcua?: Readonly<Record<string, Attempt>>;
}

const call =
  (objectId: string, methodId: string, inputArguments: VariantLike[] = []): Attempt =>
  async ({ session }) =>
    (await session.call({ objectId, methodId, inputArguments })).statusCode.name;

/** Of the alarm of a breaker; what it is called with is of no use, so that nothing changes. */
const condition = (method: keyof typeof conditionMethodIds, inputs: VariantLike[] = []): Attempt =>
  call(conditionIdOf(`${device}/TemperatureHigh`), conditionMethodIds[method], inputs);
const unknownEvent = [byteString(Buffer.alloc(16)), localized("")];

/** Of the type of the breaker. */
const ofType =
  (method: string, inputs: VariantLike[] = []): Attempt =>
  (client) => {
    const found = methods.find(({ parent, name }) => name === method && parent === `ns=1;s=${device}/MethodSet`);
    return call(found?.parent ?? "", found?.id ?? "", inputs)(client);
  };

const lock =
  (id: number, inputs: VariantLike[] = []): Attempt =>
  async (client) => {
    const di = await client.indexOf("http://opcfoundation.org/UA/DI/");
    return call(`ns=1;s=${device}/Lock`, `ns=${di};i=${id}`, inputs)(client);
  };

const history = `ns=1;s=${device}/CurrentPhaseA`;

async function annotate(client: ScadaClient): Promise<string> {
  const value = await structure(client, "Annotation", { message: "x", userName: "x", annotationTime: new Date(now) });
  const { statusCode, operationResults } = await updateHistory(client, "UpdateStructureDataDetails", {
    nodeId: resolveNodeId(`${history}/Annotations`),
    performInsertReplace: performs.update,
    updateValues: [
      new DataValue({
        value: new Variant({ dataType: DataType.ExtensionObject, value }),
        sourceTimestamp: new Date(now),
      }),
    ],
  });
  return operationResults?.[0]?.name ?? statusCode.name;
}

async function modify(client: ScadaClient): Promise<string> {
  const { statusCode, operationResults } = await writeValues(client, history, "update", [[now, 1]]);
  return operationResults?.[0]?.name ?? statusCode.name;
}

async function readBack(client: ScadaClient): Promise<string> {
  const span = { startTime: new Date(now), endTime: new Date(now + 1), isReadModified: false };
  const [result] = await readHistory(client, new ReadRawModifiedDetails(span), [history]);
  return result?.statusCode.name ?? "";
}

async function giveName(client: ScadaClient): Promise<string> {
  const nodeId = resolveNodeId(await client.browse(`/2:DeviceSet/1:${device}/2:AssetId`));
  const value = { value: { dataType: DataType.String, value: "Q1" } };
  const [statusCode] = await client.session.write([{ nodeId, attributeId: AttributeIds.Value, value }]);
  return statusCode?.name ?? "";
}

const no = { dataType: DataType.Boolean, value: false };
const noBits = { dataType: DataType.UInt32, value: 0 };

/** Of the role Observer, with a rule about nobody. */
const identity =
  (method: string): Attempt =>
  async (client) => {
    const rule = { criteriaType: 1, criteria: "nobody" };
    const value = await client.session.constructExtensionObject(resolveNodeId("i=15634"), rule);
    return call("i=15668", method, [{ dataType: DataType.ExtensionObject, value }])(client);
  };

const devices = { dataType: DataType.String, arrayType: VariantArrayType.Array, value: [device] };

const matrix: Record<NamedAction, Row> = {
  "device.read": { least: "viewer", opcua: { Read: async (client) => (await client.read(history)).statusCode.name } },
  "history.read": { least: "viewer", opcua: { HistoryRead: readBack } },
  "history.export": { least: "viewer" },
  "history.annotate": { least: "operator", opcua: { "HistoryUpdate of annotations": annotate } },
  "history.modify": { least: "administrator", opcua: { "HistoryUpdate of values": modify } },
  "alarm.read": { least: "viewer" },
  "alarm.acknowledge": {
    least: "operator",
    opcua: { Acknowledge: condition("Acknowledge", unknownEvent), Confirm: condition("Confirm", unknownEvent) },
  },
  "alarm.comment": { least: "operator", opcua: { AddComment: condition("AddComment", unknownEvent) } },
  "alarm.shelve": {
    least: "operator",
    opcua: {
      TimedShelve: condition("TimedShelve", [duration(-1)]),
      OneShotShelve: condition("OneShotShelve"),
      Unshelve: condition("Unshelve"),
    },
  },
  "alarm.suppress": {
    least: "operator",
    opcua: { Suppress: condition("Suppress"), Unsuppress: condition("Unsuppress") },
  },
  "alarm.reset": { least: "operator", opcua: { "Reset of an alarm": condition("Reset") } },
  "alarm.configure": {
    least: "maintenance",
    opcua: {
      RemoveFromService: condition("RemoveFromService"),
      PlaceInService: condition("PlaceInService"),
      Disable: condition("Disable"),
      Enable: condition("Enable"),
      Reset: call("ns=1;s=Fleet/AlarmMetrics", "ns=1;s=Fleet/AlarmMetrics-Reset"),
    },
  },
  "device.lock": {
    least: "operator",
    opcua: { InitLock: lock(6393, [text("")]), RenewLock: lock(6396), ExitLock: lock(6398) },
  },
  "device.break-lock": { least: "administrator", opcua: { BreakLock: lock(6400) } },
  // Of packages that ask for it: command-roles.test.ts.
  "device.select": { least: "operator" },
  "device.test": {
    least: "operator",
    opcua: {
      AbortTest: ofType("AbortTest", [{ dataType: DataType.Guid, value: "11111111-1111-1111-1111-111111111111" }]),
    },
  },
  "device.name": { least: "maintenance", opcua: { "Write of AssetId": giveName } },
  "device.change-package": {
    least: "maintenance",
    opcua: { ChangePackage: call("ns=1;s=Catalogue", "ns=1;s=Catalogue/ChangePackage", [text("x"), devices]) },
  },
  "device.onboard": {
    least: "maintenance",
    opcua: {
      Accept: call("ns=1;s=Onboarding", "ns=1;s=Onboarding/Accept", [text("x"), text(""), text("")]),
      Reject: call("ns=1;s=Onboarding", "ns=1;s=Onboarding/Reject", [text("x")]),
    },
  },
  "device.remove": {
    least: "administrator",
    opcua: { Remove: call("ns=1;s=Onboarding", "ns=1;s=Onboarding/Remove", [text("CB-1")]) },
  },
  "configuration.accept": { least: "maintenance", opcua: { AcceptConfiguration: ofType("AcceptConfiguration") } },
  "template.apply": { least: "maintenance" },
  "package.read": { least: "viewer" },
  "package.manage": { least: "administrator" },
  "system.read": { least: "viewer" },
  "audit.read": { least: "maintenance" },
  "user.manage": {
    least: "administrator",
    opcua: {
      AddUser: call("i=24290", "i=24304", [text("x"), text("x"), noBits, text("")]),
      ModifyUser: call("i=24290", "i=24306", [text("x"), no, text(""), no, noBits, no, text("")]),
      RemoveUser: call("i=24290", "i=24308", [text("x")]),
      AddIdentity: identity("i=15672"),
      RemoveIdentity: identity("i=15674"),
    },
  },
  "session.manage": { least: "administrator" },
  "certificate.manage": { least: "administrator" },
};

/** Methods that ask a package, not this table: they have one of their own (command-roles.test.ts). */
const asksPackage = ["ApplyTemplate", "GetConfiguration", "GetTestReport", "Select", "Cancel"];
/** About the own session or password. */
const everybodys = ["GetMonitoredItems", "ResendData", "SetSubscriptionDurable", "ChangePassword"];
const administrators = new Set(["RequestServerStateChange"]);

function clientOf(role: PackageRole): ScadaClient {
  const client = clients.get(role);
  if (client === undefined) throw new Error(`no client of ${role}`);
  return client;
}

async function methodsOf({ session }: ScadaClient): Promise<Method[]> {
  const found: Method[] = [];
  const seen = new Set(["i=85"]);
  let open = ["i=85"];
  while (open.length > 0) {
    const common = { referenceTypeId: "i=33", includeSubtypes: true, nodeClassMask: 0, resultMask: 63 };
    const browseDirection = BrowseDirection.Forward;
    const results = await session.browse(open.map((nodeId) => ({ nodeId, browseDirection, ...common })));
    const next: string[] = [];
    for (const [i, { references }] of results.entries()) {
      for (const { nodeId, nodeClass, browseName } of references ?? []) {
        const id = nodeId.toString();
        if (nodeClass === NodeClass.Method) found.push({ parent: open[i] ?? "", id, name: browseName.name ?? "" });
        else if (!seen.has(id)) next.push(id);
        seen.add(id);
      }
    }
    open = next;
  }
  return found;
}

function from(least: PackageRole): PackageRole[] {
  return packageRoles.slice(packageRoles.indexOf(least));
}

async function whoMay(attempt: (role: PackageRole) => Promise<boolean>): Promise<PackageRole[]> {
  const allowed: PackageRole[] = [];
  for (const role of packageRoles) if (await attempt(role)) allowed.push(role);
  return allowed;
}

/** An API over a fleet of its own, because some of what is asked for is done. */
async function openFacade(): Promise<FacadeFixture> {
  const facade = await FacadeFixture.open();
  const noWire = (): never => {
    throw new HostError("command-not-sent", "no wire");
  };
  Object.assign(facade.fleet.transport, { onSend: noWire, onWrite: noWire });
  return facade;
}

/** Who is let through by a route, with a body that is of no use otherwise. */
function whoMayAsk(facade: FacadeFixture, route: string, payload: object = {}): Promise<PackageRole[]> {
  const [method = "", url = ""] = route.split(" ");
  const path = url.replace(":id", "CB-1").replaceAll(/:[a-zA-Z]+|\*/g, "x");
  const body = method === "GET" || method === "HEAD" ? {} : { payload };
  return whoMay(async (role) => (await facade.as(role, { method, url: path, ...body })).statusCode !== 403);
}

beforeAll(async () => {
  const users = packageRoles.map((role) => ({ name: role, role, password: `password of ${role}` }));
  host = await OpcUaFixture.start({ devices: 1, users });
  await host.historian();
  for (const role of packageRoles) clients.set(role, await host.as(role, `password of ${role}`));
  visitor = await host.visitor();
  methods = await methodsOf(clientOf("administrator"));
}, 60_000);

afterAll(async () => {
  for (const client of [...clients.values(), visitor]) await client?.[Symbol.asyncDispose]();
  await host?.[Symbol.asyncDispose]();
});

const cells = Object.entries(matrix).flatMap(([action, { least, opcua = {} }]) =>
  Object.entries(opcua).map(([way, attempt]) => [action, way, least, attempt] as const),
);
const isDenied = (code: string): boolean => code === "BadUserAccessDenied";

describe("role x action", () => {
  it("is what the host decides by", () => {
    expect(actionRoles).toEqual(
      Object.fromEntries(Object.entries(matrix).map(([action, { least }]) => [action, least])),
    );
  });

  it.each(cells)("%s over OPC UA: %s", async (_action, way, least, attempt) => {
    const answers = new Map<string, string>();
    const allowed = await whoMay(async (role) => {
      const answer = await attempt(clientOf(role));
      answers.set(role, answer);
      return !isDenied(answer);
    });
    const toVisitor = await attempt(visitor);

    expect(allowed, JSON.stringify([...answers])).toEqual(from(least));
    // Whoever is not logged in may look where the demo lets him, and do nothing.
    expect(/AccessDenied|SecurityModeInsufficient/.test(toVisitor), `${way}: ${toVisitor}`).toBe(least !== "viewer");
    expect(
      [...answers.values(), toVisitor].filter((code) =>
        /MethodInvalid|Internal|NotSupported|NotImpl|Arguments/.test(code),
      ),
    ).toEqual([]);
  });

  it("over HTTP is the same, for every route of an action", async () => {
    await using facade = await openFacade();
    const routes = facade.app.guardedRoutes.filter(({ config }) => config.action !== undefined);
    const wrong: string[] = [];
    for (const { method, url, config } of routes) {
      if (config.action === undefined || config.packageDecides === true) continue;
      const allowed = await whoMayAsk(facade, `${method} ${url}`);
      if (allowed.join() !== from(matrix[config.action].least).join())
        wrong.push(`${method} ${url}: ${allowed.join()}`);
    }

    expect(routes.length).toBeGreaterThan(60);
    expect(wrong).toEqual([]);
  });

  it.each([
    ["Trip", {}, "operator"],
    ["Close", {}, "operator"],
    ["Reset", { ResetType: "Alarms" }, "operator"],
    ["Reset", { ResetType: "Counters" }, "maintenance"],
    ["Reset", { ResetType: "ThermalMemory" }, "administrator"],
    ["SelfTest", {}, "maintenance"],
    ["ProtectionTest", {}, "maintenance"],
  ] as const)("over HTTP a package decides on %s %j", async (command, given, least) => {
    await using facade = await openFacade();
    const payload = { arguments: given };

    expect(await whoMayAsk(facade, `POST /api/v1/devices/CB-1/commands/${command}`, payload)).toEqual(from(least));
  });

  it("over HTTP a package decides on its settings and tests", async () => {
    await using facade = await openFacade();
    expect(await whoMayAsk(facade, "PUT /api/v1/devices/CB-1/parameters/ThermalPickup", { value: 240 })).toEqual(
      from("maintenance"),
    );
    expect(await whoMayAsk(facade, "POST /api/v1/devices/CB-1/tests/Diagnosis")).toEqual(from("maintenance"));
    expect(await whoMayAsk(facade, "POST /api/v1/devices/CB-1/tests/CommunicationTest")).toEqual(from("operator"));
  });

  it("has an answer for every method that the server lets anybody call", async () => {
    const rows = new Set(cells.map(([, way]) => way));
    const known = (name: string): boolean =>
      [rows, new Set(asksPackage), new Set(everybodys)].some((set) => set.has(name));
    const all = [...new Map(methods.map((method) => [method.id, method])).values()];
    const nodes = all.map(({ id }) => ({ nodeId: id, attributeId: AttributeIds.UserExecutable }));
    const flagsFor = async ({ session }: ScadaClient): Promise<boolean[]> =>
      (await session.read(nodes)).map(({ value }) => value.value === true);
    const byRole = await Promise.all(packageRoles.map((role) => flagsFor(clientOf(role))));
    const byVisitor = await flagsFor(visitor);
    const unknown = all.filter(({ name, parent }, i) => {
      const allowed = packageRoles.filter((_role, k) => byRole[k]?.[i] === true);
      const isAdministrators = administrators.has(name) && allowed.join() === "administrator";
      const isOfPackage = parent.endsWith("/MethodSet") && byVisitor[i] === false;
      return allowed.length > 0 && !known(name) && !isAdministrators && !isOfPackage;
    });

    expect(methods.length).toBeGreaterThan(100);
    expect(unknown).toEqual([]);
  });
});
