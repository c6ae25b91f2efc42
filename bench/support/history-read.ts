import { fork } from "node:child_process";
import { once } from "node:events";
import {
  HistoryData,
  HistoryReadRequest,
  type HistoryReadResponse,
  ReadRawModifiedDetails,
  resolveNodeId,
  TimestampsToReturn,
} from "node-opcua-client";
import { connectBenchClient } from "./bench-client.ts";
import type { ReadCost } from "./history-read-child.ts";

export interface ReadFigures {
  /** Raw values that one client gets per second, decoded, in pages of 10,000. */
  readonly pointsPerS: number;
  /** The same against one read of all of them as columns, without OPC UA. */
  readonly ratio: number;
  /** CPU of the server's main thread per value. */
  readonly serverUsPerPoint: number;
}

const nodeId = resolveNodeId("ns=1;s=CB-00001/Parameter00");
const start = Date.UTC(2026, 4, 1);
const runs = 5;

/** Pages one series of `values` values by HistoryRead, from a server in a process of its own. The best of five runs. */
export async function readFigures(folder: string, url: string | undefined, values: number): Promise<ReadFigures> {
  const port = 40_000 + (process.pid % 20_000);
  const child = new URL("./history-read-child.ts", import.meta.url).pathname;
  const server = fork(child, [String(port), folder, url ?? "", String(values)]);
  const [{ bareMs }] = (await once(server, "message")) as [{ readonly bareMs: number }];
  const cost = async (points: number): Promise<number> => {
    server.send({ points });
    const [{ cpuUs }] = (await once(server, "message")) as [ReadCost];
    return cpuUs;
  };
  const { client, session } = await connectBenchClient(port);
  const page = session as unknown as { performMessageTransaction(request: object): Promise<HistoryReadResponse> };
  let bestMs = Number.POSITIVE_INFINITY;
  let leastUs = Number.POSITIVE_INFINITY;
  // Once without measuring: every value, in order.
  await readAll((request) => page.performMessageTransaction(request), values, checkOrder());
  for (let run = 0; run < runs; run += 1) {
    await cost(1);
    const begin = performance.now();
    const points = await readAll((request) => page.performMessageTransaction(request), values);
    bestMs = Math.min(bestMs, performance.now() - begin);
    leastUs = Math.min(leastUs, await cost(points));
  }
  await session.close();
  await client.disconnect();
  const ended = once(server, "exit");
  server.send("stop");
  await ended;
  return { pointsPerS: (values / bestMs) * 1000, ratio: bareMs / bestMs, serverUsPerPoint: leastUs };
}

async function readAll(
  ask: (request: HistoryReadRequest) => Promise<HistoryReadResponse>,
  values: number,
  check: (page: HistoryData) => void = () => undefined,
): Promise<number> {
  const details = new ReadRawModifiedDetails({
    startTime: new Date(start),
    endTime: new Date(start + values * 100),
    isReadModified: false,
  });
  let points = 0;
  let continuationPoint: Buffer | undefined;
  do {
    const request = new HistoryReadRequest({
      historyReadDetails: details,
      timestampsToReturn: TimestampsToReturn.Source,
      nodesToRead: [{ nodeId, ...(continuationPoint === undefined ? {} : { continuationPoint }) }],
    });
    const [result] = (await ask(request)).results ?? [];
    if (!(result?.historyData instanceof HistoryData)) throw new Error(`no values: ${result?.statusCode.toString()}`);
    check(result.historyData);
    points += result.historyData.dataValues?.length ?? 0;
    continuationPoint = result.continuationPoint?.length ? result.continuationPoint : undefined;
  } while (continuationPoint !== undefined);
  if (points !== values) throw new Error(`${points} of ${values} values`);
  return points;
}

/** Throws unless the pages together hold the values that were written, each once and in order. */
function checkOrder(): (page: HistoryData) => void {
  let next = 0;
  return ({ dataValues }) => {
    for (const { sourceTimestamp, value } of dataValues ?? []) {
      const isNext = sourceTimestamp?.getTime() === start + next * 100 && value.value === Math.sin(next / 700);
      if (!isNext) throw new Error(`value ${next} is ${String(value.value)} of ${sourceTimestamp?.toISOString()}`);
      next += 1;
    }
  };
}
