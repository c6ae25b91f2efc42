import { isJsonObject, type JsonObject, readJson } from "#lib/read-json.ts";
import { definePackage } from "#model/define-package.ts";
import type { DevicePackage } from "#model/device-package.ts";
import { HostError } from "#model/errors.ts";
import type { HostSetting } from "#model/package-details.ts";
import { type DetectionRule, defaultDetectionRules } from "./detect-type.ts";
import { pascalCase, registryParameter, registryValues, textIn, unitOf } from "./registry-measurement.ts";
import type { UplinkTopic } from "./topic.ts";

/** The device types of a `device-registry.json`: what a new type needs, and no code. */
export interface DeviceTypeRegistry {
  /** One package for each type; a real package for the same declared type should be put on the shelf after it. */
  readonly packages: readonly DevicePackage[];
  /** How types are detected that a device does not declare. */
  readonly detectionRules: readonly DetectionRule[];
  /** What was not understood, one sentence each. */
  readonly warnings: readonly string[];
}

const limits = { maxBytes: 8 * 1024 * 1024, maxDepth: 16, maxMembers: 200_000 };

/**
 * Reads a device type registry: `device_types` by name, each with `measurements` and what surrounds them, and optionally
 * `detection_rules` (`[{"any_of": [..], "device_type": "..", "family": "iot"}]`) in place of the built-in ones. Throws
 * `config-invalid`.
 */
export function readDeviceRegistry(bytes: Uint8Array, source: string): DeviceTypeRegistry {
  const reading = readJson(bytes, limits);
  if (!reading.ok) throw invalid(source, reading.detail);
  const root = reading.value;
  const types = isJsonObject(root) ? root["device_types"] : undefined;
  if (!isJsonObject(root) || !isJsonObject(types)) throw invalid(source, 'expected an object with "device_types"');
  const warnings: string[] = [];
  const revision = revisionOf(root["metadata"]);
  const packages = Object.entries(types).flatMap(([type, entry]) => {
    if (isJsonObject(entry) && isJsonObject(entry["measurements"])) {
      return [packageOf(type, entry, entry["measurements"], { revision, warnings })];
    }
    warnings.push(`${source}: type ${type} has no measurements: ignored`);
    return [];
  });
  return { packages, detectionRules: rulesOf(root["detection_rules"], source), warnings };
}

function invalid(source: string, problem: string): HostError {
  return new HostError("config-invalid", `${source} is no device type registry: ${problem}`);
}

interface Surroundings {
  readonly revision: string;
  readonly warnings: string[];
}

function packageOf(
  type: string,
  entry: JsonObject,
  measurements: JsonObject,
  { revision, warnings }: Surroundings,
): DevicePackage {
  const { manufacturer, model } = makerOf(entry["manufacturers"]);
  const slug = type.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  const category = textIn(entry["category"]);
  const values = registryValues(measurements);
  for (const { path, fields } of values) {
    const symbol = textIn(fields["unit"]);
    if (symbol !== "" && unitOf(symbol) === undefined)
      warnings.push(`${type}: unit "${symbol}" of ${path} is not known`);
  }
  return definePackage({
    id: `device-registry/${slug}`,
    revision,
    namespaceUri: `urn:fdi-host:device-types:device-registry:${slug}`,
    typeName: pascalCase(type),
    identity: {
      manufacturer,
      manufacturerUri: "",
      model: model === "" ? textIn(entry["name"]) : model,
      productCode: model,
      description: textIn(entry["description"]),
      deviceClass: pascalCase(category),
      deviceRevision: "",
      classification: { class: "", category },
    },
    detection: { declaredTypes: [type] },
    parameters: values.map(registryParameter),
    commands: [],
    hostSettings: settingsOf(entry),
  });
}

/** The first manufacturer and model stand for all: which of them a device is, it says itself. */
function makerOf(manufacturers: unknown): { manufacturer: string; model: string } {
  const first: unknown = Array.isArray(manufacturers) ? manufacturers[0] : undefined;
  if (!isJsonObject(first)) return { manufacturer: "", model: "" };
  const models: unknown = first["models"];
  return { manufacturer: textIn(first["name"]), model: Array.isArray(models) ? textIn(models[0]) : "" };
}

const secondsOf: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3_600, day: 86_400 };

function settingsOf(entry: JsonObject): HostSetting[] {
  const kept = ["data_format", "update_frequency", "retention_policy"].flatMap((key) => {
    const value = textIn(entry[key]);
    return value === "" ? [] : [{ name: pascalCase(key), value, unit: "" }];
  });
  const [, count, word] = /^(\d+)_(second|minute|hour|day)s?$/.exec(textIn(entry["update_frequency"])) ?? [];
  const periodS = Number(count) * (secondsOf[word ?? ""] ?? Number.NaN);
  if (Number.isNaN(periodS)) return kept;
  // Three reports missed in a row, and never less than the rhythm of a busy network allows.
  return [...kept, { name: "SilenceTimeout", value: String(Math.max(30, 3 * periodS)), unit: "s" }];
}

function revisionOf(metadata: unknown): string {
  const version = isJsonObject(metadata) ? textIn(metadata["version"]) : "";
  return /^\d+\.\d+\.\d+$/.test(version) ? version : "1.0.0";
}

function rulesOf(rules: unknown, source: string): readonly DetectionRule[] {
  if (rules === undefined) return defaultDetectionRules;
  if (!Array.isArray(rules)) throw invalid(source, "detection_rules: expected a list");
  return rules.map((rule: unknown) => ruleOf(rule) ?? reject(source, rule));
}

function ruleOf(rule: unknown): DetectionRule | undefined {
  if (!isJsonObject(rule) || !Array.isArray(rule["any_of"]) || typeof rule["device_type"] !== "string")
    return undefined;
  const family = familyOf(rule["family"]);
  return {
    anyOf: rule["any_of"].map(String),
    deviceType: rule["device_type"],
    ...(family === undefined ? {} : { family }),
  };
}

function familyOf(text: unknown): UplinkTopic["family"] | undefined {
  return text === "iot" || text === "sensors" ? text : undefined;
}

function reject(source: string, rule: unknown): never {
  throw invalid(source, `detection rule ${JSON.stringify(rule).slice(0, 80)}: expected any_of and device_type`);
}
