import type { Device } from "#fleet/device.ts";
import type { PresenceBoard } from "#fleet/presence.ts";
import { type WarningBoard, type WarningChange, warningNames } from "#fleet/warning-board.ts";
import type { Clock } from "#lib/clock.ts";
import type { AlarmSpec } from "#model/alarm-spec.ts";
import type { EpochMs } from "#model/ids.ts";
import type { AlarmEngine } from "./alarm-engine.ts";
import { CommunicationTrigger } from "./communication-trigger.ts";
import type { Change, ConditionRef } from "./condition-ref.ts";
import { FloodGauge, floodLimit } from "./flood-gauge.ts";
import { deviceSpecs, type HostMatter, hostSpecs, matterOfWarning } from "./standard-specs.ts";
import type { TypeAlarms } from "./type-alarms.ts";

export interface StandardAlarmsParts {
  readonly engine: AlarmEngine;
  readonly presence: PresenceBoard;
  readonly warnings: WarningBoard;
  readonly isReachable: (device: Device) => boolean;
  readonly clock: Clock;
  /** When the host started. */
  readonly startedAt: EpochMs;
}

/** How often it is looked whether a flood is over. */
const floodCheckMs = 60_000;

/** What the host itself finds out, as alarms: about devices and about itself. */
export class StandardAlarms {
  readonly #parts: StandardAlarmsParts;
  readonly #chattering = new Map<Device, Set<string>>();
  readonly #flood = new FloodGauge();
  #floodTimer: Disposable | undefined;

  constructor(parts: StandardAlarmsParts) {
    this.#parts = parts;
    parts.presence.onChange((device) => this.#presence(device));
    parts.warnings.onChange((change) => this.#warning(change));
  }

  /** Opens the host's own alarms. */
  openHost(): void {
    const { engine } = this.#parts;
    const type = engine.typeOf(undefined);
    for (const spec of Object.values(hostSpecs)) engine.addRule(type, spec);
    engine.open(undefined);
  }

  /** Gives a type what the host finds out about its devices; what the package has under the same name comes first. */
  addRules(type: TypeAlarms): void {
    const { engine, presence, isReachable, startedAt } = this.#parts;
    const { situation } = engine;
    const communication = new CommunicationTrigger({ situation, presence, isReachable, startedAt });
    const add = (spec: AlarmSpec, trigger?: CommunicationTrigger): void => {
      if (!type.columnByName.has(spec.name)) engine.addRule(type, spec, trigger);
    };
    add(deviceSpecs.communicationLost, communication);
    add(deviceSpecs.configurationDiffers);
    add(deviceSpecs.chatter);
  }

  /** The host's alarms are as the last run left them: what only this run can say does not stand until it says so. */
  restored(): void {
    for (const name of warningNames) {
      const warning = this.#parts.warnings.find(name, undefined);
      const matter = matterOfWarning[name];
      if (matter !== undefined) this.tellHost(matter, warning !== undefined, warning?.text);
    }
    for (const matter of ["alarmFlood", "transportTrouble", "notificationsDelayed"] as const)
      this.tellHost(matter, false);
  }

  /** A device has come: what the last run held of it is over, what was found out before is told. */
  opened(device: Device): void {
    this.#tell(device, deviceSpecs.chatter.name, false);
    const warning = this.#parts.warnings.find("configuration-differs", device);
    if (warning !== undefined) this.#warning({ ...warning, active: true });
  }

  /** Something is wrong with the host, or is right again. */
  tellHost(matter: HostMatter, holds: boolean, text?: string): void {
    this.#tell(undefined, hostSpecs[matter].name, holds, text);
  }

  chatter({ type, row, column }: ConditionRef, isChattering: boolean): void {
    const device = type.devices[row];
    if (device === undefined) return;
    const names = this.#chattering.get(device) ?? new Set<string>();
    if (isChattering) names.add(column.spec.displayName);
    else names.delete(column.spec.displayName);
    if (names.size === 0) this.#chattering.delete(device);
    else this.#chattering.set(device, names);
    const { message, name } = deviceSpecs.chatter;
    this.#tell(device, name, names.size > 0, `${[...names].join(", ")}: ${message}`);
  }

  /** Counts what comes, for the flood alarm. */
  observe({ kind, condition, receivedAt }: Change): void {
    // Summaries are no work for people, and the flood must not feed itself.
    if (kind !== "active" || condition.column.spec.autoAcknowledge === true) return;
    const count = this.#flood.note(receivedAt);
    if (count <= floodLimit.alarms || this.#floodTimer !== undefined) return;
    this.tellHost("alarmFlood", true, `${count} alarms within ten minutes: ${hostSpecs.alarmFlood.message}`);
    this.#watchFlood();
  }

  forget(device: Device): void {
    this.#chattering.delete(device);
  }

  stop(): void {
    this.#floodTimer?.[Symbol.dispose]();
    this.#floodTimer = undefined;
  }

  #watchFlood(): void {
    const { clock } = this.#parts;
    this.#floodTimer = clock.after(floodCheckMs, () => {
      this.#floodTimer = undefined;
      // Half of the limit: what ends the flood must not be what begins it.
      if (this.#flood.count(clock.now()) > floodLimit.alarms / 2) this.#watchFlood();
      else this.tellHost("alarmFlood", false);
    });
  }

  #presence(device: Device): void {
    const { engine } = this.#parts;
    const condition = engine.find(device, deviceSpecs.communicationLost.name);
    if (condition?.column.trigger instanceof CommunicationTrigger) engine.reconsider(condition);
  }

  #warning({ name, device, active, text }: WarningChange): void {
    const matter = matterOfWarning[name];
    if (matter !== undefined) this.tellHost(matter, active, text);
    else this.#tell(device, deviceSpecs.configurationDiffers.name, active, text);
  }

  // oxlint-disable-next-line max-params -- whom, what, whether, why
  #tell(device: Device | undefined, name: string, holds: boolean, text?: string): void {
    const { engine, clock } = this.#parts;
    const condition = engine.find(device, name);
    if (condition === undefined) return;
    engine.tell(condition, holds, { at: clock.now(), ...(text === undefined ? {} : { text }) });
  }
}
