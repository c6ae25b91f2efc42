import { JsonSpeaker } from "#simulator/json/json-speaker.ts";
import { LegacyLwM2mSpeaker } from "#simulator/lwm2m/legacy-speaker.ts";
import { OmaLwM2mSpeaker } from "#simulator/lwm2m/oma-speaker.ts";
import type { Random } from "#simulator/random.ts";
import { EdgeNode } from "#simulator/sparkplug/edge-node.ts";
import type { Panel } from "./panel.ts";
import type { DevicePlan, ProtocolName } from "./plan.ts";
import type { SimulatedDevice } from "./simulated-device.ts";
import type { Speaker, SpeakerContext } from "./speaker.ts";
import type { Station } from "./station.ts";

export interface StationOptions {
  readonly group: string;
  readonly plans: readonly DevicePlan[];
  readonly random: Random;
  /** Share of a measured value's range that Sparkplug devices do not report. */
  readonly deadband: number;
}

/** Gives a speaker its connection; `name` is unique within the fleet. */
export type OpenStation = (name: string, build: (context: SpeakerContext) => Speaker) => Station;

type SingleProtocol = Exclude<ProtocolName, "sparkplug">;

/** The sessions of a fleet: one Sparkplug edge node per panel, one session per device for the other protocols. */
export function buildStations(panels: readonly Panel[], options: StationOptions, open: OpenStation): Station[] {
  const { group, deadband, plans } = options;
  const protocols = new Map(plans.map((plan) => [plan.id, plan.protocols]));
  const stations: Station[] = [];
  for (const panel of panels) {
    const devices = panel.devices.filter(({ id }) => protocols.get(id)?.includes("sparkplug"));
    const node = { group, node: panel.name, devices, deadband };
    if (devices.length > 0) stations.push(open(panel.name, (context) => new EdgeNode(node, context)));
    for (const device of panel.devices) {
      for (const protocol of protocols.get(device.id) ?? []) {
        if (protocol === "sparkplug") continue;
        stations.push(open(`${protocol}-${device.id}`, singleSpeaker(protocol, device, options.random)));
      }
    }
  }
  return stations;
}

function singleSpeaker(
  protocol: SingleProtocol,
  device: SimulatedDevice,
  random: Random,
): (c: SpeakerContext) => Speaker {
  switch (protocol) {
    case "json":
      return (context) => new JsonSpeaker(device, random.fork(`rhythm/${device.id}`), context);
    case "lwm2m":
      return (context) => new LegacyLwM2mSpeaker(device, context);
    case "lwm2m-oma":
      return (context) => new OmaLwM2mSpeaker(device, random.fork(`format/${device.id}`), context);
  }
}
