import type { Device } from "#fleet/device.ts";
import type { LiveValues } from "#fleet/live-values.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";

/** At most this many values follow a message that names none itself. */
const maxValuesShown = 3;

/**
 * The message of an alarm with the values of now: `{CurrentPhaseA}` becomes `412 A`. A message without such places gets
 * the measured values that its condition reads behind it.
 */
export function alarmMessage(text: string, inputs: readonly number[], device: Device, live: LiveValues): string {
  const pkg = device.package;
  if (placeholder.test(text)) {
    return text.replaceAll(placeholders, (whole, name: string) => {
      const spec = pkg.parameterByName.get(name);
      return spec === undefined ? whole : shown(device, spec, live);
    });
  }
  const values = measuredOf(pkg, inputs).map((spec) => `${spec.displayName} ${shown(device, spec, live)}`);
  return values.length === 0 ? text : `${text} (${values.join(", ")})`;
}

const placeholder = /\{[A-Za-z][A-Za-z0-9_]*\}/;
const placeholders = /\{([A-Za-z][A-Za-z0-9_]*)\}/g;

function measuredOf(pkg: DevicePackage, inputs: readonly number[]): ParameterSpec[] {
  const specs = inputs.flatMap((index) => pkg.parameters[index] ?? []);
  return specs.filter(isMeasured).slice(0, maxValuesShown);
}

function isMeasured({ class: kind, dataType, enumeration }: ParameterSpec): boolean {
  return kind === "dynamic" && dataType !== "boolean" && dataType !== "string" && enumeration.length === 0;
}

function shown(device: Device, spec: ParameterSpec, live: LiveValues): string {
  const { value } = live.get(device, spec);
  if (value === undefined) return "(no value)";
  if (typeof value === "boolean") return spec.states?.[value ? "true" : "false"] ?? String(value);
  if (typeof value !== "number") return String(value);
  const word = spec.enumeration.find((entry) => entry.value === value)?.name;
  const rounded = Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
  return word ?? (spec.unit === undefined || spec.unit.symbol === "1" ? rounded : `${rounded} ${spec.unit.symbol}`);
}
