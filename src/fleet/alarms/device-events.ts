import type { Device } from "#fleet/device.ts";
import type { DeviceEvent } from "#fleet/ports.ts";
import type { Clock } from "#lib/clock.ts";
import type { EventSpec } from "#model/package-details.ts";
import type { AlarmEngine } from "./alarm-engine.ts";
import type { ConditionRef } from "./condition-ref.ts";
import type { EventRecord } from "./ports.ts";
import { deviceTripSpec } from "./standard-specs.ts";

export interface DeviceEventsParts {
  readonly engine: AlarmEngine;
  readonly clock: Clock;
  readonly newEventId: () => string;
  readonly tell: (event: EventRecord) => void;
}

/** Events of one device within a second; what comes above is counted and not told. */
const maxPerSecond = 20;

/** Severity of an event that the package does not know. */
const unknownSeverity = 500;

interface Rate {
  second: number;
  count: number;
}

/** What devices report that is no sample: becomes an event, and a trip notice also an alarm. */
export class DeviceEvents {
  readonly #parts: DeviceEventsParts;
  readonly #rates = new Map<Device, Rate>();
  /** Events that were not told because their device reports too many. */
  dropped = 0;

  constructor(parts: DeviceEventsParts) {
    this.#parts = parts;
  }

  accept(device: Device, event: DeviceEvent): void {
    const { clock, newEventId, tell } = this.#parts;
    const receivedAt = clock.now();
    if (this.#isTooMany(device, receivedAt)) {
      this.dropped += 1;
      return;
    }
    const spec = specOf(device, event.type);
    const name = spec?.name ?? event.type;
    const message = spec?.description || spec?.displayName || `The device reports ${event.type}.`;
    const severity = spec?.severity ?? unknownSeverity;
    const about = { eventId: newEventId(), kind: "device-event", at: event.at, receivedAt } as const;
    const text = message + shownFields(event);
    tell({
      ...about,
      device: device.id,
      name,
      severity,
      message: text,
      user: undefined,
      alarm: undefined,
      fields: event.fields,
    });
    if (isTrip(name) || isTrip(event.type)) this.#trip(device, event, text);
  }

  forget(device: Device): void {
    this.#rates.delete(device);
  }

  /**
   * A type that has trip alarms raises them from the values that come with the notice. Others get one that stays until it
   * is reset: a notice has no end.
   */
  #trip(device: Device, { at }: DeviceEvent, text: string): void {
    const { engine } = this.#parts;
    const place = engine.placeOf(device);
    if (place === undefined) return;
    const { columns, columnByName } = place.type;
    const own = columns.some(({ spec }) => spec.type === "trip" && spec.name !== deviceTripSpec.name);
    if (own) return;
    const column = columnByName.get(deviceTripSpec.name) ?? engine.addRule(place.type, deviceTripSpec);
    const condition: ConditionRef = { ...place, column };
    engine.tell(condition, true, { at, text });
    engine.tell(condition, false, { at });
  }

  #isTooMany(device: Device, now: number): boolean {
    const second = Math.floor(now / 1_000);
    const rate = this.#rates.get(device) ?? { second, count: 0 };
    this.#rates.set(device, rate);
    if (rate.second !== second) {
      rate.second = second;
      rate.count = 0;
    }
    rate.count += 1;
    return rate.count > maxPerSecond;
  }
}

/** The package's word for an event of the wire. */
function specOf(device: Device, type: string): EventSpec | undefined {
  const { events } = device.package;
  return (
    events.find(({ addresses }) => addresses[device.protocol] === type) ?? events.find(({ name }) => name === type)
  );
}

/** `breaker_trip`, `ProtectionTrip`, but not `TripCounterReset`. */
function isTrip(name: string): boolean {
  return /(?:^|[_a-z-])(?:trip|Trip)$/.test(name);
}

function shownFields({ fields }: DeviceEvent): string {
  const shown = Object.entries(fields).slice(0, 6);
  return shown.length === 0
    ? ""
    : ` (${shown.map(([name, value]) => `${name} ${String(value).slice(0, 64)}`).join(", ")})`;
}
