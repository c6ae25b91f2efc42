import {
  type AddressSpace,
  coerceExpandedNodeId,
  DataType,
  type Namespace,
  nodesets,
  OPCUACertificateManager,
  OPCUAServer,
  Range,
  ReferenceDescription,
  type UAObject,
  type UAVariable,
  VariantArrayType,
} from "node-opcua";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runDoctorCommand } from "#opcua/doctor/doctor-command.ts";
import type { DoctorReport } from "#opcua/doctor/doctor-report.ts";
import { runDoctor } from "#opcua/doctor/run-doctor.ts";
import { freePort } from "../support/free-port.ts";
import { temporaryFolder } from "../support/host-process.ts";

/** A server with one healthy device and one for each way to be ill: the doctor must find each illness, and no other. */

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: OPCUAServer;
let endpointUrl: string;
let report: DoctorReport;

beforeAll(async () => {
  folder = await temporaryFolder();
  const port = await freePort();
  server = new OPCUAServer({
    port,
    host: "127.0.0.1",
    hostname: "127.0.0.1",
    nodeset_filename: [nodesets.standard, nodesets.di],
    serverCertificateManager: new OPCUACertificateManager({ rootFolder: `${folder.path}/server` }),
  });
  await server.initialize();
  if (server.engine.addressSpace === null) throw new Error("no address space");
  new Ward(server.engine.addressSpace).fill();
  await server.start();
  endpointUrl = `opc.tcp://127.0.0.1:${port}`;
  report = await runDoctor({ endpointUrl, pkiFolder: `${folder.path}/doctor` });
}, 60_000);

afterAll(async () => {
  await server?.shutdown(0);
  await folder?.[Symbol.asyncDispose]();
});

/** What was found at nodes whose path contains `part`. */
function findingsAt(part: string): string[] {
  return report.findings.filter(({ path }) => path.includes(part)).map(({ rule, found }) => `${rule}: ${found}`);
}

describe("the doctor", () => {
  it("has nothing to say about a device that is as its type says", () => {
    expect(findingsAt("1:Healthy")).toEqual([]);
  });

  it.each([
    ["NoSize", ["mandatory-child: no such child"]],
    ["SizeElsewhere", ["browse-name-namespace: child 2:Size"]],
    ["SizeOfText", ["data-type: ns=0;i=12"]],
    ["SizeList", ["value-rank: 1"]],
    ["SizeLies", ["value-type: a value of String"]],
    ["SizeIsObject", ["child-type: Object"]],
    ["WrongUnit", ["engineering-unit: unitId 1"]],
    ["WrongSymbol", ["engineering-unit: AMP shown as V"]],
    ["TurnedRange", ["range: 10 to 0"]],
    ["BeyondRange", ["value-in-range: 99 with status Good"]],
    ["UnlistedState", ["enum-value: 7"]],
    ["UnnamedArgument", ['method-argument: argument 1 named "A"', "method-argument: argument A without a description"]],
    ["Forgetful", ["history-flags: Historizing without HistoryRead"]],
    ["HiddenParameter", ["functional-group: in no functional group"]],
    ["OwnIdentification", ["browse-name-namespace: group 1:Identification"]],
    ["OwnRangeName", ["browse-name-namespace: 1:EURange"]],
    ["Untyped", ["type-definition: 0 HasTypeDefinition references"]],
    ["Abstract", ["abstract-type: an instance of ns=2;i=1001"]],
    ["Dangling", ["dangling-reference: a reference to ns=1;i=99999"]],
    ["WrongCondition", ["condition-target: HasCondition to ns=0;i=58"]],
  ])("finds what is wrong with %s", (name, expected) => {
    expect(findingsAt(`1:${name}`).sort()).toEqual([...expected].sort());
  });

  it("warns of a declaration that no instance will get", () => {
    expect(findingsAt("1:ThingType/1:Lost")).toEqual(["modelling-rule: 0 modelling rules"]);
  });

  it("counts what it saw and what a limit left out", async () => {
    const limited = await runDoctor({ endpointUrl, pkiFolder: `${folder.path}/doctor`, maxDevices: 1 });

    expect(report.checked.devices).toBeGreaterThan(15);
    expect(report.devicesLeftOut).toBe(0);
    expect(limited.checked.devices).toBe(1);
    expect(limited.devicesLeftOut).toBe(report.checked.devices - 1);
    expect(report.errors).toBe(report.findings.filter(({ severity }) => severity === "error").length);
  });
});

