import type { ParameterValue } from "#model/data-type.ts";
import type { TemplateSpec } from "#model/package-details.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { sameValue } from "./commands/state-proof.ts";
import type { Device } from "./device.ts";
import { knownValueOf } from "./known-values.ts";
import type { LiveValues } from "./live-values.ts";

/** A setting of a template beside what the device has now; `differs` is undefined while that is not known. */
export interface ComparedSetting {
  readonly spec: ParameterSpec;
  readonly wanted: ParameterValue;
  readonly present: ParameterValue | undefined;
  readonly differs: boolean | undefined;
}

/** What applying a template would change on a device, in the order of the template. */
export function compareTemplate(device: Device, template: TemplateSpec, live: LiveValues): ComparedSetting[] {
  return template.settings.flatMap(({ parameter, value }) => {
    const spec = device.package.parameterByName.get(parameter);
    if (spec === undefined) return [];
    const present = knownValueOf(device, spec, live);
    const differs = present === undefined ? undefined : !sameValue(spec, present, value);
    return [{ spec, wanted: value, present, differs }];
  });
}
