import type { Device } from "#fleet/device.ts";
import { definePackage } from "#model/define-package.ts";
import { deviceId } from "#model/ids.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { SampleBatch } from "#model/sample-batch.ts";

/** A fleet of 100 breakers with 20 signals each that report once a second: 2000 values per second of its time. */
const parameters = 20;
const devices = 100;
export const seriesCount = parameters * devices;

function specOf(index: number): ParameterSpec {
  return {
    name: `Signal${index}`,
    index,
    displayName: `Signal ${index}`,
    description: "",
    dataType: "double",
    access: "read",
    class: "dynamic",
    enumeration: [],
    group: "Operational",
    history: { historize: true, deadband: 0 },
    trustStale: true,
    bindings: {},
  };
}

const pkg = definePackage({
  id: "bench/breaker",
  revision: "1.0.0",
  namespaceUri: "urn:bench",
  typeName: "BenchBreaker",
  identity: {
    manufacturer: "Bench",
    manufacturerUri: "",
    model: "Bench",
    productCode: "",
    description: "",
    deviceClass: "CircuitBreaker",
    deviceRevision: "1",
  },
  detection: { declaredTypes: [] },
  parameters: Array.from({ length: parameters }, (_, i) => specOf(i)),
  commands: [],
});

const fleet: readonly Device[] = Array.from({ length: devices }, (_, i) => ({
  id: deviceId(`CB-${String(i + 1).padStart(4, "0")}`),
  package: pkg,
  protocol: "sparkplug",
  address: `bench/${i}`,
  firstSlot: 0,
}));

/** Sends seconds of the fleet's life, one batch per breaker and second; remembers how far it came. */
export class Load {
  readonly #batch = new SampleBatch(parameters);
  #time: number;
  #next = 0;
  sent = 0;

  /** `hour`: of the day, so that several loads meet no row of each other. */
  constructor(hour = 0) {
    this.#time = Date.UTC(2026, 5, 15, hour);
  }

  /** About `values` values, in whole batches. */
  send(values: number, accept: (device: Device, batch: SampleBatch) => void): void {
    for (const until = this.sent + values; this.sent < until; ) {
      const device = fleet[this.#next % devices];
      if (device === undefined) return;
      this.#batch.reset(this.#time);
      for (let i = 0; i < parameters; i += 1) {
        this.#batch.add(
          i,
          Math.round(4000 + 500 * Math.sin((this.sent + i) / 700)) / 100,
          this.#time + (this.#next % devices),
          0,
        );
      }
      accept(device, this.#batch);
      this.sent += parameters;
      this.#next += 1;
      if (this.#next % devices === 0) this.#time += 1000;
    }
  }
}
