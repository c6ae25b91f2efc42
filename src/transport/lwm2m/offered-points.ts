import type { OfferedPoint } from "#fleet/ports.ts";
import type { DataType } from "#model/data-type.ts";
import { meterAlias, standardPath } from "./device-points.ts";

/** Security, server, access control, MQTT server, COSE: keys and settings of the connection, no points of the device. */
export const connectionObjects: ReadonlySet<number> = new Set([0, 1, 2, 21, 23, 24]);

/** Device type: it says which package, and is no point. */
export const deviceTypePath = "/3/0/17";

/** The point behind a resource, by the value it has now; undefined for what no parameter can hold. */
export function offeredPoint(path: string, value: unknown): OfferedPoint | undefined {
  const dataType = dataTypeOf(value);
  if (dataType === undefined || path === deviceTypePath || connectionObjects.has(Number(path.split("/")[1])))
    return undefined;
  const aliases = [standardPath(path), meterAlias(path)].flatMap((alias) =>
    alias === undefined || alias === path ? [] : [alias],
  );
  return { address: path, dataType, aliases };
}

function dataTypeOf(value: unknown): DataType | undefined {
  switch (typeof value) {
    case "number":
      return "double";
    case "bigint":
      return "int64";
    case "boolean":
      return "boolean";
    case "string":
      return "string";
    default:
      return undefined;
  }
}
