import type { CommandSpec } from "#model/command-spec.ts";
import { definePackage } from "#model/define-package.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { ParameterSpec, PointBinding } from "#model/parameter-spec.ts";
import type { Protocol } from "#model/protocol.ts";

type Draft = Partial<ParameterSpec> & Pick<ParameterSpec, "name" | "dataType">;
/** Sparkplug metric, JSON path, LwM2M path. */
type Addresses = readonly [sparkplug: string, json: string, lwm2m: string];

function bindingsOf([sparkplug, json, lwm2m]: Addresses, jsonScale = 1): Record<Protocol, PointBinding> {
  return {
    sparkplug: { address: sparkplug, scale: 1, offset: 0 },
    json: { address: json, scale: jsonScale, offset: 0 },
    lwm2m: { address: lwm2m, scale: 1, offset: 0 },
  };
}

function parameter(draft: Draft): Omit<ParameterSpec, "index"> {
  return {
    displayName: draft.name,
    description: "",
    access: "read",
    class: "dynamic",
    enumeration: [],
    group: "Operational",
    history: { historize: true, deadband: 0 },
    trustStale: true,
    bindings: {},
    ...draft,
  };
}

const position = [
  { value: 0, name: "Intermediate" },
  { value: 1, name: "Open" },
  { value: 2, name: "Closed" },
  { value: 3, name: "Bad" },
];

const parameters = [
  parameter({
    name: "CurrentPhaseA",
    dataType: "float",
    range: { low: 0, high: 500 },
    bindings: bindingsOf(["Breaker/CurrentPhaseA", "current.phase_a", "/42769/0/1"]),
  }),
  parameter({
    name: "Position",
    dataType: "int32",
    enumeration: position,
    trustStale: false,
    bindings: bindingsOf(["Breaker/SwitchPosition", "measurements.status.switch_position", "/42769/0/31"]),
  }),
  parameter({
    name: "TripReason",
    dataType: "string",
    bindings: bindingsOf(["Breaker/TripReason", "protection.trip_reason", "/42769/0/15"]),
  }),
  parameter({
    name: "ActivePower",
    dataType: "float",
    bindings: bindingsOf(["Breaker/ActivePower", "power.active", "/42769/0/8"], 0.001),
  }),
  parameter({
    name: "Temperature",
    dataType: "float",
    bindings: bindingsOf(["Breaker/Temperature", "temperature.value", "/42769/0/12"]),
  }),
  parameter({
    name: "ArcFaultDetected",
    dataType: "boolean",
    bindings: bindingsOf(["Breaker/ArcFaultDetected", "protection.arc_fault_detected", "/42769/0/19"]),
  }),
  parameter({
    name: "LastTripTime",
    dataType: "date-time",
    bindings: bindingsOf(["Breaker/LastTripTime", "protection.last_trip_time", "/42769/0/14"]),
  }),
  parameter({
    name: "TripCount",
    dataType: "int32",
    bindings: bindingsOf(["Breaker/TripCount", "protection.trip_count", "/42769/0/13"]),
  }),
  parameter({
    name: "ThermalPickup",
    dataType: "float",
    range: { low: 100, high: 250 },
    access: "read-write",
    class: "static",
    defaultValue: 250,
    bindings: bindingsOf(["Protection/ThermalPickup", "settings.thermal_pickup", "/42770/0/6"]),
  }),
  parameter({
    name: "FirmwareVersion",
    dataType: "string",
    class: "rating",
    bindings: bindingsOf(["Device/FirmwareVersion", "status.firmware_version", "/3/0/3"]),
  }),
].map((spec, index): ParameterSpec => ({ ...spec, index }));

function command(
  draft: Partial<CommandSpec> & Pick<CommandSpec, "name" | "effect" | "confirm">,
  addresses: Addresses,
): CommandSpec {
  const [sparkplug, json, lwm2m] = addresses;
  return {
    displayName: draft.name,
    description: "",
    role: "operator",
    inputs: [
      {
        name: "Reason",
        description: "",
        dataType: "string",
        required: false,
        choices: [],
        addresses: { sparkplug: "Command/Reason", json: "reason", lwm2m: "reason" },
      },
    ],
    timeoutMs: 800,
    idempotent: false,
    bindings: {
      sparkplug: { address: sparkplug, value: true },
      json: { address: json, value: true },
      lwm2m: { address: lwm2m, value: true },
    },
    ...draft,
  };
}

export const wireType = "test/wire-breaker";

/** A breaker with few parameters, bound in every protocol the same way as the shipped packages. */
export const wirePackage: DevicePackage = definePackage({
  id: "test/wire-breaker",
  revision: "1.0.0",
  namespaceUri: "urn:test:wire-breaker",
  typeName: "WireBreaker",
  identity: {
    manufacturer: "Test",
    manufacturerUri: "urn:test",
    model: "W1",
    productCode: "W1",
    description: "",
    deviceClass: "CircuitBreaker",
    deviceRevision: "1",
  },
  detection: { declaredTypes: [wireType] },
  parameters,
  commands: [
    command({ name: "Trip", effect: "trip", confirm: { by: "state", parameter: "Position", equals: 1 } }, [
      "Command/Trip",
      "trip_breaker",
      "trip /42769/0/50",
    ]),
    command({ name: "Close", effect: "close", confirm: { by: "state", parameter: "Position", equals: 2 } }, [
      "Command/Close",
      "close_breaker",
      "close /42769/0/51",
    ]),
    command({ name: "SelfTest", effect: "test", confirm: { by: "ack" } }, [
      "Command/SelfTest",
      "self_test",
      "self_test /42769/0/53",
    ]),
  ],
});
