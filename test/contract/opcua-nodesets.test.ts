import { existsSync } from "node:fs";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  AddressSpace,
  type BaseNode,
  generateAddressSpace,
  NodeClass,
  setErrorLogger,
  setWarningLogger,
  type UAMethod,
  type UAObject,
  type UAVariable,
} from "node-opcua";
import { afterEach, describe, expect, it } from "vitest";
import {
  breakerMethods,
  breakerParameters,
  breakerTypesUri,
  circuitBreakerTypeId,
} from "#opcua/nodesets/breaker-type.ts";
import { fdi5Uri, findNodesetFiles } from "#opcua/nodesets/nodeset-files.ts";
import { temporaryFolder } from "../support/host-process.ts";

const root = resolve(import.meta.dirname, "../..");
const officialFdi5 = resolve(root, "../shared/nodesets/Opc.Ua.Fdi5.NodeSet2.xml");
const ownFdi5 = join(root, "nodesets/FdiHost.Fdi5.NodeSet2.xml");
const hasOfficial = existsSync(officialFdi5);

const spaces: AddressSpace[] = [];
afterEach(() => {
  for (const space of spaces.splice(0)) space.dispose();
});

async function load(files: readonly string[]): Promise<AddressSpace> {
  const space = AddressSpace.create();
  spaces.push(space);
  space.registerNamespace("urn:test");
  await generateAddressSpace(space, [...files]);
  return space;
}

async function bundled(): Promise<readonly string[]> {
  return (await findNodesetFiles(join(root, "no-such-folder"))).files;
}

/** What a node is, without descriptions and values: name, class, types, arguments and references in both directions. */
function factsOf(node: BaseNode): string[] {
  const facts = [`${NodeClass[node.nodeClass]} ${node.browseName.toString()}`];
  if (node.nodeClass === NodeClass.Variable || node.nodeClass === NodeClass.VariableType) {
    const { dataType, valueRank } = node as UAVariable;
    facts.push(`data type ${dataType.toString()} rank ${valueRank}`);
  }
  if (node.nodeClass === NodeClass.Method) {
    const method = node as UAMethod;
    for (const argument of [...method.getInputArguments(), ...method.getOutputArguments()]) {
      facts.push(`argument ${argument.name} ${argument.dataType.toString()} rank ${argument.valueRank}`);
    }
  }
  if ("isAbstract" in node) facts.push(`abstract ${String(node.isAbstract)}`);
  const references = node.allReferences().map((reference) => {
    const direction = reference.isForward ? "->" : "<-";
    return `${reference.referenceType.toString()} ${direction} ${reference.nodeId.toString()}`;
  });
  return [...facts, ...references.sort()];
}

function factsOfNamespace(space: AddressSpace, uri: string): Record<string, string[]> {
  const nodes = [...(space.getNamespace(uri) as unknown as { nodeIterator(): Iterable<BaseNode> }).nodeIterator()];
  return Object.fromEntries(nodes.map((node) => [node.nodeId.toString(), factsOf(node)]));
}

describe("our NodeSet files", () => {
  it("load without a warning", async () => {
    const complaints: unknown[][] = [];
    const note = (_context: unknown, ...words: unknown[]): void => void complaints.push(words);
    setWarningLogger(note);
    setErrorLogger(note);

    const space = await load(await bundled());

    expect(complaints).toEqual([]);
    expect(space.getNamespaceIndex(fdi5Uri)).toBe(3);
    expect(space.getNamespaceIndex(breakerTypesUri)).toBe(4);
  });

  it.skipIf(!hasOfficial)(
    `has every FDI node of the official file and no other${hasOfficial ? "" : " (skipped: ../shared/nodesets is not here)"}`,
    async () => {
      const [standard = "", di = ""] = await bundled();

      const ours = factsOfNamespace(await load([standard, di, ownFdi5]), fdi5Uri);
      const official = factsOfNamespace(await load([standard, di, officialFdi5]), fdi5Uri);

      expect(Object.keys(official).length).toBeGreaterThan(100);
      expect(ours).toEqual(official);
    },
  );

  it("make structures of FDI that clients can build", async () => {
    const space = await load(await bundled());
    const type = space.findDataType("ApplyResult", space.getNamespaceIndex(fdi5Uri));
    if (type === null) throw new Error("ApplyResult is missing");

    const value = space.constructExtensionObject(type, { status: -1, transferIncidents: [] });

    expect(value).toMatchObject({ status: -1, transferIncidents: [] });
  });

  it("declare the members of CircuitBreakerType that breakerMembersOf goes by", async () => {
    const space = await load(await bundled());
    const index = space.getNamespaceIndex(breakerTypesUri);
    const type = space.findNode(`ns=${index};i=${circuitBreakerTypeId}`) as unknown as UAObject;
    const membersOf = (name: string): [string, boolean][] =>
      (type.getChildByName(name) as UAObject)
        .getComponents()
        .map((node) => [node.browseName.toString(), node.modellingRule === "Mandatory"]);
    const expected = (rules: ReadonlyMap<string, { readonly isMandatory: boolean }>): [string, boolean][] =>
      [...rules].map(([name, { isMandatory }]) => [`${index}:${name}`, isMandatory]);

    expect(membersOf("ParameterSet")).toEqual(expected(breakerParameters));
    expect(membersOf("MethodSet")).toEqual(expected(breakerMethods));
    for (const [name, { shape }] of breakerMethods) {
      const method = (type.getChildByName("MethodSet") as UAObject).getMethodByName(name);
      expect(method?.getInputArguments().map((argument) => argument.name)).toEqual(shape);
    }
  });
});

