/** An MQTT packet that a client sent, as far as these tests look at it (MQTT 3.1.1 and 5.0, chapter 3). */
export type WirePacket =
  | {
      readonly kind: "connect";
      readonly level: number;
      readonly cleanStart: boolean;
      /** 5.0 only; absent counts as 0. */
      readonly sessionExpiryS: number;
      readonly clientId: string;
      readonly will: WireMessage | undefined;
    }
  | { readonly kind: "publish"; readonly message: WireMessage }
  | { readonly kind: "subscribe"; readonly filters: readonly string[] }
  | { readonly kind: "disconnect" };

export interface WireMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: number;
  readonly retain: boolean;
}

class Cursor {
  at = 0;
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  byte(): number {
    this.at += 1;
    return this.bytes[this.at - 1] ?? 0;
  }

  short(): number {
    return this.byte() * 256 + this.byte();
  }

  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  slice(length: number): Buffer {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  text(): string {
    return this.slice(this.short()).toString("utf8");
  }
}

/** Splits the bytes that a client sends into packets; keeps what is incomplete for the next call. */
export class PacketSplitter {
  #rest = Buffer.alloc(0);
  #level = 4;

  push(chunk: Buffer): WirePacket[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const packets: WirePacket[] = [];
    for (let body = this.#next(); body !== undefined; body = this.#next()) {
      const packet = this.#parse(body.head, new Cursor(body.bytes));
      if (packet !== undefined) packets.push(packet);
    }
    return packets;
  }

  #next(): { head: number; bytes: Buffer } | undefined {
    const cursor = new Cursor(this.#rest);
    if (this.#rest.length < 2) return undefined;
    const head = cursor.byte();
    const length = cursor.varint();
    if (this.#rest.length < cursor.at + length) return undefined;
    const bytes = cursor.slice(length);
    this.#rest = this.#rest.subarray(cursor.at);
    return { head, bytes };
  }

  #parse(head: number, cursor: Cursor): WirePacket | undefined {
    switch (head >> 4) {
      case 1:
        return this.#connect(cursor);
      case 3:
        return { kind: "publish", message: this.#publish(head, cursor) };
      case 8:
        return this.#subscribe(cursor);
      case 14:
        return { kind: "disconnect" };
      default:
        return undefined;
    }
  }

  #connect(cursor: Cursor): WirePacket {
    cursor.text();
    this.#level = cursor.byte();
    const flags = cursor.byte();
    cursor.short();
    const sessionExpiryS = this.#level === 5 ? sessionExpiryOf(cursor.slice(cursor.varint())) : 0;
    const clientId = cursor.text();
    const hasWill = (flags & 4) !== 0;
    if (hasWill && this.#level === 5) cursor.slice(cursor.varint());
    const will = hasWill
      ? {
          topic: cursor.text(),
          payload: cursor.slice(cursor.short()),
          qos: (flags >> 3) & 3,
          retain: (flags & 32) !== 0,
        }
      : undefined;
    return { kind: "connect", level: this.#level, cleanStart: (flags & 2) !== 0, sessionExpiryS, clientId, will };
  }

  #publish(head: number, cursor: Cursor): WireMessage {
    const qos = (head >> 1) & 3;
    const topic = cursor.text();
    if (qos > 0) cursor.short();
    return { topic, payload: cursor.slice(cursor.bytes.length - cursor.at), qos, retain: (head & 1) === 1 };
  }

  #subscribe(cursor: Cursor): WirePacket {
    cursor.short();
    const filters: string[] = [];
    while (cursor.at < cursor.bytes.length) {
      filters.push(cursor.text());
      cursor.byte();
    }
    return { kind: "subscribe", filters };
  }
}

/** Property 0x11 of a CONNECT; no other property precedes it in what these tests send. */
function sessionExpiryOf(properties: Buffer): number {
  return properties[0] === 0x11 ? properties.readUInt32BE(1) : 0;
}
