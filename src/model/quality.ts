/**
 * Quality of a value. The numbers are the StatusCodes of OPC 10000-4 (7.39), because that is the richest published set
 * of quality words, history keeps it unchanged, and one 32-bit number fits a column.
 */
export const Quality = {
  good: 0x00000000,
  /** Good, and computed from several measurements (info type DataValue, historian bits Calculated). */
  goodCalculated: 0x00000401,
  goodLocalOverride: 0x00960000,
  uncertainLastUsable: 0x40900000,
  uncertainSensorNotAccurate: 0x40930000,
  uncertainEngineeringUnitsExceeded: 0x40940000,
  uncertainSubNormal: 0x40950000,
  bad: 0x80000000,
  badNoCommunication: 0x80310000,
  badWaitingForInitialData: 0x80320000,
  badTypeMismatch: 0x80740000,
  badNotConnected: 0x808a0000,
  badSensorFailure: 0x808c0000,
  badNoData: 0x809b0000,
} as const;

/** An OPC UA StatusCode as an unsigned 32-bit number. */
export type QualityCode = number;

export function isGood(quality: QualityCode): boolean {
  return quality >>> 30 === 0;
}

export function isBad(quality: QualityCode): boolean {
  return quality >>> 31 === 1;
}
