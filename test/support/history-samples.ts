import type { Device } from "#fleet/device.ts";
import type { DataType } from "#model/data-type.ts";
import { definePackage } from "#model/define-package.ts";
import { deviceId } from "#model/ids.ts";
import type { HistorySpec, ParameterSpec } from "#model/parameter-spec.ts";

export interface TestParameter {
  readonly name: string;
  readonly dataType?: DataType;
  readonly history?: Partial<HistorySpec>;
}

/** A device whose package has nothing but these parameters; every one is historized unless it says otherwise. */
export function testDevice(id: string, parameters: readonly TestParameter[]): Device {
  return {
    id: deviceId(id),
    package: definePackage({
      id: "test/device",
      revision: "1.0.0",
      namespaceUri: "urn:test",
      typeName: "TestDevice",
      identity: {
        manufacturer: "Test",
        manufacturerUri: "",
        model: "Test",
        productCode: "",
        description: "",
        deviceClass: "CircuitBreaker",
        deviceRevision: "1",
      },
      detection: { declaredTypes: [] },
      parameters: parameters.map(specOf),
      commands: [],
    }),
    protocol: "sparkplug",
    address: `test/${id}`,
    firstSlot: 0,
  };
}

function specOf(parameter: TestParameter, index: number): ParameterSpec {
  return {
    name: parameter.name,
    index,
    displayName: parameter.name,
    description: "",
    dataType: parameter.dataType ?? "double",
    access: "read",
    class: "dynamic",
    enumeration: [],
    group: "Operational",
    history: { historize: true, deadband: 0, ...parameter.history },
    trustStale: true,
    bindings: {},
  };
}
