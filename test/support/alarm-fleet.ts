import type { EventRecord } from "#fleet/alarms/ports.ts";
import type { AlarmState } from "#model/alarm-state.ts";
import type { Principal } from "#model/command.ts";
import type { PackageRole } from "#model/command-spec.ts";
import { alarmPackage } from "./alarm-package.ts";
import { type AlarmsBefore, TestFleet } from "./test-fleet.ts";

export function principal(user: string, role: PackageRole): Principal {
  return { user, roles: [role], origin: "test" };
}

export const operator = principal("olga", "operator");
export const maintainer = principal("mika", "maintenance");

/** A fleet whose breaker has the given alarms, and everything that was told of them. */
export class AlarmFleet extends TestFleet {
  readonly events: EventRecord[] = [];

  constructor(alarms: Parameters<typeof alarmPackage>[0], before?: AlarmsBefore) {
    super([], alarmPackage(alarms), undefined, before);
    this.alarms.onEvent((event) => this.events.push(event));
  }

  state(name: string): AlarmState {
    const alarm = this.alarms.find(`CB-1/${name}`);
    if (alarm === undefined) throw new Error(`no alarm ${name}`);
    return alarm.state;
  }

  /** `active Overload`, in order. */
  get told(): string[] {
    return this.events.map(({ kind, name }) => `${kind} ${name}`);
  }

  get retained(): string[] {
    return [...this.alarms.retained()].map(({ id }) => id);
  }
}
