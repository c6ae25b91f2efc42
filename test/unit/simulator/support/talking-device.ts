import type { Message } from "#simulator/fleet/outbox.ts";
import { buildPanels } from "#simulator/fleet/panel.ts";
import { planDevices } from "#simulator/fleet/plan.ts";
import type { SimulatedDevice } from "#simulator/fleet/simulated-device.ts";
import { ManualClock } from "#simulator/fleet/simulation-clock.ts";
import type { Speaker, SpeakerContext } from "#simulator/fleet/speaker.ts";
import { Random } from "#simulator/random.ts";

export const startMs = Date.UTC(2026, 0, 5, 9);

/** One device on a hand-driven clock with the speaker under test and everything it sent. */
export class TalkingDevice {
  readonly device: SimulatedDevice;
  readonly speaker: Speaker;
  readonly sent: Message[] = [];
  readonly #clock = new ManualClock(startMs);
  readonly #panel;

  constructor(build: (device: SimulatedDevice, context: SpeakerContext) => Speaker, periodMs = 1_000) {
    const options = { random: new Random("1"), clock: this.#clock, stepMs: 100 };
    const [panel] = buildPanels(planDevices(1, 1, "sparkplug"), options);
    const device = panel?.devices[0];
    if (panel === undefined || device === undefined) throw new Error("no device");
    this.#panel = panel;
    this.device = device;
    const context: SpeakerContext = {
      send: (message) => this.sent.push(message),
      wallMs: () => startMs + this.#clock.now,
      commanded: () => this.speaker.reportChanges(device),
      periodMs,
    };
    this.speaker = build(device, context);
  }

  /** Lets time pass without any report being due. */
  pass(toMs: number): void {
    this.#clock.now = toMs;
    this.#panel.advanceTo(toMs);
  }

  /** A message from the host. */
  hear(topic: string, payload: string | Uint8Array | object): void {
    const isRaw = typeof payload === "string" || payload instanceof Uint8Array;
    this.speaker.message(topic, isRaw ? Buffer.from(payload) : Buffer.from(JSON.stringify(payload)));
  }

  /** Topics sent so far; the list begins anew. */
  takeTopics(): string[] {
    return this.take().map(({ topic }) => topic);
  }

  take(): Message[] {
    return this.sent.splice(0);
  }

  /** Everything sent on a topic, decoded as JSON. */
  takeJson(topic: string): unknown[] {
    const own = this.take().filter((message) => message.topic === topic);
    return own.map(({ payload }): unknown => JSON.parse(payload.toString("utf8")));
  }
}
