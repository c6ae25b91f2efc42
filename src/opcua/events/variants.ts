import { coerceStatusCode, DataType, LocalizedText, NodeId, NodeIdType, Variant, VariantArrayType } from "node-opcua";
import type { ParameterValue } from "#model/data-type.ts";
import type { EpochMs } from "#model/ids.ts";
import type { QualityCode } from "#model/quality.ts";
import { uaValueOf } from "#opcua/ua-data-type.ts";

export function textVariant(value: string): Variant {
  return new Variant({ dataType: DataType.String, value });
}

export function localizedVariant(text: string, locale = ""): Variant {
  return new Variant({ dataType: DataType.LocalizedText, value: new LocalizedText({ text, locale }) });
}

export function nodeIdVariant(value: NodeId): Variant {
  return new Variant({ dataType: DataType.NodeId, value });
}

export const nullNodeId = nodeIdVariant(NodeId.nullNodeId);

/** A NodeId of the standard namespace. */
export function standardId(value: number): NodeId {
  return new NodeId(NodeIdType.NUMERIC, value, 0);
}

export function timeVariant(time: EpochMs | undefined): Variant {
  return time === undefined ? new Variant() : new Variant({ dataType: DataType.DateTime, value: new Date(time) });
}

export function severityVariant(value: number): Variant {
  return new Variant({ dataType: DataType.UInt16, value });
}

export function doubleVariant(value: number): Variant {
  return new Variant({ dataType: DataType.Double, value });
}

export function qualityVariant(quality: QualityCode): Variant {
  return new Variant({ dataType: DataType.StatusCode, value: coerceStatusCode(quality) });
}

/** EventIds are hexadecimal inside the host. */
export function eventIdVariant(eventId: string): Variant {
  return new Variant({ dataType: DataType.ByteString, value: Buffer.from(eventId, "hex") });
}

export function valueVariant(value: ParameterValue): Variant {
  switch (typeof value) {
    case "boolean":
      return new Variant({ dataType: DataType.Boolean, value });
    case "bigint":
      return new Variant({
        dataType: DataType.Int64,
        arrayType: VariantArrayType.Scalar,
        value: uaValueOf("int64", 0, String(value)),
      });
    case "number":
      return doubleVariant(value);
    default:
      return textVariant(value);
  }
}
