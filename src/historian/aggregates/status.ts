import { isBad, isGood, type QualityCode } from "#model/quality.ts";

/** StatusCodes that aggregates give (OPC 10000-13, 5.3). */
export const Status = {
  good: 0,
  uncertainDataSubNormal: 0x40a40000,
  bad: 0x80000000,
  badNoData: 0x809b0000,
} as const;

/** Historian bits of a StatusCode (OPC 10000-4, 7.39): where a value comes from, and what is special about it. */
export const HistorianBit = {
  raw: 0,
  calculated: 0x01,
  interpolated: 0x02,
  partial: 0x04,
  extraData: 0x08,
  multipleValues: 0x10,
} as const;

/** InfoType DataValue: tells that the low bits are historian bits. */
const infoTypeDataValue = 0x0400;

/** A StatusCode with historian bits; without any it is left alone (raw). */
export function withBits(code: QualityCode, bits: number): QualityCode {
  return bits === 0 ? code : (code | infoTypeDataValue | bits) >>> 0;
}

/** The code without its info bits. */
export function codeOf(status: QualityCode): QualityCode {
  return (status & 0xffff0000) >>> 0;
}

export function isUncertain(status: QualityCode): boolean {
  return !isGood(status) && !isBad(status);
}
