const marker = 0x46444801;
const length = 12;

/**
 * A continuation point of a history answer: where it goes on (epoch ms, inclusive). The client keeps it, the server holds
 * nothing, and a forged one reads no more than the client may read anyway.
 */
export function continuationOf(next: number): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.writeUInt32BE(marker, 0);
  bytes.writeDoubleBE(next, 4);
  return bytes;
}

/** Where a continuation point goes on (epoch ms); undefined when the bytes are none of ours. */
export function nextOf(bytes: Buffer): number | undefined {
  if (bytes.length !== length || bytes.readUInt32BE(0) !== marker) return undefined;
  const next = bytes.readDoubleBE(4);
  return Number.isFinite(next) ? next : undefined;
}
