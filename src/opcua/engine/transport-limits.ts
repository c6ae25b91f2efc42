import type { OPCUAServerOptions } from "node-opcua";

type TransportSettings = NonNullable<OPCUAServerOptions["transportSettings"]>;

const minBufferBytes = 8 * 1024;
/** A chunk that never gets whole holds this much memory; node-opcua would allow 512 KiB. */
const maxBufferBytes = 64 * 1024;
/** Ample for 10,000 nodes in one request; node-opcua would let a client raise it to 128 MiB. */
const maxMessageBytes = 16 * 1024 * 1024;

/** What a client may ask for in its Hello (OPC 10000-6, 7.1.2.3): sizes in bytes, the rest follows from them. */
export const transportSettings: TransportSettings = {
  adjustTransportLimits(hello) {
    const receiveBufferSize = bufferSizeOf(hello.receiveBufferSize);
    const sendBufferSize = bufferSizeOf(hello.sendBufferSize);
    // 0 means that the client sets no limit.
    const maxMessageSize = Math.min(hello.maxMessageSize || maxMessageBytes, maxMessageBytes);
    const maxChunkCount = Math.ceil(maxMessageSize / Math.min(receiveBufferSize, sendBufferSize));
    return { receiveBufferSize, sendBufferSize, maxMessageSize, maxChunkCount };
  },
};

function bufferSizeOf(wanted: number): number {
  return Math.min(Math.max(wanted || maxBufferBytes, minBufferBytes), maxBufferBytes);
}
