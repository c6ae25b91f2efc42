import { Readable } from "node:stream";
import { Type } from "typebox";
import { type ExportQuery, exportFormats, exportMediaTypes } from "#fleet/history-export.ts";
import { aggregateNames, defaultAggregateConfiguration } from "#model/aggregate.ts";
import { HostError } from "#model/errors.ts";
import { deviceId } from "#model/ids.ts";
import type { FacadeParts } from "#rest/parts.ts";
import { failures, strict } from "#rest/schemas/common.ts";
import type { Api } from "#rest/server/api.ts";

const exportQuery = Type.Object(
  {
    kind: Type.Enum(["raw", "aggregate", "events"], { default: "raw" }),
    format: Type.Enum([...exportFormats], { default: "csv" }),
    devices: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 10_000 })),
    parameters: Type.Optional(Type.Array(Type.String({ maxLength: 200 }), { maxItems: 1_000 })),
    from: Type.Optional(Type.String({ format: "date-time" })),
    to: Type.Optional(Type.String({ format: "date-time" })),
    aggregate: Type.Enum([...aggregateNames], { default: "Average" }),
    intervalMs: Type.Number({ minimum: 1_000, default: 3_600_000 }),
    stepped: Type.Boolean({ default: false, description: "True: a value holds until the next one" }),
  },
  strict,
);

const File = Type.Unsafe<Readable>({ type: "string", format: "binary" });

/** History as a file, piece by piece as the client takes it. */
export function historyExportRoutes(app: Api, { exporter }: Pick<FacadeParts, "exporter">): void {
  app.get(
    "/history/export",
    {
      config: { action: "history.export" },
      schema: {
        tags: ["history"],
        summary: "Values, aggregates or events as CSV, JSON or Parquet",
        description: "A file that breaks off was cut by an error: nothing is made up.",
        querystring: exportQuery,
        response: { 200: File, ...failures },
      },
    },
    async ({ query }, reply) => {
      const { format } = query;
      const pieces = exporter.export(questionOf(query), format)[Symbol.asyncIterator]();
      // The first piece is waited for, so that what fails at once is told as a failure.
      const first = await pieces.next();
      reply.type(exportMediaTypes[format]).header("content-disposition", `attachment; filename="history.${format}"`);
      return reply.send(Readable.from(joined(first, pieces)));
    },
  );
}

async function* joined(first: IteratorResult<Uint8Array>, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (let piece = first; piece.done !== true; piece = await rest.next()) yield piece.value;
}

function questionOf(query: {
  readonly kind: "raw" | "aggregate" | "events";
  readonly devices?: readonly string[];
  readonly parameters?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly aggregate: (typeof aggregateNames)[number];
  readonly intervalMs: number;
  readonly stepped: boolean;
}): ExportQuery {
  const { kind, parameters, aggregate, intervalMs, stepped } = query;
  const from = query.from === undefined ? undefined : Date.parse(query.from);
  const to = query.to === undefined ? undefined : Date.parse(query.to);
  const selection = { devices: query.devices?.map(deviceId), parameters, from, to };
  if (kind !== "aggregate") return { kind, ...selection };
  if (from === undefined || to === undefined) {
    throw new HostError("argument-invalid", "an export of aggregates needs `from` and `to`");
  }
  const how = { aggregate, processingIntervalMs: intervalMs, stepped, configuration: defaultAggregateConfiguration };
  return { kind: "processed", ...selection, from, to, ...how };
}
