import type { CommandSpec } from "#model/command-spec.ts";
import type { DataType } from "#model/data-type.ts";
import { definePackage } from "#model/define-package.ts";
import type { ParameterSpec, PointBinding } from "#model/parameter-spec.ts";

function parameter(
  index: number,
  dataType: DataType,
  address: string,
  binding: Partial<PointBinding> = {},
): ParameterSpec {
  const name = address.startsWith("Breaker/") ? address.slice(8) : address;
  return {
    name,
    index,
    displayName: name,
    description: "",
    dataType,
    access: "read",
    class: "dynamic",
    enumeration: [],
    group: "Operational",
    history: { historize: true, deadband: 0 },
    trustStale: true,
    bindings: { sparkplug: { address, scale: 1, offset: 0, ...binding } },
  };
}

const trip: CommandSpec = {
  name: "Trip",
  displayName: "Trip",
  description: "",
  effect: "trip",
  role: "operator",
  inputs: [
    {
      name: "Reason",
      description: "",
      dataType: "string",
      required: false,
      choices: [],
      addresses: { sparkplug: "Command/Reason" },
    },
  ],
  timeoutMs: 2000,
  idempotent: true,
  confirm: { by: "state", parameter: "Position", equals: 1 },
  bindings: { sparkplug: { address: "Command/Trip", value: true } },
};

/** A breaker type with one parameter of each kind that the transport treats differently. */
export const breakerPackage = definePackage({
  id: "test/breaker",
  revision: "1.0.0",
  namespaceUri: "urn:test:breaker",
  typeName: "TestBreaker",
  identity: {
    manufacturer: "Test",
    manufacturerUri: "urn:test",
    model: "T1",
    productCode: "T1",
    description: "",
    deviceClass: "CircuitBreaker",
    deviceRevision: "1.0",
  },
  detection: { declaredTypes: ["test/breaker"] },
  parameters: [
    parameter(0, "float", "Breaker/CurrentPhaseA"),
    parameter(1, "int32", "Breaker/Position", {
      valueMap: new Map([
        ["closed", 2],
        ["open", 1],
      ]),
    }),
    parameter(2, "boolean", "Breaker/Tripped"),
    parameter(3, "string", "Breaker/TripReason"),
    parameter(4, "double", "Breaker/ActivePower", { scale: 0.001, offset: 1 }),
    parameter(5, "date-time", "Breaker/LastTripTime"),
    parameter(6, "uint64", "Breaker/Cycles"),
    parameter(7, "float", "Feeder/Load"),
    parameter(8, "float", "Feeder/Trip/Current"),
    parameter(9, "double", "Harmonics/1/percent"),
    parameter(10, "string", "Waveform"),
  ],
  commands: [trip],
});

export const tripCommand = trip;
