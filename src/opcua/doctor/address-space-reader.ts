import {
  AttributeIds,
  BrowseDirection,
  type BrowseResult,
  type ClientSession,
  type DataValue,
  QualifiedName,
  type ReferenceDescription,
  StatusCodes,
} from "node-opcua";
import { InternalError } from "#model/errors.ts";
import { type NodeClassName, type NodeReference, nodeClassOf, type VariableAttributes } from "./address-node.ts";

/** Nodes per service call unless the server allows fewer. */
const maxBatch = 500;
const allFields = 63;
const variableAttributes = [
  AttributeIds.DataType,
  AttributeIds.ValueRank,
  AttributeIds.AccessLevel,
  AttributeIds.Historizing,
  AttributeIds.Value,
] as const;

/** What a type node says of itself. */
export interface TypeAttributes {
  readonly id: string;
  readonly nodeClass: NodeClassName;
  readonly name: string;
  readonly isAbstract: boolean;
}

/** Reads an address space in batches that the server allows. */
export class AddressSpaceReader {
  readonly #session: ClientSession;
  readonly #browseBatch: number;
  readonly #readBatch: number;

  private constructor(session: ClientSession, browseBatch: number, readBatch: number) {
    this.#session = session;
    this.#browseBatch = browseBatch;
    this.#readBatch = readBatch;
  }

  /** Asks the server for its OperationLimits first (OPC 10000-5, 6.3.11). */
  static async open(session: ClientSession): Promise<AddressSpaceReader> {
    const limits = await session.read([
      { nodeId: "i=11710", attributeId: AttributeIds.Value },
      { nodeId: "i=11705", attributeId: AttributeIds.Value },
    ]);
    const [browse = maxBatch, read = maxBatch] = limits.map((limit) => batchOf(limit));
    return new AddressSpaceReader(session, browse, read);
  }

  async namespaces(): Promise<string[]> {
    return this.#session.readNamespaceArray();
  }

  /** References of each node in one direction, in the order of `nodes`; undefined for a node that is not there. */
  async browse(
    nodes: readonly string[],
    direction: "forward" | "inverse" = "forward",
    referenceTypeId?: string,
  ): Promise<(readonly NodeReference[] | undefined)[]> {
    const found: (readonly NodeReference[] | undefined)[] = [];
    for (const batch of chunksOf(nodes, this.#browseBatch)) {
      const results = await this.#session.browse(
        batch.map((nodeId) => ({
          nodeId,
          browseDirection: direction === "forward" ? BrowseDirection.Forward : BrowseDirection.Inverse,
          ...(referenceTypeId === undefined ? {} : { referenceTypeId }),
          includeSubtypes: true,
          nodeClassMask: 0,
          resultMask: allFields,
        })),
      );
      for (const result of results) found.push(await this.#complete(result));
    }
    return found;
  }

  /** The attributes of Variables, in the order of `nodes`. */
  async variables(nodes: readonly string[]): Promise<VariableAttributes[]> {
    const width = variableAttributes.length;
    const found: VariableAttributes[] = [];
    for (const batch of chunksOf(nodes, Math.max(1, Math.floor(this.#readBatch / width)))) {
      const values = await this.#session.read(
        batch.flatMap((nodeId) => variableAttributes.map((attributeId) => ({ nodeId, attributeId }))),
      );
      for (let i = 0; i + width <= values.length; i += width) found.push(attributesOf(values.slice(i, i + width)));
    }
    return found;
  }

  /** What types are; those that are not there are left out. */
  async types(nodes: readonly string[]): Promise<TypeAttributes[]> {
    const found: TypeAttributes[] = [];
    for (const batch of chunksOf(nodes, Math.max(1, Math.floor(this.#readBatch / 3)))) {
      const values = await this.#session.read(
        batch.flatMap((nodeId) => [
          { nodeId, attributeId: AttributeIds.NodeClass },
          { nodeId, attributeId: AttributeIds.BrowseName },
          { nodeId, attributeId: AttributeIds.IsAbstract },
        ]),
      );
      for (const [i, id] of batch.entries()) {
        const [nodeClass, name, isAbstract] = values.slice(3 * i, 3 * i + 3).map(rawOf);
        if (typeof nodeClass === "number" && name instanceof QualifiedName) {
          found.push({ id, nodeClass: nodeClassOf(nodeClass), name: textOf(name), isAbstract: isAbstract === true });
        }
      }
    }
    return found;
  }

  /** Those of `nodes` that the server does not know. */
  async missing(nodes: readonly string[]): Promise<string[]> {
    const missing: string[] = [];
    for (const batch of chunksOf(nodes, this.#readBatch)) {
      const values = await this.#session.read(batch.map((nodeId) => ({ nodeId, attributeId: AttributeIds.NodeClass })));
      missing.push(...batch.filter((_, i) => values[i]?.statusCode.equals(StatusCodes.BadNodeIdUnknown)));
    }
    return missing;
  }

  async #complete(result: BrowseResult): Promise<readonly NodeReference[] | undefined> {
    if (result.statusCode.isNotGood()) return undefined;
    const references = (result.references ?? []).map(referenceOf);
    let { continuationPoint } = result;
    while (continuationPoint !== undefined && continuationPoint !== null && continuationPoint.length > 0) {
      const next: BrowseResult = await this.#session.browseNext(continuationPoint, false);
      references.push(...(next.references ?? []).map(referenceOf));
      ({ continuationPoint } = next);
    }
    return references;
  }
}

function referenceOf(reference: ReferenceDescription): NodeReference {
  const { browseName, typeDefinition } = reference;
  const nodeClass = nodeClassOf(reference.nodeClass);
  const hasType = nodeClass === "Object" || nodeClass === "Variable";
  return {
    type: reference.referenceTypeId.toString(),
    target: reference.nodeId.toString(),
    targetClass: nodeClass,
    targetName: textOf(browseName),
    targetType: hasType && !typeDefinition.isEmpty() ? typeDefinition.toString() : undefined,
  };
}

function attributesOf(values: readonly DataValue[]): VariableAttributes {
  const [dataType, valueRank, accessLevel, historizing, value] = values;
  if (value === undefined) throw new InternalError("the server answered fewer attributes than it was asked for");
  const rank = rawOf(valueRank);
  const level = rawOf(accessLevel);
  return {
    dataType: String(rawOf(dataType)),
    valueRank: typeof rank === "number" ? rank : Number.NaN,
    accessLevel: typeof level === "number" ? level : 0,
    historizing: rawOf(historizing) === true,
    value,
  };
}

function textOf(name: QualifiedName): string {
  return `${name.namespaceIndex}:${name.name ?? ""}`;
}

function rawOf(dataValue: DataValue | undefined): unknown {
  return dataValue?.value.value;
}

function batchOf(limit: DataValue): number {
  const value = rawOf(limit);
  return typeof value === "number" && value > 0 ? Math.min(value, maxBatch) : maxBatch;
}

function chunksOf<T>(list: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let i = 0; i < list.length; i += size) chunks.push(list.slice(i, i + size));
  return chunks;
}
