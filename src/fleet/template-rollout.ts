import type { CommandResult, Principal } from "#model/command.ts";
import { type ErrorCode, HostError } from "#model/errors.ts";
import type { Device } from "./device.ts";
import type { DeviceRegistry } from "./registry.ts";
import { type AppliedSetting, TemplateError, type Templates } from "./templates.ts";

export interface RolloutRequest {
  /** Names of devices. */
  readonly devices: readonly string[];
  readonly template: string;
  readonly by: Principal;
}

/** What became of a template on one device. */
export interface RolloutResult {
  readonly device: string;
  readonly result: CommandResult;
  readonly detail: string;
  /** Set when it was not applied. */
  readonly code?: ErrorCode;
  /** Names it in the history; undefined when it was never begun. */
  readonly commandId?: string;
  readonly settings: readonly AppliedSetting[];
}

/** Devices that are written side by side; the others wait. */
const sideBySide = 20;

/**
 * Applies a template to many devices, each by itself: all of its settings or none, and one that fails stops no other.
 * Gives a result per device, in the order asked for; never rejects for what a device says.
 */
export async function rollOut(
  parts: { readonly registry: DeviceRegistry; readonly templates: Templates },
  { devices, template, by }: RolloutRequest,
): Promise<RolloutResult[]> {
  const results: RolloutResult[] = [];
  const queue = devices.entries();
  const work = async (): Promise<void> => {
    for (const [place, name] of queue) {
      const device = parts.registry.find(name);
      results[place] =
        device === undefined ? unknownDevice(name) : await applyTo(parts.templates, device, template, by);
    }
  };
  await Promise.all(Array.from({ length: Math.min(sideBySide, devices.length) }, work));
  return results;
}

async function applyTo(templates: Templates, device: Device, template: string, by: Principal): Promise<RolloutResult> {
  try {
    const { result, evidence, commandId, settings } = await templates.apply({ device, template, by });
    return { device: device.id, result, detail: evidence, commandId, settings };
  } catch (error) {
    if (error instanceof TemplateError) {
      const { code, outcome, settings } = error;
      const { result, evidence, commandId } = outcome;
      return { device: device.id, result, detail: evidence, code, commandId, settings };
    }
    const known = HostError.from(error);
    if (known === undefined) throw error;
    return { device: device.id, result: "not-sent", detail: known.message, code: known.code, settings: [] };
  }
}

function unknownDevice(name: string): RolloutResult {
  const detail = `no device ${JSON.stringify(name.slice(0, 80))}`;
  return { device: name, result: "not-sent", detail, code: "device-unknown", settings: [] };
}
