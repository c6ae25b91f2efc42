import type { CommandSpec } from "#model/command-spec.ts";
import { definePackage } from "#model/define-package.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";

type Draft = Partial<ParameterSpec> & Pick<ParameterSpec, "name" | "dataType">;

function parameter(draft: Draft, index: number): ParameterSpec {
  return {
    displayName: draft.name,
    description: "",
    access: "read",
    class: "dynamic",
    enumeration: [],
    group: "Operational",
    history: { historize: true, deadband: 0 },
    trustStale: true,
    bindings: { sparkplug: { address: `Breaker/${draft.name}`, scale: 1, offset: 0 } },
    ...draft,
    index,
  };
}

function command(draft: Partial<CommandSpec> & Pick<CommandSpec, "name" | "effect" | "confirm">): CommandSpec {
  return {
    displayName: draft.name,
    description: "",
    role: "operator",
    inputs: [],
    timeoutMs: 2_000,
    idempotent: draft.effect === "trip",
    bindings: { sparkplug: { address: `Command/${draft.name}`, value: true } },
    ...draft,
  };
}

const position = [
  { value: 0, name: "Intermediate" },
  { value: 1, name: "Open" },
  { value: 2, name: "Closed" },
  { value: 3, name: "Bad" },
];

/** A breaker with few parameters: a current with a range, a position that must not be trusted when stale, a text. */
export function breakerPackage(): DevicePackage {
  return definePackage({
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
      deviceRevision: "1",
    },
    detection: { declaredTypes: ["test/breaker"] },
    parameters: [
      parameter({ name: "CurrentPhaseA", dataType: "float", range: { low: 0, high: 500 } }, 0),
      parameter({ name: "Position", dataType: "int32", enumeration: position, trustStale: false }, 1),
      parameter({ name: "TripReason", dataType: "string" }, 2),
    ],
    commands: [
      command({ name: "Trip", effect: "trip", confirm: { by: "state", parameter: "Position", equals: 1 } }),
      command({
        name: "Close",
        effect: "close",
        timeoutMs: 5_000,
        confirm: { by: "state", parameter: "Position", equals: 2 },
      }),
      command({ name: "SelfTest", effect: "test", role: "maintenance", confirm: { by: "ack" } }),
    ],
  });
}
