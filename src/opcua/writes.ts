import {
  AttributeIds,
  DataType,
  type ISessionContext,
  type StatusCode,
  StatusCodes,
  VariantArrayType,
  type VariantOptions,
} from "node-opcua";
import type { Device } from "#fleet/device.ts";
import type { LiveValues } from "#fleet/live-values.ts";
import type { Writes } from "#fleet/writes.ts";
import type { Logger } from "#lib/logger.ts";
import type { Principal } from "#model/command.ts";
import { HostError, messageOf } from "#model/errors.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import type { AuditEvents } from "./audit-events.ts";
import type { LiveWrite } from "./engine/accessor.ts";
import { statusCodeOf } from "./status.ts";
import { parameterValueOf, uaTypeOf, uaValueOf } from "./ua-data-type.ts";

export interface WriteParts {
  readonly writes: Pick<Writes, "write">;
  readonly live: LiveValues;
  /** The device and parameter behind a NodeId identifier, if it is a parameter of a device. */
  readonly parameterOf: (nodeId: string) => { readonly device: Device; readonly spec: ParameterSpec } | undefined;
  readonly principalOf: (context: ISessionContext) => Principal;
  readonly events: AuditEvents;
  readonly log: Logger;
}

const valueAttribute: number = AttributeIds.Value;

/**
 * Answers the writes of one request, in order: each goes to its device and is Good once the device reported the value.
 * Different devices are written side by side, one device in the order of the request. Never rejects.
 */
export function writeParameters(
  parts: WriteParts,
  context: ISessionContext,
  writes: readonly LiveWrite[],
): Promise<StatusCode[]> {
  return Promise.all(writes.map((write) => writeOne(parts, context, write)));
}

async function writeOne(parts: WriteParts, context: ISessionContext, write: LiveWrite): Promise<StatusCode> {
  const { variable, value: asked } = write;
  const target = parts.parameterOf(String(variable.nodeId.value));
  if (target === undefined || asked.attributeId !== valueAttribute) return StatusCodes.BadNotWritable;
  const { device, spec } = target;
  const before = variantNow(parts.live, device, spec);
  const { statusCode, message } = await attempt(parts, context, write, target);
  parts.events.parameterWritten({
    context,
    nodeId: variable.nodeId,
    before,
    after: asked.value.value,
    statusCode,
    message: `${spec.name} of ${device.id}: ${message}`,
  });
  return statusCode;
}

async function attempt(
  parts: WriteParts,
  context: ISessionContext,
  { variable, value: asked }: LiveWrite,
  { device, spec }: { readonly device: Device; readonly spec: ParameterSpec },
): Promise<{ readonly statusCode: StatusCode; readonly message: string }> {
  if (context.isAccessRestricted(variable)) {
    return { statusCode: StatusCodes.BadSecurityModeInsufficient, message: "the connection is not secure enough" };
  }
  // Settings are scalars, and their quality is the device's to say.
  const { value: variant, statusCode: quality } = asked.value;
  const isPart = asked.indexRange !== null && asked.indexRange !== undefined && !asked.indexRange.isEmpty();
  if (isPart || !quality.equals(StatusCodes.Good)) {
    return { statusCode: StatusCodes.BadWriteNotSupported, message: "only whole values without status can be written" };
  }
  const value =
    variant.arrayType === VariantArrayType.Scalar && variant.dataType === uaTypeOf(spec.dataType)
      ? parameterValueOf(spec.dataType, variant.value)
      : undefined;
  if (value === undefined) {
    return { statusCode: StatusCodes.BadTypeMismatch, message: `expected a ${DataType[uaTypeOf(spec.dataType)]}` };
  }
  try {
    const by = parts.principalOf(context);
    const { evidence } = await parts.writes.write({ device, parameter: spec.name, value, by });
    return { statusCode: StatusCodes.Good, message: evidence };
  } catch (error) {
    if (HostError.from(error) === undefined) parts.log.error({ err: error, device: device.id }, "a write failed");
    return { statusCode: statusCodeOf(error), message: messageOf(error) };
  }
}

function variantNow(live: LiveValues, device: Device, spec: ParameterSpec): VariantOptions {
  const slot = device.firstSlot + spec.index;
  const value = uaValueOf(spec.dataType, live.values[slot] ?? Number.NaN, live.texts[slot]);
  return value === undefined ? { dataType: DataType.Null } : { dataType: uaTypeOf(spec.dataType), value };
}
