/** A PUBLISH as a broker sends it (MQTT 3.1.1, 3.3). */
export function publishPacket(topic: string, payload: Uint8Array | string, packetId = 0): Buffer {
  const name = Buffer.from(topic);
  const id = packetId === 0 ? [] : [packetId >> 8, packetId & 255];
  const body = Buffer.concat([
    Buffer.from([name.length >> 8, name.length & 255]),
    name,
    Buffer.from(id),
    Buffer.from(payload),
  ]);
  return Buffer.concat([Buffer.from([packetId === 0 ? 0x30 : 0x32, ...lengthBytes(body.length)]), body]);
}

/** A remaining length (MQTT 3.1.1, 2.2.3). */
function lengthBytes(length: number): number[] {
  return length < 128 ? [length] : [(length & 127) | 128, ...lengthBytes(length >> 7)];
}
