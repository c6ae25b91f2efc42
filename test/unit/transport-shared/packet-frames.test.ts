import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PacketFrames } from "#transport/shared/packet-frames.ts";
import { publishPacket } from "./mqtt-bytes.ts";

/** The packets found when the bytes come in reads of these sizes, each read into the same buffer. */
function packetsOf(bytes: Uint8Array, sizes: readonly number[]): string[] {
  const frames = new PacketFrames();
  const buffer = Buffer.alloc(bytes.length);
  const found: string[] = [];
  for (let at = 0, i = 0; at < bytes.length; i += 1) {
    const length = Math.min(sizes[i % sizes.length] ?? 1, bytes.length - at);
    buffer.set(bytes.subarray(at, at + length));
    frames.feed(buffer.subarray(0, length));
    while (frames.next() === "packet") found.push(frames.bytes.toString("hex", frames.first, frames.end));
    frames.keep();
    buffer.fill(0xff);
    at += length;
  }
  return found;
}

describe("the packets of a broker", () => {
  const somePackets = fc.array(
    fc.tuple(fc.string({ maxLength: 20 }), fc.uint8Array({ maxLength: 400 }), fc.nat(65_535)),
    { minLength: 1, maxLength: 12 },
  );
  const readSizes = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 8 });

  it("are the same however the network cuts them", () => {
    fc.assert(
      fc.property(somePackets, readSizes, (messages, sizes) => {
        const packets = messages.map(([topic, payload, id]) => publishPacket(topic, payload, id));

        expect(packetsOf(Buffer.concat(packets), sizes)).toEqual(packets.map((packet) => packet.toString("hex")));
      }),
      { numRuns: 300 },
    );
  });

  it("may be larger than a read", () => {
    const large = publishPacket("t", Buffer.alloc(300_000, 7), 1);

    expect(packetsOf(Buffer.concat([large, large]), [65_536])).toEqual([large.toString("hex"), large.toString("hex")]);
  });

  it("that announce a length of more than four bytes are none", () => {
    const frames = new PacketFrames();
    frames.feed(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01]));

    expect(frames.next()).toBe("malformed");
  });
});
