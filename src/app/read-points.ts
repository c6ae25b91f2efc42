import type { SpecificPoint } from "#fleet/onboarding/specific-points.ts";
import type { OfferedPoint } from "#fleet/ports.ts";
import { dataTypes } from "#model/data-type.ts";

/** A point as it is kept in the files of the data folder. Throws what is wrong with it. */
export function offeredPointOf(value: unknown): OfferedPoint {
  const fields = new Map<string, unknown>(Object.entries(value ?? {}));
  const address = fields.get("address");
  const dataType = dataTypes.find((type) => type === fields.get("dataType"));
  if (typeof address !== "string" || dataType === undefined) throw new Error("a point without address or data type");
  const unit = fields.get("unit");
  return {
    address,
    dataType,
    unit: typeof unit === "string" ? unit : undefined,
    low: numberIn(fields.get("low")),
    high: numberIn(fields.get("high")),
  };
}

/** A point that has a name. Throws what is wrong with it. */
export function specificPointOf(value: unknown): SpecificPoint {
  const name: unknown = new Map<string, unknown>(Object.entries(value ?? {})).get("name");
  if (typeof name !== "string" || name === "") throw new Error("a point without a name");
  return { ...offeredPointOf(value), name };
}

function numberIn(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
