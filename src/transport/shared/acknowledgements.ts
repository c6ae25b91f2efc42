/** When a message may be acknowledged, and how many may wait for that. */
export interface Deferral {
  readonly acknowledgeAfter: () => Promise<void>;
  readonly maxUnacknowledged: number;
}

/** Where the acknowledgements go. */
export interface AcknowledgingStream {
  write(packets: Buffer): unknown;
  /** Again fewer messages wait than half of what is allowed. */
  readOn(): void;
}

/**
 * The PUBACKs of a session (MQTT 3.1.1, 3.4): each held back until its message is safe, without holding up the messages
 * behind it, and all that become safe together in one write.
 */
export class Acknowledgements {
  readonly #stream: AcknowledgingStream;
  readonly #deferral: Deferral | undefined;
  #group: number[] = [];
  #waiting = 0;
  #isFull = false;

  constructor(stream: AcknowledgingStream, deferral: Deferral | undefined) {
    this.#stream = stream;
    this.#deferral = deferral;
  }

  /** True while as many messages as allowed are held back: nothing more should be read. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Acknowledges a QoS 1 message, by its packet identifier, once it is safe. */
  add(packetId: number): void {
    this.#group.push(packetId);
    this.#waiting += 1;
    if (this.#deferral !== undefined && this.#waiting >= this.#deferral.maxUnacknowledged) this.#isFull = true;
    // One question for all messages of a turn: what holds for the last of them holds for those before it.
    if (this.#group.length === 1) setImmediate(() => this.#askForGroup());
  }

  #askForGroup(): void {
    const packetIds = this.#group;
    this.#group = [];
    if (this.#deferral === undefined) {
      this.#settle(packetIds);
      return;
    }
    this.#deferral.acknowledgeAfter().then(
      () => this.#settle(packetIds),
      // Not safe on disk: the broker keeps the messages and sends them again in the next session.
      () => this.#release(packetIds.length),
    );
  }

  #settle(packetIds: readonly number[]): void {
    const packets = Buffer.allocUnsafe(packetIds.length * pubackBytes);
    for (const [i, packetId] of packetIds.entries()) {
      packets.writeUInt16BE(puback, i * pubackBytes);
      packets.writeUInt16BE(packetId, i * pubackBytes + 2);
    }
    this.#stream.write(packets);
    this.#release(packetIds.length);
  }

  #release(count: number): void {
    this.#waiting -= count;
    if (this.#deferral === undefined || !this.#isFull || this.#waiting > this.#deferral.maxUnacknowledged / 2) return;
    this.#isFull = false;
    this.#stream.readOn();
  }
}

/** First byte and remaining length; MQTT 5 lets the reason code 0 be left out. */
const puback = 0x4002;
const pubackBytes = 4;
