import type { SimulatedDevice } from "#simulator/fleet/simulated-device.ts";
import { legacyObjects } from "./objects.ts";
import type { ResourceValue } from "./resource.ts";

/** Time without zone, as this dialect writes it; empty for never. */
export function zonelessTime(epochMs: number): string {
  return epochMs === 0 ? "" : new Date(epochMs).toISOString().replace("Z", "000");
}

function wireValue(type: string, value: ResourceValue): ResourceValue {
  if (type === "time") return zonelessTime(Number(value) * 1000);
  return typeof value === "number" && type === "float" ? Math.round(value * 1000) / 1000 : value;
}

/** `objects` of a registration or update: object, instance and resource ids as texts. */
export function objectsOf(device: SimulatedDevice): Record<string, Record<string, Record<string, ResourceValue>>> {
  return Object.fromEntries(
    legacyObjects.map(({ id, resources }) => {
      const values = resources.flatMap(({ id: resource, type, read }) =>
        read === undefined ? [] : [[String(resource), wireValue(type, read(device))] as const],
      );
      return [String(id), { "0": Object.fromEntries(values) }];
    }),
  );
}

/** The trip notice on `lwm2m/{id}/event`. */
export function tripEventOf(device: SimulatedDevice): object {
  const { lastTrip, counters } = device.breaker;
  return {
    device_id: device.id,
    event_type: "breaker_trip",
    reason: lastTrip?.reason ?? "None",
    trip_current: Math.round((lastTrip?.currentA ?? 0) * 10) / 10,
    timestamp: zonelessTime(device.epochMs(lastTrip?.atMs)),
    breaker_status: 2,
    trip_count: counters.trips,
  };
}

/** The answer to get_configuration. */
export function configurationOf(device: SimulatedDevice): object {
  const { settings, nameplate } = device.breaker;
  return {
    device_id: device.id,
    configuration: {
      overcurrent_pickup: settings.OvercurrentPickup,
      overcurrent_delay: settings.OvercurrentDelay,
      ground_fault_pickup: settings.GroundFaultPickup,
      ground_fault_delay: settings.GroundFaultDelay,
      arc_fault_pickup: settings.ArcFaultPickup,
      arc_fault_delay: settings.ArcFaultDelay,
      thermal_pickup: settings.ThermalPickup,
      thermal_delay: settings.ThermalDelay,
      rated_current: nameplate.ratedA,
      rated_voltage: nameplate.ratedV,
      rated_frequency: nameplate.ratedHz,
      breaking_capacity: nameplate.breakingKa,
      pole_count: nameplate.poles,
      protection_class: "TypeC",
    },
    timestamp: zonelessTime(device.epochMs()),
  };
}