describe("fdi doctor", () => {
  async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    let out = "";
    let err = "";
    const code = await runDoctorCommand(args, {
      out: (text) => (out += text),
      err: (text) => (err += text),
      env: { FDI_HOST_DATA: folder.path },
    });
    return { code, out, err };
  }

  it("exits with 1 and prints JSON that programs can read when it found errors", async () => {
    const { code, out } = await run(endpointUrl, "--json");

    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ endpointUrl, errors: report.errors });
  });

  it("exits with 2 and one line when it cannot be run", async () => {
    const unreachable = await run(`opc.tcp://127.0.0.1:${await freePort()}`);
    const unknown = await run("--what");

    expect(unreachable).toMatchObject({ code: 2, out: "" });
    expect(unreachable.err.trim().split("\n")).toHaveLength(1);
    expect(unreachable.err).toContain("ECONNREFUSED");
    expect(unknown.code).toBe(2);
    expect(unknown.err).toContain("--what");
  });
});

/** node-opcua hides references to nodes that are not there; other servers show them. */
function addDangling(node: UAObject): void {
  const browseNode = node.browseNode.bind(node);
  node.browseNode = (description, context) => [
    ...browseNode(description, context),
    new ReferenceDescription({
      referenceTypeId: "i=35",
      isForward: true,
      nodeId: coerceExpandedNodeId("ns=1;i=99999"),
      browseName: { namespaceIndex: 1, name: "Gone" },
    }),
  ];
}

/** Builds the patients with node-opcua's own API. */
class Ward {
  readonly #space: AddressSpace;
  readonly #own: Namespace;
  readonly #di: number;
  readonly #deviceSet: UAObject;

  constructor(space: AddressSpace) {
    this.#space = space;
    this.#own = space.getOwnNamespace();
    this.#di = space.getNamespaceIndex("http://opcfoundation.org/UA/DI/");
    this.#deviceSet = space.findNode(`ns=${this.#di};i=5001`) as UAObject;
    this.#addThingType();
  }

