import { SparkplugType, type SparkplugTypeCode, WireKind } from "./data-type.ts";
import type { MetricColumns } from "./metric-columns.ts";

const upperFactor = 4294967296;

/**
 * The number that a metric carries, read with `datatype` (that of the BIRTH): the wire field decides the wire type, the
 * datatype decides sign and width. Booleans are 0 or 1, an absent value is 0, anything that is no number is NaN; 64-bit
 * integers beyond 2^53 are rounded (`wideDigitsOf` has them exactly).
 */
export function numberOf(columns: MetricColumns, i: number, datatype: SparkplugTypeCode): number {
  switch (columns.kinds[i]) {
    case WireKind.float:
    case WireKind.double:
      return columns.numbers[i] ?? Number.NaN;
    case WireKind.int:
      return numberOfInt(columns.lows[i] ?? 0, datatype);
    case WireKind.long:
      return numberOfLong(columns.lows[i] ?? 0, columns.highs[i] ?? 0, datatype);
    case WireKind.boolean:
      return columns.lows[i] === 0 && columns.highs[i] === 0 ? 0 : 1;
    case WireKind.none:
      return 0;
    default:
      return Number.NaN;
  }
}

/** Decimal digits of a 64-bit integer that a double cannot hold exactly; undefined for every other value. */
export function wideDigitsOf(columns: MetricColumns, i: number, datatype: SparkplugTypeCode): string | undefined {
  if (columns.kinds[i] !== WireKind.long || isNarrow(datatype)) return undefined;
  const value = bigintOfLong(columns.lows[i] ?? 0, columns.highs[i] ?? 0, datatype);
  const isSafe = value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
  return isSafe ? undefined : value.toString();
}

// Encoders send negative small integers as 8-, 32- or 64-bit two's complement: the declared width decides.
export function numberOfInt(low: number, datatype: SparkplugTypeCode): number {
  switch (datatype) {
    case SparkplugType.Int8:
      return (low << 24) >> 24;
    case SparkplugType.Int16:
      return (low << 16) >> 16;
    case SparkplugType.UInt8:
    case SparkplugType.UInt16:
    case SparkplugType.UInt32:
    case SparkplugType.UInt64:
    case SparkplugType.DateTime:
      return low;
    case SparkplugType.Boolean:
      return low === 0 ? 0 : 1;
    default:
      return low | 0;
  }
}

export function numberOfLong(low: number, high: number, datatype: SparkplugTypeCode): number {
  switch (datatype) {
    case SparkplugType.Int8:
    case SparkplugType.Int16:
    case SparkplugType.Int32:
      return numberOfInt(low, datatype);
    case SparkplugType.UInt8:
    case SparkplugType.UInt16:
    case SparkplugType.UInt32:
    case SparkplugType.UInt64:
    case SparkplugType.DateTime:
      return high * upperFactor + low;
    case SparkplugType.Boolean:
      return low === 0 && high === 0 ? 0 : 1;
    default:
      return (high | 0) * upperFactor + low;
  }
}

/** A 64-bit integer exactly: a number where a double holds it, else a bigint. */
export function exactLong(low: number, high: number, datatype: SparkplugTypeCode): number | bigint {
  const value = numberOfLong(low, high, datatype);
  return Number.isSafeInteger(value) ? value : bigintOfLong(low, high, datatype);
}

function bigintOfLong(low: number, high: number, datatype: SparkplugTypeCode): bigint {
  const bits = (BigInt(high) << 32n) | BigInt(low);
  return datatype === SparkplugType.UInt64 || datatype === SparkplugType.DateTime ? bits : BigInt.asIntN(64, bits);
}

function isNarrow(datatype: SparkplugTypeCode): boolean {
  return (
    (datatype >= SparkplugType.Int8 && datatype <= SparkplugType.Int32) ||
    (datatype >= SparkplugType.UInt8 && datatype <= SparkplugType.UInt32) ||
    datatype === SparkplugType.Boolean
  );
}
