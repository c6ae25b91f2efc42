import type { Device } from "#fleet/device.ts";
import { ColumnCollector, type HistoryColumns } from "#historian/columns.ts";
import { definePackage } from "#model/define-package.ts";
import { deviceId } from "#model/ids.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { SampleBatch } from "#model/sample-batch.ts";

/** A fleet of 100 breakers with 20 signals each that report once a second: 2000 values per second of its time. */
const parameters = 20;
const devices = 100;

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

const placeOf = new Map(fleet.map(({ id }, place) => [id, place]));

/** The same values as of a Load of that hour, as rows in the order of arrival. */
export function arrivalsOf(values: number, hour = 0): HistoryColumns {
  const collector = new ColumnCollector(values);
  new Load(hour).send(values, ({ id }, batch) => {
    const first = 1 + parameters * (placeOf.get(id) ?? 0);
    for (let i = 0; i < batch.size; i += 1) {
      const series = first + (batch.parameters[i] ?? 0);
      collector.add(series, batch.times[i] ?? 0, batch.values[i] ?? 0, batch.qualities[i] ?? 0);
    }
  });
  return collector.take();
}

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