describe("NodeSet files of the user", () => {
  it.skipIf(!hasOfficial)("replace our FDI types when they define the same model", async () => {
    await using folder = await temporaryFolder();
    const dropped = join(folder.path, "Opc.Ua.Fdi5.NodeSet2.xml");
    await copyFile(officialFdi5, dropped);

    const { files, problems } = await findNodesetFiles(folder.path);

    expect(problems).toEqual([]);
    expect(files).toContain(dropped);
    expect(files).not.toContain(ownFdi5);
    expect((await load(files)).getNamespaceIndex(fdi5Uri)).toBe(3);
  });

  it("are loaded after those that they require, whatever their names", async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, "a.xml"), nodesetOf("urn:user:a", ["urn:user:b"]));
    await writeFile(join(folder.path, "b.xml"), nodesetOf("urn:user:b", []));

    const { files, problems } = await findNodesetFiles(folder.path);

    expect(problems).toEqual([]);
    expect(files.slice(-2).map((file) => file.slice(-5))).toEqual(["b.xml", "a.xml"]);
  });

  it("are left out one by one with their name and the cause, and the others still load", async () => {
    await using folder = await temporaryFolder();
    const good = nodesetOf("urn:user:good", []);
    const bad: Readonly<Record<string, string>> = {
      "cut.xml": (await readFile(ownFdi5, "utf8")).slice(0, 20_000),
      "di.xml": nodesetOf("http://opcfoundation.org/UA/DI/", []),
      "needs.xml": nodesetOf("urn:user:needs", ["urn:nowhere"]),
      "text.xml": "hello",
      "twice.xml": nodesetOf("urn:user:twice", [], 2),
    };
    await writeFile(join(folder.path, "good.xml"), good);
    for (const [name, text] of Object.entries(bad)) await writeFile(join(folder.path, name), text);

    const { files, problems } = await findNodesetFiles(folder.path);

    const causeOf = (name: string): string => problems.find(({ message }) => message.includes(name))?.message ?? "";
    expect(problems).toHaveLength(Object.keys(bad).length);
    expect(causeOf("cut.xml")).toContain("cut off");
    expect(causeOf("di.xml")).toContain("comes with the host");
    expect(causeOf("needs.xml")).toContain("urn:nowhere");
    expect(causeOf("text.xml")).toContain("no <UANodeSet>");
    expect(causeOf("twice.xml")).toContain("already registered");
    expect(files.at(-1)).toBe(join(folder.path, "good.xml"));
    expect(files).toContain(ownFdi5);
  });

  it("bring our file back when the one that replaces it does not load", async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, "fdi.xml"), nodesetOf(fdi5Uri, [], 2));

    const { files, problems } = await findNodesetFiles(folder.path);

    expect(problems).toHaveLength(1);
    expect(files).toContain(ownFdi5);
  });
});

/** A NodeSet with one object type, written `copies` times. */
function nodesetOf(uri: string, requires: readonly string[], copies = 1): string {
  const required = requires.map((model) => `<RequiredModel ModelUri="${model}" Version="1.0.0"/>`).join("");
  const type = `<UAObjectType NodeId="ns=1;i=1" BrowseName="1:ThingType"><DisplayName>ThingType</DisplayName><References>
    <Reference ReferenceType="i=45" IsForward="false">i=58</Reference></References></UAObjectType>`;
  return `<?xml version="1.0" encoding="utf-8"?>
<UANodeSet xmlns="http://opcfoundation.org/UA/2011/03/UANodeSet.xsd">
  <NamespaceUris><Uri>${uri}</Uri></NamespaceUris>
  <Models><Model ModelUri="${uri}" Version="1.0.0" PublicationDate="2026-01-01T00:00:00Z">${required}</Model></Models>
  ${type.repeat(copies)}
</UANodeSet>
`;
}
