import type { Onboarding } from "#fleet/onboarding/onboarding.ts";
import type { Clock } from "#lib/clock.ts";
import type { Logger } from "#lib/logger.ts";
import { WarnOnce } from "#lib/warn-once.ts";
import type { CommandAck } from "#model/command.ts";
import type { EpochMs } from "#model/ids.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { SampleBatch, SampleFlag } from "#model/sample-batch.ts";
import type { Alarms } from "./alarms/alarms.ts";
import type { Control } from "./control.ts";
import type { Device } from "./device.ts";
import { judge } from "./judge.ts";
import type { LiveValues } from "./live-values.ts";
import { fillsPoint, keepOwned, type OwnershipPolicy, oneProtocolEach } from "./ownership.ts";
import type {
  Announcement,
  DeviceEvent,
  PresenceState,
  RejectionReason,
  SampleSink,
  TransportNotice,
  Uplink,
} from "./ports.ts";
import type { PresenceBoard } from "./presence.ts";
import type { DeviceRegistry } from "./registry.ts";
import { staleBatch } from "./stale.ts";
import type { TrafficCounter } from "./traffic.ts";

export interface IngestParts {
  readonly registry: DeviceRegistry;
  readonly onboarding: Pick<Onboarding, "newcomer" | "again">;
  readonly live: LiveValues;
  readonly presence: PresenceBoard;
  readonly control: Pick<Control, "before" | "observe" | "acknowledged" | "lost">;
  readonly traffic: TrafficCounter;
  /** In the order in which they hear of each batch. */
  readonly sinks: readonly SampleSink[];
  /** Default: every device has one protocol. */
  readonly ownership?: OwnershipPolicy | undefined;
  /** Hears of what devices and transports report besides samples. */
  readonly alarms?: Pick<Alarms, "deviceEvent" | "notice"> | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Where all samples of all protocols arrive: the only place that decides what a value is worth. */
export class Ingest implements Uplink {
  readonly #parts: IngestParts;
  readonly #warnings: WarnOnce;
  readonly #stale = new SampleBatch();

  constructor(parts: IngestParts) {
    this.#parts = parts;
    this.#warnings = new WarnOnce(parts.clock, 60_000);
  }

  announced(announcement: Announcement): Device | undefined {
    const { registry, log } = this.#parts;
    const known = registry.findByAddress(announcement.protocol, announcement.address);
    if (known !== undefined) return this.#parts.onboarding.again(known, announcement);
    const { ownership = oneProtocolEach } = this.#parts;
    const namesake = registry.find(announcement.name);
    if (namesake !== undefined && isSecondWay(namesake, announcement, ownership)) {
      log.info({ device: namesake.id }, `also reached at ${announcement.protocol} ${announcement.address}`);
      return registry.link(namesake, announcement.protocol, announcement.address);
    }
    const owner = ownership.ownerOf(announcement.name);
    if (namesake === undefined && owner !== undefined && owner !== announcement.protocol) {
      return this.#refused(announcement, "not-announced", `its owner ${owner} has not announced it yet`);
    }
    const device = this.#parts.onboarding.newcomer(announcement);
    return "detail" in device ? this.#refused(announcement, device.reason, device.detail) : device;
  }

  samples(way: Device, batch: SampleBatch): void {
    const { live, control, traffic, clock, presence, registry } = this.#parts;
    const device = way.owner ?? way;
    if (!registry.holds(device)) return;
    presence.seen(way, batch.receivedAt);
    if (way.owner !== undefined && keepOwned(way, batch) === 0) return;
    const replaced = judge(device, batch, live, clock.now());
    if (replaced > 0) this.flawed(device.id, "wrong-clock", `${replaced} values took the time of receipt`);
    control.before(device, batch);
    for (let i = 0; i < batch.size; i += 1) {
      if (((batch.flags[i] ?? 0) & SampleFlag.historical) !== 0) continue;
      live.store(device.firstSlot + (batch.parameters[i] ?? 0), batch, i);
    }
    traffic.take(batch.size);
    control.observe(device, batch);
    this.#deliver(device, batch);
  }

  presence(way: Device, state: PresenceState, at: EpochMs, reason: string): void {
    const { presence, live, control, registry, log } = this.#parts;
    const device = way.owner ?? way;
    if (!registry.holds(device) || !presence.set(way, state, at, reason)) return;
    log.debug({ device: way.id }, `${way.protocol} ${state}: ${reason}`);
    if (state === "online") return;
    if (way.owner === undefined) control.lost(device, reason);
    const concerns = this.#concernedBy(way);
    if (staleBatch({ device, at, ...(concerns === undefined ? {} : { concerns }) }, live, this.#stale)) {
      this.#deliver(device, this.#stale);
    }
  }

  acknowledged(way: Device, ack: CommandAck): void {
    // Commands go to the owner only; another way has nothing to answer.
    if (way.owner === undefined) this.#parts.control.acknowledged(way, ack);
  }

  event(way: Device, event: DeviceEvent): void {
    const device = way.owner ?? way;
    if (this.#parts.registry.holds(device)) this.#parts.alarms?.deviceEvent(device, event);
  }

  notice(notice: TransportNotice): void {
    const { active, text } = notice;
    this.#parts.alarms?.notice(notice);
    if (active) this.#parts.log.error(text);
    else this.#parts.log.info(`over: ${text}`);
  }

  received(): void {
    this.#parts.traffic.receive();
  }

  accepted(source: string): void {
    this.#parts.traffic.accept(source);
  }

  rejected(source: string, reason: RejectionReason, detail: string): void {
    this.#parts.traffic.reject(source, reason, detail);
    this.#warn(source, reason, `message rejected, ${reason}: ${detail}`);
  }

  flawed(source: string, reason: RejectionReason, detail: string): void {
    this.#parts.traffic.flaw(source, reason, detail);
    this.#warn(source, reason, `part of a message not used as sent, ${reason}: ${detail}`);
  }

  #refused({ address, isMessage = true }: Announcement, reason: RejectionReason, detail: string): undefined {
    if (isMessage) this.rejected(address, reason, detail);
    else this.flawed(address, reason, detail);
    return undefined;
  }

  /** The points that were filled from this way; undefined for all. */
  #concernedBy(way: Device): ((spec: ParameterSpec) => boolean) | undefined {
    if (way.owner !== undefined) return (spec) => fillsPoint(way, spec);
    if (this.#parts.registry.ways(way).length === 0) return undefined;
    return (spec) => spec.bindings[way.protocol] !== undefined;
  }

  #warn(source: string, reason: RejectionReason, text: string): void {
    this.#warnings.warn(`${reason} ${source}`, (suppressed) => {
      const more = suppressed > 0 ? ` (and ${suppressed} more in the last minute)` : "";
      this.#parts.log.warn({ source }, `${text}${more}`);
    });
  }

  #deliver(device: Device, batch: SampleBatch): void {
    for (const sink of this.#parts.sinks) {
      try {
        sink.accept(device, batch);
      } catch (error) {
        // A sink that breaks its promise must not cost the others their values.
        this.#warnings.warn(`sink ${sink.constructor.name}`, () => {
          this.#parts.log.error({ err: error, device: device.id }, `${sink.constructor.name} failed on a batch`);
        });
      }
    }
  }
}

function isSecondWay(namesake: Device, { name, protocol }: Announcement, ownership: OwnershipPolicy): boolean {
  return namesake.protocol !== protocol && ownership.mayLink(name) && ownership.ownerOf(name) !== protocol;
}
