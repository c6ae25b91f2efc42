import { performance } from "node:perf_hooks";
import { Random } from "#simulator/random.ts";
import { BrokerLink } from "./broker-link.ts";
import { buildStations } from "./build-stations.ts";
import { ControlTopic } from "./control-topic.ts";
import { type ImpairmentCounts, Outbox } from "./outbox.ts";
import type { DevicePlan } from "./plan.ts";
import type { SimulatedDevice } from "./simulated-device.ts";
import { RunningClock } from "./simulation-clock.ts";
import type { Speaker, SpeakerContext } from "./speaker.ts";
import { Slot, type Station } from "./station.ts";
import { stepFor, World } from "./world.ts";

export interface FleetOptions {
  readonly devices: readonly DevicePlan[];
  readonly group: string;
  readonly brokerUrl: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Reporting period of each device, real ms. */
  readonly periodMs: number;
  /** Load mode: this many data messages per second over all devices, whatever the period says. */
  readonly messagesPerS: number | undefined;
  readonly deadband: number;
  readonly seed: string;
  /** Simulated seconds per real second. */
  readonly acceleration: number;
  /** Calendar time at which the simulation begins. */
  readonly startEpochMs: number;
  /** Simulated time between two sets of load values; undefined = as the acceleration suggests. */
  readonly stepMs?: number | undefined;
  readonly onTrouble: (reason: string) => void;
}

/** Real time between two looks at the clock. */
const sliceMs = 20;
/** Load mode sends at most so many messages between two looks at the sockets (about 50 ms of work). */
const largestBatch = 2_000;
/** Effects of a command that come within this time are followed to the millisecond. */
const followMs = 200;

/** Breakers and their sessions with one broker, running in real or accelerated time. */
export class Fleet {
  readonly world: World;
  readonly #options: FleetOptions;
  readonly #random: Random;
  readonly #stepMs: number;
  readonly #stations: readonly Station[];
  readonly #slots: readonly Slot[];
  readonly #slotsOf: ReadonlyMap<string, readonly Slot[]>;
  readonly #controlLink: BrokerLink;
  readonly #timers = new Set<NodeJS.Timeout>();
  #loop: NodeJS.Timeout | undefined;
  #startMs = performance.now();
  #loadCursor = 0;
  #loadSent = 0;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#random = new Random(options.seed);
    const clock = new RunningClock(options.startEpochMs, options.acceleration, () => performance.now());
    const { devices, acceleration } = options;
    this.#stepMs = options.stepMs ?? stepFor(acceleration);
    this.world = new World({ devices, random: this.#random, clock, stepMs: this.#stepMs });
    const { group, deadband } = options;
    const stationOptions = { group, plans: devices, random: this.#random, deadband };
    this.#stations = buildStations(this.world.panels, stationOptions, (name, build) => this.#open(name, build));
    const pairs = this.#stations.flatMap((station) => station.speaker.devices.map((device) => ({ station, device })));
    this.#slots = pairs.map(
      ({ station, device }, i) => new Slot(device, station, (options.periodMs * i) / pairs.length),
    );
    this.#slotsOf = Map.groupBy(this.#slots, (slot) => slot.device.id);
    this.#controlLink = this.#link("control");
  }

  /** Messages handed to the broker so far, and messages lost because a connection was down or far behind. */
  get traffic(): { readonly published: number; readonly shed: number } {
    const sum = (read: (link: BrokerLink) => number): number =>
      this.#stations.reduce((total, { link }) => total + read(link), 0);
    return { published: sum((link) => link.published), shed: sum((link) => link.shed) };
  }

  /** What impairments did to messages so far. */
  get impairments(): ImpairmentCounts {
    const sum: ImpairmentCounts = { dropped: 0, duplicated: 0, reordered: 0, malformed: 0 };
    for (const { outbox } of this.#stations) {
      sum.dropped += outbox.counts.dropped;
      sum.duplicated += outbox.counts.duplicated;
      sum.reordered += outbox.counts.reordered;
      sum.malformed += outbox.counts.malformed;
    }
    return sum;
  }

  /** Starts simulating and connecting; resolves when every session has introduced itself once. */
  async start(): Promise<void> {
    this.#startMs = performance.now();
    this.#loop = setInterval(() => this.#tick(), sliceMs);
    const control = new ControlTopic(
      (id) => this.world.devices.get(id),
      (topic, payload) => this.#controlLink.publish({ topic, payload, qos: 0 }),
    );
    await Promise.all([
      this.#controlLink.start(control),
      ...this.#stations.map(({ link, speaker }) => link.start(speaker)),
    ]);
  }

  /** Says goodbye for every session and disconnects. */
  async stop(): Promise<void> {
    clearInterval(this.#loop);
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all([this.#controlLink.stop(), ...this.#stations.map(({ link }) => link.stop())]);
  }

  #open(name: string, build: (context: SpeakerContext) => Speaker): Station {
    const link = this.#link(name);
    const outbox = new Outbox(
      (message) => link.publish(message),
      this.#random.fork(`outbox/${name}`),
      (delayMs, action) => this.#later(delayMs, action),
    );
    const speaker = build({
      send: (message, device) => outbox.send(message, device?.impairment),
      wallMs: () => Date.now(),
      commanded: (device) => this.#follow(device),
      periodMs: this.#options.periodMs,
    });
    return { speaker, link, outbox };
  }

  #link(name: string): BrokerLink {
    const { brokerUrl, username, password, onTrouble, group } = this.#options;
    const clientId = `fdi-sim-${group}-${name}-${process.pid}`;
    return new BrokerLink({ url: brokerUrl, clientId, username, password, onTrouble });
  }

  #tick(): void {
    const { messagesPerS, acceleration } = this.#options;
    const realMs = performance.now() - this.#startMs;
    this.world.advanceTo(this.world.clock.nowMs());
    for (const slot of this.#slots) {
      slot.observe(realMs, this.#stepMs / acceleration);
      slot.tellChanges();
      if (messagesPerS === undefined) slot.tellWhenDue(realMs);
    }
    if (messagesPerS === undefined) return;
    // Of a long pause only the last second is made up for.
    const due = (realMs * messagesPerS) / 1000;
    this.#loadSent = Math.max(this.#loadSent, Math.floor(due - messagesPerS));
    this.#load(due);
  }

  /** Tells a command's answer at once and its effect at the very moment the mechanism arrives, between two steps. */
  #follow(device: SimulatedDevice): void {
    for (const slot of this.#slotsOf.get(device.id) ?? []) slot.tellChanges();
    const { agenda, timeMs } = device.breaker;
    if (agenda.nextMs - timeMs > followMs) return;
    this.#later(Math.ceil(device.realMsUntil(agenda.nextMs)) + 1, () => {
      device.catchUp();
      this.#follow(device);
    });
  }

  /** Catches up with the messages due, not all at once: the sockets need their turn too. */
  #load(due: number): void {
    const until = Math.min(due, this.#loadSent + largestBatch);
    for (; this.#loadSent < until; this.#loadSent += 1) {
      const slot = this.#slots[this.#loadCursor];
      this.#loadCursor = (this.#loadCursor + 1) % this.#slots.length;
      slot?.speaker.reportAll(slot.device);
    }
  }

  #later(delayMs: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, delayMs);
    this.#timers.add(timer);
  }
}
