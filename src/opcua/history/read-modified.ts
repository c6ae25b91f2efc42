import { type HistoryReadResult, type ReadRawModifiedDetails, StatusCodes } from "node-opcua";
import type { ModifiedHistoryPage, ModifiedPlace } from "#fleet/history/ports.ts";
import { EncodedHistoryModifiedData } from "#opcua/engine/encoded-history.ts";
import { encodeHistoryData, writeDateTime } from "./history-data.ts";
import { type RawWindow, rangeOf, rawWindowOf } from "./raw-window.ts";
import { type NodeQuestion, pageLimitOf, pageResult, type Reading, refusal } from "./reading.ts";
import { timeOf } from "./time-argument.ts";

/** ReadModified (OPC 10000-11, 6.5.3.3): what was replaced, deleted or inserted, with who did it, of one time the newest first. */
export async function readModified(
  reading: Reading,
  details: ReadRawModifiedDetails,
  nodes: readonly NodeQuestion[],
): Promise<readonly HistoryReadResult[]> {
  const { numValuesPerNode: wanted } = details;
  const window = rawWindowOf(timeOf(details.startTime), timeOf(details.endTime), wanted, false);
  if (window === undefined || details.returnBounds) return nodes.map(() => refusal(StatusCodes.BadInvalidArgument));
  const most = pageLimitOf(reading.nodeCount);
  const limit = wanted > 0 ? Math.min(wanted, most) : most;
  const results: HistoryReadResult[] = [];
  for (const node of nodes) results.push(await readNode(reading, window, limit, node));
  return results;
}

async function readNode(
  reading: Reading,
  window: RawWindow,
  limit: number,
  node: NodeQuestion,
): Promise<HistoryReadResult> {
  if (node.isAnnotations) return refusal(StatusCodes.BadHistoryOperationUnsupported);
  const page = await reading.access.modified({
    device: node.device.id,
    parameter: node.spec.name,
    ...rangeOf(window),
    limit,
    ...(node.place === undefined ? {} : { after: placeOf(node.place) }),
  });
  const count = page.times.length;
  const values = encodeHistoryData([{ page, count }], node.spec.dataType, reading.stamps);
  const bytes = Buffer.concat([values, modificationsOf(page)]);
  const body = { data: new EncodedHistoryModifiedData(bytes), isEmpty: count === 0 };
  return pageResult(reading, node, body, page.more && page.last !== undefined ? textOf(page.last) : undefined);
}

const fixedBytes = 8 + 4 + 4;

/** The array of ModificationInfo behind the values. */
function modificationsOf({ kinds, modified, users }: ModifiedHistoryPage): Buffer {
  const names = users.map((user) => Buffer.from(user, "utf8"));
  const bytes = Buffer.alloc(4 + names.reduce((sum, name) => sum + fixedBytes + name.length, 0));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setInt32(0, names.length, true);
  let offset = 4;
  for (const [i, name] of names.entries()) {
    writeDateTime(view, offset, modified[i] ?? 0);
    view.setInt32(offset + 8, kinds[i] ?? 0, true);
    view.setInt32(offset + 12, name.length, true);
    name.copy(bytes, offset + fixedBytes);
    offset += fixedBytes + name.length;
  }
  return bytes;
}

function textOf({ time, number }: ModifiedPlace): string {
  return `${time} ${number}`;
}

function placeOf(text: string): ModifiedPlace {
  const [time = "", number = ""] = text.split(" ");
  return { time: Number(time), number: Number(number) };
}
