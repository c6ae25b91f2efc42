import { describe, expect, it } from "vitest";
import { type Publish, readPublish } from "#transport/shared/read-publish.ts";

function read(packet: readonly number[], hasProperties = false): unknown {
  const publish: Publish = { topic: "", payloadStart: 0, packetId: 0, delivery: { retain: false, dup: false, qos: 0 } };
  const bytes = Buffer.from(packet);
  const wrong = readPublish(bytes, { first: 0, start: 2, end: bytes.length }, { publish, hasProperties });
  if (wrong !== undefined) return wrong;
  const { topic, packetId, delivery, payloadStart } = publish;
  return { topic, packetId, ...delivery, payload: bytes.toString("latin1", payloadStart) };
}

describe("a PUBLISH", () => {
  it("is read in each of its kinds", () => {
    const qos0 = { topic: "a", packetId: 0, retain: false, qos: 0, dup: false, payload: "x" };
    expect(read([0x30, 4, 0, 1, 97, 120])).toEqual(qos0);
    expect(read([0x3b, 6, 0, 1, 97, 1, 2, 120])).toEqual({ ...qos0, packetId: 258, retain: true, qos: 1, dup: true });
    expect(read([0x30, 3, 0, 1, 97])).toEqual({ ...qos0, payload: "" });
    // Of MQTT 5, with three bytes of properties.
    expect(read([0x30, 8, 0, 1, 97, 3, 1, 1, 9, 120], true)).toEqual(qos0);
  });

  it.each([
    ["of QoS 2", [0x34, 6, 0, 1, 97, 0, 1, 120], "a PUBLISH with a QoS of more than 1"],
    ["shorter than its topic", [0x30, 4, 0, 9, 97, 120], "a PUBLISH shorter than its topic"],
    ["of one byte", [0x30, 1, 0], "a PUBLISH shorter than its topic"],
    ["without its packet identifier", [0x32, 4, 0, 1, 97, 1], "a PUBLISH on a without packet identifier"],
    ["with packet identifier 0", [0x32, 5, 0, 1, 97, 0, 0], "a PUBLISH on a with packet identifier 0"],
    ["shorter than its properties", [0x30, 5, 0, 1, 97, 9, 1], "a PUBLISH on a shorter than its properties", true],
    ["with endless properties", [0x30, 5, 0, 1, 97, 0xff, 0xff], "a PUBLISH on a shorter than its properties", true],
  ])("%s is refused", (_what, packet, wrong, hasProperties = false) => {
    expect(read(packet, hasProperties)).toBe(wrong);
  });
});
