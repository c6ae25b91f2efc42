import { BrowseDirection, type ReferenceDescription } from "node-opcua-client";
import type { ScadaClient } from "../../support/opcua-client.ts";

/** Forward references of one type (with its subtypes), or all. */
export async function referencesOf(
  client: ScadaClient,
  nodeId: string,
  referenceTypeId = "i=31",
): Promise<ReferenceDescription[]> {
  const { references } = await client.session.browse({
    nodeId,
    referenceTypeId,
    includeSubtypes: true,
    browseDirection: BrowseDirection.Forward,
    nodeClassMask: 0,
    resultMask: 63,
  });
  return references ?? [];
}

/** The target of the first forward reference of a type. */
export async function targetOf(client: ScadaClient, nodeId: string, referenceTypeId: string): Promise<string> {
  const [reference] = await referencesOf(client, nodeId, referenceTypeId);
  if (reference === undefined) throw new Error(`${nodeId} has no reference of type ${referenceTypeId}`);
  return reference.nodeId.toString();
}

/** A type and those above it. */
export async function typeChain(client: ScadaClient, type: string): Promise<string[]> {
  const supertype = await supertypeOf(client, type);
  return supertype === undefined ? [type] : [type, ...(await typeChain(client, supertype))];
}

async function supertypeOf(client: ScadaClient, type: string): Promise<string | undefined> {
  const { references } = await client.session.browse({
    nodeId: type,
    referenceTypeId: "HasSubtype",
    browseDirection: BrowseDirection.Inverse,
    nodeClassMask: 0,
    resultMask: 0,
  });
  return references?.[0]?.nodeId.toString();
}
