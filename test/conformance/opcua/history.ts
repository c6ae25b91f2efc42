import {
  type DataValue,
  HistoryData,
  HistoryReadRequest,
  type HistoryReadResult,
  ReadRawModifiedDetails,
  TimestampsToReturn,
} from "node-opcua-client";
import type { ScadaClient } from "../../support/opcua-client.ts";
import type { OpcUaFixture } from "../../support/opcua-fixture.ts";

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
