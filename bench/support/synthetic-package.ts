import type { CommandSpec } from "#model/command-spec.ts";
import { definePackage } from "#model/define-package.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { units } from "#model/unit.ts";

export interface Shape {
  readonly variables: number;
  readonly methods: number;
  readonly groups: number;
}

/** A breaker of a given size: two thirds of its variables are analog with unit and range, the rest plain. */
export function syntheticPackage({ variables, methods, groups }: Shape): DevicePackage {
  return definePackage({
    id: "bench/breaker",
    revision: "1.0.0",
    namespaceUri: "urn:bench:breaker",
    typeName: "BenchBreaker",
    identity: {
      manufacturer: "Bench",
      manufacturerUri: "urn:bench",
      model: "B1",
      productCode: "B1",
      description: "",
      deviceClass: "CircuitBreaker",
      deviceRevision: "1",
    },
    detection: { declaredTypes: ["bench/breaker"] },
    parameters: Array.from({ length: variables }, (_, index) => parameter(index, variables, groups)),
    commands: Array.from({ length: methods }, (_, index) => command(index)),
  });
}

function parameter(index: number, count: number, groups: number): ParameterSpec {
  const ampere = units.get("AMP");
  const analog = index < (count * 2) / 3 && ampere !== undefined ? { unit: ampere, range: { low: 0, high: 1000 } } : {};
  const name = `Parameter${String(index).padStart(2, "0")}`;
  return {
    name,
    index,
    displayName: name,
    description: "",
    dataType: "double",
    access: "read",
    class: "dynamic",
    enumeration: [],
    group: `Group${index % groups}`,
    history: { historize: true, deadband: 0 },
    trustStale: true,
    bindings: { sparkplug: { address: `Breaker/${name}`, scale: 1, offset: 0 } },
    ...analog,
  };
}

function command(index: number): CommandSpec {
  return {
    name: `Command${index}`,
    displayName: `Command${index}`,
    description: "",
    effect: "test",
    role: "operator",
    inputs: [],
    timeoutMs: 1_000,
    idempotent: true,
    confirm: { by: "ack" },
    bindings: {},
  };
}
