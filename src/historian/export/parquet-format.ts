import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { ExportColumn, ExportPart, ExportTable, ExportType } from "./export-table.ts";

/**
 * The table as Apache Parquet, a row group per part of the table: times in microseconds UTC, missing cells null, Snappy
 * compression.
 */
export async function* parquetOf(table: ExportTable): AsyncGenerator<Uint8Array> {
  const bytes = new ByteWriter();
  const { columns } = table;
  const root = { name: "history", num_children: columns.length };
  const writer = new ParquetWriter({ writer: bytes, schema: [root, ...columns.map(elementOf)], createdBy: "fdi-host" });
  for await (const part of table.parts) {
    if (part.size === 0) continue;
    const columnData = columns.map((column, i) => ({ name: column.name, data: cellsOf(column.type, part, i) }));
    await writer.write({ columnData, rowGroupSize: part.size });
    yield taken(bytes);
  }
  await writer.finish();
  yield taken(bytes);
}

type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]["schema"][number];

function elementOf({ name, type }: ExportColumn): SchemaElement {
  const common = { name, repetition_type: "OPTIONAL" } as const;
  switch (type) {
    case "time":
      return { ...common, type: "INT64", converted_type: "TIMESTAMP_MICROS" };
    case "number":
      return { ...common, type: "DOUBLE" };
    case "status":
      return { ...common, type: "INT64" };
    case "text":
      return { ...common, type: "BYTE_ARRAY", converted_type: "UTF8" };
  }
}

function cellsOf(type: ExportType, { size, cells }: ExportPart, column: number): unknown[] {
  const from = cells[column];
  return Array.from({ length: size }, (_, row) => {
    const cell = from?.[row];
    if (cell === undefined || Number.isNaN(cell)) return undefined;
    if (type === "time") return BigInt(Math.round(Number(cell) * 1000));
    return type === "status" ? BigInt(cell) : cell;
  });
}

/** What was written since the last time. */
function taken(bytes: ByteWriter): Uint8Array {
  const piece = bytes.getBytes().slice();
  bytes.index = 0;
  return piece;
}
