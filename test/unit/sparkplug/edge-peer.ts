import sparkplug from "sparkplug-payload";

const found = sparkplug.get("spBv1.0");
if (found === null || found === undefined) throw new Error("sparkplug-payload does not know spBv1.0");

/** The codec of the Tahu project: what encodes and decodes in these tests is not ours. */
export const tahu = found;

type TahuPayload = Parameters<typeof tahu.encodePayload>[0];
export type PeerMetric = NonNullable<TahuPayload["metrics"]>[number];

/** Bytes of a payload as an edge node of the Tahu project would write them. */
export function peerPayload(timestamp: number, metrics: PeerMetric[], seq?: number): Uint8Array {
  return tahu.encodePayload(seq === undefined ? { timestamp, metrics } : { timestamp, metrics, seq });
}
