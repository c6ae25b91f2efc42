import {
  AttributeIds,
  DataType,
  NumericRange,
  type SimpleAttributeOperand,
  type StatusCode,
  StatusCodes,
  Variant,
} from "node-opcua";
import { type EventFields, fieldPathOf } from "./event-fields.ts";
import type { EventTypes } from "./event-types.ts";
import { unknown } from "./operand-value.ts";

/** One field that a filter names. */
export interface Field {
  /** Bad where the type or the field does not exist; it then reads as Null. */
  readonly statusCode: StatusCode;
  readonly read: (event: EventFields) => Variant;
}

/**
 * Compiles a SimpleAttributeOperand (OPC 10000-4, 7.7.4.5): a field of the events of one type and of all derived from it.
 * No path and the attribute NodeId is the ConditionId (OPC 10000-9, 5.5.2.13).
 */
export function compileField(operand: SimpleAttributeOperand, types: EventTypes): Field {
  const path = operand.browsePath ?? [];
  const { typeDefinitionId } = operand;
  const attributeId: AttributeIds = operand.attributeId;
  // A missing type stands for BaseEventType: every event.
  const type = typeDefinitionId.isEmpty() ? undefined : types.find(typeDefinitionId);
  if (type === undefined && !typeDefinitionId.isEmpty()) {
    return missing(types.isKnown(typeDefinitionId) ? StatusCodes.BadTypeMismatch : StatusCodes.BadNodeIdUnknown);
  }
  const base = type?.nodeId;
  const isMeant = (event: EventFields): boolean => base === undefined || types.isA(event.eventType, base);
  if (path.length === 0) {
    if (attributeId !== AttributeIds.NodeId) return missing(StatusCodes.BadAttributeIdInvalid);
    return { statusCode: StatusCodes.Good, read: (event) => (isMeant(event) ? conditionIdOf(event) : unknown) };
  }
  if (attributeId !== AttributeIds.Value) return missing(StatusCodes.BadAttributeIdInvalid);
  if (type !== undefined && !types.declares(type, path)) return missing(StatusCodes.BadNodeIdUnknown);
  const key = fieldPathOf(path);
  const read = (event: EventFields): Variant => (isMeant(event) ? event.valueOf(key) : unknown);
  return { statusCode: StatusCodes.Good, read: inRange(operand, read) };
}

function missing(statusCode: StatusCode): Field {
  return { statusCode, read: () => unknown };
}

function conditionIdOf({ conditionId }: EventFields): Variant {
  return conditionId === undefined ? unknown : new Variant({ dataType: DataType.NodeId, value: conditionId });
}

/** Only a part of an array or a text, where the operand asks for it. */
function inRange({ indexRange }: SimpleAttributeOperand, read: Field["read"]): Field["read"] {
  if (indexRange === null || indexRange === undefined || indexRange.isEmpty()) return read;
  return (event) => {
    const variant = read(event);
    if (!Array.isArray(variant.value) && typeof variant.value !== "string") return unknown;
    const { array, statusCode } = new NumericRange(indexRange.toEncodeableString()).extract_values(variant.value);
    const { dataType, arrayType } = variant;
    return statusCode.isGood() ? new Variant({ dataType, arrayType, value: array as unknown }) : unknown;
  };
}
