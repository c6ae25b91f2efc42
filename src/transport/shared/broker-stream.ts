import { Duplex } from "node:stream";
import type { MqttClient } from "mqtt";
import { Acknowledgements } from "./acknowledgements.ts";
import type { BrokerSettings, Delivery } from "./broker-session.ts";
import { type BrokerSocket, openBrokerSocket } from "./broker-socket.ts";
import { PacketFrames, packetType } from "./packet-frames.ts";
import { type Publish, readPublish } from "./read-publish.ts";

type OnMessage = (topic: string, payload: Uint8Array, delivery: Delivery) => void;

/**
 * How long nothing is read after a read that followed another soon: what comes meanwhile costs one system call and one turn
 * together instead of one for each message. A message after a silence is never delayed. Only where messages are
 * acknowledged: a broker that gets no answer waits up to 40 ms for TCP's own (delayed ACK) before it sends the next one.
 */
const gatherMs = 4;
/** A read counts as following another soon within this time. */
const soonMs = 8;

/**
 * What mqtt.js sees of the connection: everything but the PUBLISH packets of the broker, which are read, delivered and
 * acknowledged here.
 */
export class BrokerStream extends Duplex {
  readonly #socket: BrokerSocket;
  readonly #frames = new PacketFrames();
  readonly #target: { readonly publish: Publish; readonly hasProperties: boolean };
  readonly #acknowledgements: Acknowledgements;
  readonly #onMessage: OnMessage;
  /** mqtt.js has the CONNACK and has not told of it: messages behind it wait. */
  #isGreeting = false;
  #isGathering = false;
  #hasToAnswer = false;
  #lastReadAt = Number.NEGATIVE_INFINITY;
  #gathering: NodeJS.Timeout | undefined;

  constructor(settings: BrokerSettings, client: MqttClient, onMessage: OnMessage) {
    super();
    const { acknowledgeAfter, maxUnacknowledged = 1_000 } = settings;
    const deferral = acknowledgeAfter === undefined ? undefined : { acknowledgeAfter, maxUnacknowledged };
    const publish = { topic: "", payloadStart: 0, packetId: 0, delivery: { retain: false, dup: false, qos: 0 } };
    this.#target = { publish, hasProperties: settings.protocolVersion === 5 };
    this.#onMessage = onMessage;
    this.#acknowledgements = new Acknowledgements(
      { write: (packets) => this.writable && this.write(packets), readOn: () => this.#readOn() },
      deferral,
    );
    this.#socket = openBrokerSocket(settings, (bytes) => this.#read(bytes), client);
    const { duplex, isDirect } = this.#socket;
    if (!isDirect) {
      duplex.on("data", (bytes: Buffer) => {
        if (!this.#read(bytes)) duplex.pause();
      });
    }
    duplex.on("error", (error) => this.destroy(error));
    duplex.on("close", () => this.destroy());
  }

  /** The session is told of: messages may come. */
  admit(): void {
    this.#isGreeting = false;
    this.#readOn();
  }

  override _read(): void {
    // What mqtt.js has to do with is little: it is pushed as it comes.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.duplex.write(chunk, done);
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#socket.duplex.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: () => void): void {
    this.#socket.duplex.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#gathering);
    this.#socket.duplex.destroy();
    done(error);
  }

  get #isHeld(): boolean {
    return this.#isGreeting || this.#isGathering || this.#acknowledgements.isFull;
  }

  #read(bytes: Buffer): boolean {
    this.#hasToAnswer = false;
    this.#frames.feed(bytes);
    this.#drain();
    const now = performance.now();
    if (this.#hasToAnswer && now - this.#lastReadAt < soonMs) this.#gather();
    this.#lastReadAt = now;
    return !this.#isHeld;
  }

  #gather(): void {
    this.#isGathering = true;
    if (this.#gathering === undefined) this.#gathering = setTimeout(() => this.#gathered(), gatherMs).unref();
    else this.#gathering.refresh();
  }

  #gathered(): void {
    this.#isGathering = false;
    this.#readOn();
  }

  #readOn(): void {
    if (this.destroyed || this.#isHeld) return;
    this.#drain();
    if (!this.#isHeld) this.#socket.duplex.resume();
  }

  #drain(): void {
    const frames = this.#frames;
    let found = frames.next();
    while (found === "packet") {
      const type = (frames.bytes[frames.first] ?? 0) >> 4;
      if (type === packetType.publish) this.#deliver();
      else this.push(Buffer.from(frames.bytes.subarray(frames.first, frames.end)));
      if (type === packetType.connack) this.#isGreeting = true;
      if (this.destroyed || this.#isGreeting || this.#acknowledgements.isFull) break;
      found = frames.next();
    }
    if (found === "malformed") this.#refuse("a packet length of more than 4 bytes");
    frames.keep();
  }

  #deliver(): void {
    const { bytes, end } = this.#frames;
    const { publish } = this.#target;
    const wrong = readPublish(bytes, this.#frames, this.#target);
    if (wrong !== undefined) {
      this.#refuse(wrong);
      return;
    }
    const { payloadStart } = publish;
    // No Buffer: the `slice` of one would be no copy.
    const payload = new Uint8Array(bytes.buffer, bytes.byteOffset + payloadStart, end - payloadStart);
    this.#onMessage(publish.topic, payload, publish.delivery);
    if (publish.delivery.qos === 0) return;
    this.#hasToAnswer = true;
    this.#acknowledgements.add(publish.packetId);
  }

  #refuse(what: string): void {
    this.destroy(new Error(`the broker sent ${what}: the connection is closed`));
  }
}