  fill(): void {
    const { Double, String: Text } = DataType;
    this.#sized("Healthy", { dataType: "Double", value: { dataType: Double, value: 5 } });
    this.#thing("NoSize");
    const elsewhere = this.#thing("SizeElsewhere");
    this.#own.addVariable({
      propertyOf: elsewhere,
      browseName: { namespaceIndex: this.#di, name: "Size" },
      dataType: "Double",
    });
    this.#sized("SizeOfText", { dataType: "String", value: { dataType: Text, value: "big" } });
    const list = { dataType: Double, arrayType: VariantArrayType.Array, value: [1, 2] };
    this.#sized("SizeList", { dataType: "Double", valueRank: 1, arrayDimensions: [0], value: list });
    const lies = this.#sized("SizeLies", { dataType: "Double", value: { dataType: Double, value: 1 } });
    const { $dataValue } = lies as unknown as { $dataValue: { value: { dataType: DataType; value: unknown } } };
    $dataValue.value.dataType = Text;
    $dataValue.value.value = "one";
    this.#own.addObject({ componentOf: this.#thing("SizeIsObject"), browseName: "Size" });
    this.#measured("WrongUnit", { unitId: 1 });
    this.#measured("WrongSymbol", { symbol: "V" });
    this.#measured("TurnedRange", { low: 10, high: 0 });
    this.#measured("BeyondRange", { value: 99 });
    this.#fillOddities();
  }

  #fillOddities(): void {
    const state = this.#own.addMultiStateValueDiscrete({
      browseName: "UnlistedState",
      componentOf: this.#deviceSet,
      enumValues: [{ value: 1, displayName: "One" }],
      value: 1,
    });
    (state as unknown as { $dataValue: { value: { value: number } } }).$dataValue.value.value = 7;
    const caller = this.#device("UnnamedArgument");
    this.#own.addMethod(caller, {
      browseName: "Do",
      inputArguments: [
        { name: "A", dataType: DataType.Double },
        { name: "A", dataType: DataType.Double, description: { text: "a second A" } },
      ],
      outputArguments: [],
    });
    this.#own.addVariable({
      componentOf: this.#device("Forgetful"),
      browseName: "Value",
      dataType: "Double",
      historizing: true,
    });
    this.#addParameterDevice("HiddenParameter");
    this.#addGroup(this.#device("OwnIdentification"), { namespaceIndex: 1, name: "Identification" });
    const holder = this.#own.addVariable({
      componentOf: this.#device("OwnRangeName"),
      browseName: "V",
      dataType: "Double",
    });
    this.#own.addVariable({ propertyOf: holder, browseName: "EURange", dataType: "Range" });
    const untyped = this.#device("Untyped");
    untyped.removeReference({ referenceType: "HasTypeDefinition", nodeId: "i=58" });
    const topologyElement = this.#space.findObjectType("TopologyElementType", this.#di);
    if (topologyElement === null) throw new Error("no TopologyElementType");
    this.#own.addObject({ componentOf: this.#deviceSet, browseName: "Abstract", typeDefinition: topologyElement });
    addDangling(this.#device("Dangling"));
    const source = this.#device("WrongCondition");
    for (const nodeId of ["i=58", "i=10751"]) source.addReference({ referenceType: "HasCondition", nodeId });
  }

  #addThingType(): void {
    const type = this.#own.addObjectType({ browseName: "ThingType" });
    const add = (browseName: string, rule: { modellingRule?: "Mandatory" }): void =>
      void this.#own.addVariable({ propertyOf: type, browseName, dataType: "Double", ...rule });
    add("Size", { modellingRule: "Mandatory" });
    add("Lost", {});
  }

  #device(name: string): UAObject {
    return this.#own.addObject({ componentOf: this.#deviceSet, browseName: name, typeDefinition: "BaseObjectType" });
  }

  #thing(name: string): UAObject {
    const type = this.#space.findObjectType("ThingType", 1);
    if (type === null) throw new Error("no ThingType");
    return this.#own.addObject({ componentOf: this.#deviceSet, browseName: name, typeDefinition: type });
  }

  #sized(name: string, options: Omit<Parameters<Namespace["addVariable"]>[0], "browseName">): UAVariable {
    return this.#own.addVariable({ ...options, propertyOf: this.#thing(name), browseName: "Size" });
  }

  #measured(
    name: string,
    fault: { unitId?: number; symbol?: string; low?: number; high?: number; value?: number },
  ): void {
    const variable = this.#own.addAnalogDataItem({
      componentOf: this.#device(name),
      browseName: "Current",
      dataType: "Double",
      engineeringUnitsRange: { low: 0, high: 10 },
      engineeringUnits: {
        namespaceUri: "http://www.opcfoundation.org/UA/units/un/cefact",
        unitId: fault.unitId ?? 0x414d50,
        displayName: { text: fault.symbol ?? "A" },
        description: { text: "ampere" },
      },
      value: { dataType: DataType.Double, value: fault.value ?? 5 },
    });
    if (fault.low === undefined) return;
    const turned = new Range({ low: fault.low, high: fault.high ?? 0 });
    variable.getPropertyByName("EURange")?.setValueFromSource({ dataType: DataType.ExtensionObject, value: turned });
  }

  #addParameterDevice(name: string): void {
    const device = this.#device(name);
    const set = this.#own.addObject({
      componentOf: device,
      browseName: { namespaceIndex: this.#di, name: "ParameterSet" },
    });
    const shown = this.#own.addVariable({ componentOf: set, browseName: "Shown", dataType: "Double" });
    this.#own.addVariable({ componentOf: set, browseName: "Hidden", dataType: "Double" });
    const group = this.#addGroup(device, { namespaceIndex: 1, name: "All" });
    group.addReference({ referenceType: "Organizes", nodeId: shown });
  }

  #addGroup(device: UAObject, browseName: { namespaceIndex: number; name: string }): UAObject {
    const type = this.#space.findObjectType("FunctionalGroupType", this.#di);
    if (type === null) throw new Error("no FunctionalGroupType");
    return this.#own.addObject({ componentOf: device, browseName, typeDefinition: type });
  }
}
