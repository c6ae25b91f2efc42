import type { Breaker } from "#simulator/breaker/breaker.ts";
import type { BreakerCommand } from "#simulator/breaker/control.ts";
import type { SettingName } from "#simulator/breaker/settings.ts";
import type { SimulatedDevice } from "#simulator/fleet/simulated-device.ts";

export type ResourceValue = number | boolean | string;

/** One resource of an object; `R` is read, `RW` a setting, `E` an action. */
export interface Resource {
  readonly id: number;
  readonly name: string;
  readonly type: "string" | "integer" | "float" | "boolean" | "time" | "action";
  readonly read?: (device: SimulatedDevice) => ResourceValue;
  readonly setting?: SettingName;
  readonly execute?: (argument: string) => BreakerCommand;
}

export interface LwM2mObject {
  readonly id: number;
  readonly name: string;
  readonly resources: readonly Resource[];
}

type Read = (breaker: Breaker, device: SimulatedDevice) => ResourceValue;

function resource(type: Resource["type"], id: number, name: string, read: Read): Resource {
  return { id, name, type, read: (device) => read(device.breaker, device) };
}

export const text = (id: number, name: string, read: Read): Resource => resource("string", id, name, read);
export const integer = (id: number, name: string, read: Read): Resource => resource("integer", id, name, read);
export const float = (id: number, name: string, read: Read): Resource => resource("float", id, name, read);
export const flag = (id: number, name: string, read: Read): Resource => resource("boolean", id, name, read);
/** Epoch seconds; 0 for never. */
export const time = (id: number, name: string, read: Read): Resource => resource("time", id, name, read);

export function action(id: number, name: string, execute: (argument: string) => BreakerCommand): Resource {
  return { id, name, type: "action", execute };
}

/** A writable setting of the breaker. */
export function setting(id: number, name: SettingName, type: "float" | "boolean" | "integer"): Resource {
  return {
    id,
    name,
    type,
    setting: name,
    read: ({ breaker }) => (type === "boolean" ? breaker.settings[name] !== 0 : breaker.settings[name]),
  };
}
