import { Quality, type QualityCode } from "#model/quality.ts";
import { WireReader } from "#transport/sparkplug/codec/wire-reader.ts";

const reader = new WireReader();
const qualityKey = Buffer.from("Quality");

/**
 * The quality in a metric's PropertySet (bytes[start, end)): 0 BAD, 192 GOOD, 500 STALE (Sparkplug 3.0, section 6.4.14);
 * Good when there is none.
 */
export function qualityInProperties(bytes: Uint8Array, start: number, end: number): QualityCode {
  reader.open(bytes);
  reader.seek(start, end);
  let keys = 0;
  let wanted = -1;
  let values = 0;
  let quality: QualityCode = Quality.good;
  while (reader.position < end && reader.failure === undefined) {
    const tag = reader.uint32();
    if (tag !== 0x0a && tag !== 0x12) {
      reader.skip(tag & 7);
      continue;
    }
    const fieldEnd = reader.lengthEnd();
    if (tag === 0x0a) {
      if (isQualityKey(bytes, reader.position, fieldEnd)) wanted = keys;
      keys += 1;
    } else {
      if (values === wanted) quality = qualityOfCode(intOfPropertyValue(fieldEnd));
      values += 1;
    }
    reader.position = fieldEnd;
  }
  return quality;
}

function isQualityKey(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === qualityKey.length && qualityKey.every((byte, i) => bytes[start + i] === byte);
}

// PropertyValue: int_value is field 3, long_value field 4; an absent value is 0 in proto3 encoders.
function intOfPropertyValue(end: number): number {
  let value = 0;
  while (reader.position < end && reader.failure === undefined) {
    const tag = reader.uint32();
    if (tag === 0x18 || tag === 0x20) value = reader.uint32();
    else reader.skip(tag & 7);
  }
  return value;
}

function qualityOfCode(code: number): QualityCode {
  if (code === 192) return Quality.good;
  return code === 500 ? Quality.uncertainLastUsable : Quality.badSensorFailure;
}
