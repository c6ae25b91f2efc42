import {
  AttributeIds,
  DataType,
  type ISessionContext,
  LocalizedText,
  type StatusCode,
  StatusCodes,
  VariantArrayType,
  type VariantOptions,
} from "node-opcua";
import type { Device } from "#fleet/device.ts";
import type { LiveValues } from "#fleet/live-values.ts";
import type { DeviceRegistry } from "#fleet/registry.ts";
import type { TagNameplates } from "#fleet/tag-nameplates.ts";
import type { Writes } from "#fleet/writes.ts";
import type { Logger } from "#lib/logger.ts";
import type { Principal } from "#model/command.ts";
import { HostError, messageOf } from "#model/errors.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import type { TagName } from "#model/tag-nameplate.ts";
import type { AuditEvents } from "./audit-events.ts";
import type { LiveWrite } from "./engine/accessor.ts";
import { tagPropertyBehind, tagValueOf } from "./nameplate.ts";
import { statusCodeOf } from "./status.ts";
import { parameterValueOf, uaTypeOf, uaValueOf } from "./ua-data-type.ts";

export interface WriteParts {
  readonly writes: Pick<Writes, "write">;
  readonly tags: TagNameplates;
  readonly registry: DeviceRegistry;
  readonly live: LiveValues;
  /** The device and parameter behind a NodeId identifier, if it is a parameter of a device. */
  readonly parameterOf: (nodeId: string) => { readonly device: Device; readonly spec: ParameterSpec } | undefined;
  readonly principalOf: (context: ISessionContext) => Principal;
  readonly events: AuditEvents;
  readonly log: Logger;
}

interface Answer {
  readonly statusCode: StatusCode;
  readonly message: string;
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
  if (asked.attributeId !== valueAttribute) return StatusCodes.BadNotWritable;
  const target = parts.parameterOf(String(variable.nodeId.value));
  if (target === undefined) return writeTag(parts, context, write);
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
): Promise<Answer> {
  const refused = formOf(context, { variable, value: asked });
  if (refused !== undefined) return refused;
  const { value: variant } = asked.value;
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

/** Why a write is refused whatever it writes; undefined when it is not. */
function formOf(context: ISessionContext, { variable, value: asked }: LiveWrite): Answer | undefined {
  if (context.isAccessRestricted(variable)) {
    return { statusCode: StatusCodes.BadSecurityModeInsufficient, message: "the connection is not secure enough" };
  }
  // What can be written are scalars, and their quality is not the client's to say.
  const isPart = asked.indexRange !== null && asked.indexRange !== undefined && !asked.indexRange.isEmpty();
  if (!isPart && asked.value.statusCode.equals(StatusCodes.Good)) return undefined;
  return { statusCode: StatusCodes.BadWriteNotSupported, message: "only whole values without status can be written" };
}

/** What people call a device (TagNameplate): kept by the host, so that no device has to answer. */
function writeTag(parts: WriteParts, context: ISessionContext, write: LiveWrite): StatusCode {
  const found = tagPropertyBehind(String(write.variable.nodeId.value));
  const device = found === undefined ? undefined : parts.registry.find(found.device);
  if (found === undefined || device === undefined) return StatusCodes.BadNotWritable;
  const { property } = found;
  const { tag = "assetId", type } = property;
  const before = { dataType: type, value: tagValueOf(property, parts.registry.tagOf(device)[tag]) };
  const { statusCode, message } = attemptTag(parts, context, write, { device, tag, type });
  const after = write.value.value.value;
  const text = `${property.name} of ${device.id}: ${message}`;
  parts.events.parameterWritten({ context, nodeId: write.variable.nodeId, before, after, statusCode, message: text });
  return statusCode;
}

function attemptTag(
  parts: WriteParts,
  context: ISessionContext,
  write: LiveWrite,
  { device, tag, type }: { readonly device: Device; readonly tag: TagName; readonly type: DataType },
): Answer {
  const refused = formOf(context, write);
  if (refused !== undefined) return refused;
  const { value: variant } = write.value.value;
  const isRight = variant.arrayType === VariantArrayType.Scalar && variant.dataType === type;
  if (!isRight) return { statusCode: StatusCodes.BadTypeMismatch, message: `expected a ${DataType[type]}` };
  const text: unknown = variant.value instanceof LocalizedText ? variant.value.text : variant.value;
  try {
    parts.tags.write(device, tag, typeof text === "string" ? text : "", parts.principalOf(context));
    return { statusCode: StatusCodes.Good, message: "written" };
  } catch (error) {
    return { statusCode: statusCodeOf(error), message: messageOf(error) };
  }
}

function variantNow(live: LiveValues, device: Device, spec: ParameterSpec): VariantOptions {
  const slot = device.firstSlot + spec.index;
  const value = uaValueOf(spec.dataType, live.values[slot] ?? Number.NaN, live.texts[slot]);
  return value === undefined ? { dataType: DataType.Null } : { dataType: uaTypeOf(spec.dataType), value };
}
