import type { UplinkTopic } from "./topic.ts";

/** How the type of a device is told that does not declare it: by what it measures. */
export interface DetectionRule {
  /** Names of measurements; one of them is enough. */
  readonly anyOf: readonly string[];
  readonly deviceType: string;
  /** Only for devices of this topic family. */
  readonly family?: UplinkTopic["family"];
}

/** In order; the first that holds decides. */
export const defaultDetectionRules: readonly DetectionRule[] = [
  {
    family: "sensors",
    anyOf: ["input_voltage", "input_current", "out_voltage1", "out_current1", "out_voltage2", "out_voltage3"],
    deviceType: "grid_unit",
  },
  { anyOf: ["voltage", "current", "power", "breaker_status"], deviceType: "smart_breaker" },
  { anyOf: ["energy", "demand", "power_factor"], deviceType: "smart_meter" },
  { anyOf: ["temperature", "humidity", "pressure"], deviceType: "environmental_sensor" },
];

/** The type of a device that measures `names`; undefined when no rule holds. */
export function detectedType(
  rules: readonly DetectionRule[],
  family: UplinkTopic["family"],
  names: readonly string[],
): string | undefined {
  const rule = rules.find(
    (candidate) =>
      (candidate.family === undefined || candidate.family === family) &&
      candidate.anyOf.some((name) => names.includes(name)),
  );
  return rule?.deviceType;
}
