import { type DataValue, type StatusCode, StatusCodes, DataType as UaType, VariantArrayType } from "node-opcua";
import type { ValueEditMode } from "#fleet/history/ports.ts";
import type { DataType } from "#model/data-type.ts";
import { parameterValueOf, uaTypeOf } from "#opcua/ua-data-type.ts";
import { withPicoseconds } from "./time-argument.ts";

/** Values that a client gave, as columns in order of time, each time once. */
export interface ValueRows {
  readonly columns: {
    readonly times: Float64Array<ArrayBuffer>;
    readonly values: Float64Array<ArrayBuffer>;
    readonly qualities: Uint32Array<ArrayBuffer>;
    readonly texts: readonly (string | undefined)[] | undefined;
  };
  /** Of each value as it was given: its row; "duplicate" when its time was inserted before; undefined: not usable. */
  readonly places: readonly (number | "duplicate" | undefined)[];
  /** Why values are not usable. */
  readonly troubles: readonly (StatusCode | undefined)[];
}

interface Row {
  readonly time: number;
  readonly value: number;
  readonly text: string | undefined;
  readonly quality: number;
}

/** Checks and orders what shall be written; of the same time the last value counts, when inserting the first. */
export function valueRowsOf(given: readonly DataValue[], dataType: DataType, mode: ValueEditMode): ValueRows {
  const read = given.map((dataValue) => rowOf(dataValue, dataType));
  const byTime = new Map<number, Row>();
  const isFirst: boolean[] = [];
  for (const [i, row] of read.entries()) {
    if (!("time" in row)) continue;
    const isNew = !byTime.has(row.time);
    isFirst[i] = isNew;
    if (isNew || mode !== "insert") byTime.set(row.time, row);
  }
  const rows = [...byTime.values()].sort((a, b) => a.time - b.time);
  const rowOfTime = new Map(rows.map((row, i) => [row.time, i]));
  return {
    columns: {
      times: Float64Array.from(rows, ({ time }) => time),
      values: Float64Array.from(rows, ({ value }) => value),
      qualities: Uint32Array.from(rows, ({ quality }) => quality),
      texts: rows.some(({ text }) => text !== undefined) ? rows.map(({ text }) => text) : undefined,
    },
    places: read.map((row, i) => {
      if (!("time" in row)) return undefined;
      return mode === "insert" && isFirst[i] !== true ? "duplicate" : rowOfTime.get(row.time);
    }),
    troubles: read.map((row) => ("time" in row ? undefined : row)),
  };
}

function rowOf({ value: variant, statusCode, sourceTimestamp, sourcePicoseconds }: DataValue, dataType: DataType) {
  if (sourceTimestamp === null || sourceTimestamp === undefined) return StatusCodes.BadInvalidTimestamp;
  const time = withPicoseconds(sourceTimestamp.getTime(), sourcePicoseconds);
  const about = { time, quality: statusCode.value };
  // What is Bad may have no value.
  if (variant.dataType === UaType.Null) return { ...about, value: Number.NaN, text: undefined };
  if (variant.arrayType !== VariantArrayType.Scalar || variant.dataType !== uaTypeOf(dataType)) {
    return StatusCodes.BadTypeMismatch;
  }
  const value = parameterValueOf(dataType, variant.value);
  if (value === undefined) return StatusCodes.BadTypeMismatch;
  if (typeof value === "string") return { ...about, value: Number.NaN, text: value };
  const number = Number(value);
  // The columns hold numbers; integers beyond what a double holds travel as text.
  if (typeof value === "bigint" && !Number.isSafeInteger(number)) {
    return { ...about, value: Number.NaN, text: value.toString() };
  }
  return { ...about, value: number, text: undefined };
}
