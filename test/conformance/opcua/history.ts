import { coerceStatusCode } from "node-opcua";
import {
  DataType,
  DataTypeIds,
  DataValue,
  type ExtensionObject,
  HistoryData,
  type HistoryReadDetails,
  HistoryReadRequest,
  type HistoryReadResponse,
  type HistoryReadResult,
  HistoryUpdateRequest,
  type HistoryUpdateResponse,
  type HistoryUpdateResult,
  ReadRawModifiedDetails,
  resolveNodeId,
  TimestampsToReturn,
  Variant,
} from "node-opcua-client";
import type { ScadaClient } from "../../support/opcua-client.ts";
import type { OpcUaFixture } from "../../support/opcua-fixture.ts";
import { rawRequest } from "./raw-request.ts";

export interface RawRead {
  readonly from?: number;
  readonly to?: number;
  readonly count?: number;
  readonly continuationPoint?: Buffer;
  readonly release?: boolean;
  readonly stamps?: TimestampsToReturn;
}

/** A time that is not given: the smallest on the wire (OPC 10000-6, 5.2.2.5). */
const none = new Date(Date.UTC(1601, 0, 1));

/** One HistoryRead for raw values of several nodes. */
export async function readRaw(
  client: ScadaClient,
  nodeIds: readonly string[],
  read: RawRead,
): Promise<HistoryReadResult[]> {
  const { continuationPoint } = read;
  const request = new HistoryReadRequest({
    historyReadDetails: new ReadRawModifiedDetails({
      startTime: read.from === undefined ? none : new Date(read.from),
      endTime: read.to === undefined ? none : new Date(read.to),
      numValuesPerNode: read.count ?? 0,
      isReadModified: false,
    }),
    releaseContinuationPoints: read.release ?? false,
    timestampsToReturn: read.stamps ?? TimestampsToReturn.Both,
    nodesToRead: nodeIds.map((nodeId) => ({
      nodeId,
      ...(continuationPoint === undefined ? {} : { continuationPoint }),
    })),
  });
  return (await client.session.historyRead(request)).results ?? [];
}

export function dataOf(result: HistoryReadResult | undefined): readonly DataValue[] {
  return result?.historyData instanceof HistoryData ? (result.historyData.dataValues ?? []) : [];
}

export function numbersOf(result: HistoryReadResult | undefined): unknown[] {
  return dataOf(result).map(({ value }) => value.value as unknown);
}

/** Stores `count` values 0, 1, 2, ... a second apart; gives the time of the first. */
export async function record(fixture: OpcUaFixture, device: string, parameter: string, count: number): Promise<number> {
  await fixture.historian();
  fixture.fleet.clock.advance(60_000);
  const start = fixture.fleet.clock.now() + 1_000;
  for (let i = 0; i < count; i += 1) {
    fixture.fleet.clock.advance(1_000);
    fixture.feed(device, { [parameter]: i });
  }
  return start;
}

/** One HistoryRead with any details for several nodes. */
export async function readHistory(
  client: ScadaClient,
  details: HistoryReadDetails,
  nodes: readonly (string | { readonly nodeId: string; readonly continuationPoint: Buffer })[],
  options: { readonly stamps?: TimestampsToReturn; readonly release?: boolean } = {},
): Promise<HistoryReadResult[]> {
  const request = new HistoryReadRequest({
    historyReadDetails: details,
    timestampsToReturn: options.stamps ?? TimestampsToReturn.Source,
    releaseContinuationPoints: options.release ?? false,
    nodesToRead: nodes.map((node) => (typeof node === "string" ? { nodeId: node } : node)),
  });
  return (await rawRequest<HistoryReadResponse>(client, request)).results ?? [];
}

/** Structures whose classes the client does not export, by the name of their data type. */
export type StructureName =
  | "Annotation"
  | "DeleteAtTimeDetails"
  | "DeleteRawModifiedDetails"
  | "ReadAnnotationDataDetails"
  | "UpdateDataDetails"
  | "UpdateStructureDataDetails";

export function structure(client: ScadaClient, name: StructureName, fields: object): Promise<ExtensionObject> {
  return client.session.constructExtensionObject(resolveNodeId(`i=${DataTypeIds[name]}`), { ...fields });
}

/** One HistoryUpdate with one operation. */
export async function updateHistory(
  client: ScadaClient,
  name: StructureName,
  fields: object,
): Promise<HistoryUpdateResult> {
  const details = await structure(client, name, fields);
  const request = new HistoryUpdateRequest({ historyUpdateDetails: [details] });
  const response = await rawRequest<HistoryUpdateResponse>(client, request);
  const [result] = response.results ?? [];
  if (result === undefined) throw new Error("HistoryUpdate gave no result");
  return result;
}

export const performs = { insert: 1, replace: 2, update: 3, remove: 4 } as const;

/** A value to be written: its time, its number and its StatusCode. */
export type Row = readonly [time: number, value: number | undefined, status?: number];

/** Writes values of type Float with HistoryUpdate. */
export function writeValues(
  client: ScadaClient,
  nodeId: string,
  mode: keyof typeof performs,
  rows: readonly Row[],
): Promise<HistoryUpdateResult> {
  return updateHistory(client, "UpdateDataDetails", {
    nodeId: resolveNodeId(nodeId),
    performInsertReplace: performs[mode],
    updateValues: rows.map(
      ([time, value, status = 0]) =>
        new DataValue({
          ...(value === undefined ? {} : { value: new Variant({ dataType: DataType.Float, value }) }),
          statusCode: coerceStatusCode(status),
          sourceTimestamp: new Date(time),
        }),
    ),
  });
}

export function codesOf({ operationResults }: HistoryUpdateResult): string[] {
  return (operationResults ?? []).map(({ name }) => name);
}
