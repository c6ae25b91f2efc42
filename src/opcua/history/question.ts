import { BinaryStream, type HistoryReadRequest } from "node-opcua";

/** Everything of a HistoryRead that must be the same again when a continuation point is used. */
export function questionOf({ historyReadDetails: details, timestampsToReturn }: HistoryReadRequest): Buffer {
  if (details === null) return Buffer.alloc(0);
  const stream = new BinaryStream(details.binaryStoreSize() + 4);
  details.encode(stream);
  stream.writeUInt32(timestampsToReturn);
  return Buffer.from(stream.buffer);
}
