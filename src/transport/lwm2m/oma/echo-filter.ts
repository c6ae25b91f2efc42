import type { Clock } from "#lib/clock.ts";
import type { EpochMs } from "#model/ids.ts";

interface Sent {
  readonly bytes: string;
  readonly until: EpochMs;
}

const rememberedMs = 60_000;
const maxPerTopic = 64;

/**
 * Recognises what we published ourselves on a topic that both sides publish and subscribe on. Each message sent is expected
 * back once; tokens alone do not tell, because both sides choose them independently.
 */
export class EchoFilter {
  readonly #clock: Clock;
  readonly #sent = new Map<string, Sent[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  sent(topic: string, payload: Uint8Array): void {
    const list = this.#alive(topic);
    list.push({ bytes: textOf(payload), until: this.#clock.now() + rememberedMs });
    if (list.length > maxPerTopic) list.shift();
    this.#sent.set(topic, list);
  }

  /** True when this is the echo of a message sent; the next one like it is not. */
  isEcho(topic: string, payload: Uint8Array): boolean {
    const list = this.#sent.get(topic);
    if (list === undefined) return false;
    const bytes = textOf(payload);
    const at = list.findIndex((sent) => sent.bytes === bytes);
    if (at < 0) return false;
    list.splice(at, 1);
    if (list.length === 0) this.#sent.delete(topic);
    return true;
  }

  forget(topic: string): void {
    this.#sent.delete(topic);
  }

  /** A new session: what was sent in the old one comes back no more. */
  clear(): void {
    this.#sent.clear();
  }

  #alive(topic: string): Sent[] {
    const now = this.#clock.now();
    return (this.#sent.get(topic) ?? []).filter(({ until }) => until > now);
  }
}

function textOf(payload: Uint8Array): string {
  return Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString("latin1");
}
