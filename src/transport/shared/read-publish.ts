import type { Delivery } from "./broker-session.ts";

/** A PUBLISH as it lies in the read buffer. */
export interface Publish {
  topic: string;
  /** Where the payload begins; it ends with the packet. */
  payloadStart: number;
  /** 0 with QoS 0, which has none. */
  packetId: number;
  delivery: Delivery;
}

/** By the flags of the first byte (MQTT 3.1.1, 3.3.1), so that no message needs an object of its own. */
const deliveries: readonly Delivery[] = Array.from({ length: 16 }, (_, flags) => ({
  retain: (flags & 1) !== 0,
  qos: (flags >> 1) & 3,
  dup: (flags & 8) !== 0,
}));

/**
 * Reads the PUBLISH whose fixed header ends before `start` (MQTT 3.1.1 and 5.0, 3.3) into `publish`; gives what is wrong with
 * one that no broker may send us. The properties of MQTT 5 are skipped: the host asks for none.
 */
export function readPublish(
  bytes: Buffer,
  { first, start, end }: { readonly first: number; readonly start: number; readonly end: number },
  { publish, hasProperties }: { readonly publish: Publish; readonly hasProperties: boolean },
): string | undefined {
  const delivery = deliveries[(bytes[first] ?? 0) & 15];
  // More than QoS 1 is never subscribed.
  if (delivery === undefined || delivery.qos > 1) return "a PUBLISH with a QoS of more than 1";
  let at = start + 2 + (start + 2 > end ? 0 : bytes.readUInt16BE(start));
  if (at > end) return "a PUBLISH shorter than its topic";
  publish.topic = bytes.toString("utf8", start + 2, at);
  publish.delivery = delivery;
  publish.packetId = 0;
  if (delivery.qos > 0) {
    if (at + 2 > end) return `a PUBLISH on ${publish.topic} without packet identifier`;
    publish.packetId = bytes.readUInt16BE(at);
    if (publish.packetId === 0) return `a PUBLISH on ${publish.topic} with packet identifier 0`;
    at += 2;
  }
  if (hasProperties) at = endOfProperties(bytes, at, end);
  if (at > end) return `a PUBLISH on ${publish.topic} shorter than its properties`;
  publish.payloadStart = at;
  return undefined;
}

function endOfProperties(bytes: Buffer, begin: number, end: number): number {
  let length = 0;
  let at = begin;
  for (let shift = 0; at < end && shift <= 21; shift += 7) {
    const byte = bytes[at] ?? 0;
    at += 1;
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) return at + length;
  }
  return Number.POSITIVE_INFINITY;
}
