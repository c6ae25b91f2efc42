import { readFileSync } from "node:fs";
import { Check } from "typebox/schema";
import { describe, expect, it } from "vitest";
import { type JsonSchema, telemetrySchema } from "#fdi/json-schema.ts";
import { readDevicePackage } from "#fdi/read-package.ts";
import { schemaViolations } from "#fdi/schema-violations.ts";

const schema = telemetrySchema(
  readDevicePackage(readFileSync("fdi-packages/fdi-host/smart-breaker/smart-breaker.fdi"), "p.fdi").package,
);

/** A telemetry message as these devices send it. */
const telemetry = {
  device_id: "breaker-042",
  device_type: "smart_breaker",
  timestamp: "2026-03-09T07:41:12.604518Z",
  event_type: "telemetry",
  measurements: {
    voltage: { phase_a: 231.04, phase_b: 229.87, phase_c: 230.55, unit: "V" },
    current: { phase_a: 41.3, phase_b: 39.92, phase_c: 40.71, unit: "A" },
    power: { active: 8110.4, reactive: 1702.25, apparent: 8287.1, factor: 0.978, unit: "W" },
    frequency: { value: 59.98, unit: "Hz" },
    temperature: { value: 37.4, unit: "°C" },
    status: { breaker: 1, position: 1, communication: 1 },
    protection: { trip_count: 2, ground_fault_current: 0.12, arc_fault_detected: false },
    operational: { load_percentage: 40.6, operating_hours: 312.4, maintenance_due: false },
  },
};

type Measurements = Record<string, Record<string, unknown>>;

function changed(group: string, member: string, value: unknown): unknown {
  const measurements: Measurements = { ...telemetry.measurements };
  return { ...telemetry, measurements: { ...measurements, [group]: { ...measurements[group], [member]: value } } };
}

/** What a foreign validator says. */
function oracle(document: unknown): boolean {
  return Check(schema as Readonly<Record<string, JsonSchema[string]>>, document);
}

describe("the schema of a telemetry document", () => {
  it("accepts a document of the device, unknown members and all", () => {
    expect(schemaViolations(schema, telemetry)).toEqual([]);
    expect(oracle(telemetry)).toBe(true);
  });

  it("accepts a document with a part of the values", () => {
    expect(schemaViolations(schema, { measurements: { frequency: { value: 50 } } })).toEqual([]);
  });

  it.each([
    ["voltage", "phase_a", 700, "document.measurements.voltage.phase_a: 700 is above 600"],
    ["power", "active", 3_000_000, "document.measurements.power.active: 3000000 is above 2000000"],
    ["power", "active", "8", 'document.measurements.power.active: "8" is no number'],
    ["status", "breaker", 7, "document.measurements.status.breaker: 7 is none of 0, 1, 2, 3"],
    ["protection", "trip_count", 1.5, "document.measurements.protection.trip_count: 1.5 is no integer"],
    ["protection", "arc_fault_detected", 0, "document.measurements.protection.arc_fault_detected: 0 is no boolean"],
  ])("refuses measurements.%s.%s = %s, as a foreign validator does", (group, member, value, violation) => {
    const document = changed(group, member, value);

    expect(schemaViolations(schema, document)).toEqual([violation]);
    expect(oracle(document)).toBe(false);
  });

  it.each([null, [], "text", { measurements: [] }, { measurements: { voltage: 121 } }])(
    "refuses %j as a foreign validator does",
    (document) => {
      expect(schemaViolations(schema, document)).toHaveLength(1);
      expect(oracle(document)).toBe(false);
    },
  );
});
