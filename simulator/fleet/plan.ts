import type { FrameName } from "#simulator/breaker/frame.ts";
import type { Settings } from "#simulator/breaker/settings.ts";
import type { LoadProfile } from "#simulator/physics/load.ts";

export const protocolNames = ["sparkplug", "json", "lwm2m", "lwm2m-oma"] as const;

/** Languages a simulated device can speak; `lwm2m` is the legacy JSON dialect, `lwm2m-oma` the OMA MQTT binding. */
export type ProtocolName = (typeof protocolNames)[number];

/** One device of a fleet before it is built. */
export interface DevicePlan {
  readonly id: string;
  readonly panel: string;
  readonly frame: FrameName;
  readonly protocols: readonly ProtocolName[];
  readonly settings: Partial<Settings>;
  readonly profile: Partial<LoadProfile>;
}

const devicesPerPanel = 6;

/** Of twelve devices: a panel that is one Sparkplug edge node, and a panel whose devices report on their own. */
const mixture: readonly ProtocolName[] = [
  ...Array.from({ length: devicesPerPanel }, () => "sparkplug" as const),
  "json",
  "json",
  "json",
  "lwm2m",
  "lwm2m",
  "lwm2m-oma",
];

/** How the devices of a fleet share the protocols: all the same, a mixture, or each device all of them. */
export const protocolMixes = [...protocolNames, "mixed", "all"] as const;

export type ProtocolMix = (typeof protocolMixes)[number];

export function isProtocolMix(text: string): text is ProtocolMix {
  return protocolMixes.some((name) => name === text);
}

/** The protocols of device number `number` under a mix. */
function protocolsOf(mix: ProtocolMix, number: number): readonly ProtocolName[] {
  if (mix === "all") return protocolNames;
  if (mix !== "mixed") return [mix];
  return [mixture[(number - 1) % mixture.length] ?? "sparkplug"];
}

/** The plan of `count` devices: `CB-0001` ... in panels of six, `panel-1` ..., beginning with device number `first`. */
export function planDevices(count: number, first: number, mix: ProtocolMix): DevicePlan[] {
  return Array.from({ length: count }, (_, i) => {
    const number = first + i;
    return {
      id: `CB-${String(number).padStart(4, "0")}`,
      panel: `panel-${Math.floor((number - 1) / devicesPerPanel) + 1}`,
      frame: "mccb-250",
      protocols: protocolsOf(mix, number),
      settings: {},
      profile: {},
    };
  });
}
