import { Type } from "typebox";
import { aggregateNames, defaultAggregateConfiguration } from "#model/aggregate.ts";
import { HostError } from "#model/errors.ts";
import type { EpochMs } from "#model/ids.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import type { FacadeParts } from "#rest/parts.ts";
import { failures, isoOf, JsonValue, nullable, strict, Time } from "#rest/schemas/common.ts";
import { parameterParams } from "#rest/schemas/parameter.ts";
import type { Api } from "#rest/server/api.ts";
import { jsonValueOf, qualityWord } from "#rest/value-json.ts";
import { specOf } from "./find-parameter.ts";

const tags = ["history"];
const config = { action: "history.read" } as const;

const Point = Type.Object({
  time: Time,
  value: JsonValue,
  quality: Type.Enum(["good", "uncertain", "bad"]),
  status: Type.Integer({ description: "StatusCode of OPC UA" }),
});

const Page = Type.Object({
  device: Type.String(),
  parameter: Type.String(),
  unit: nullable(Type.String()),
  points: Type.Array(Point),
  next: nullable(Type.String({ description: "For `after`: there is more behind this time" })),
});

const from = Type.Optional(Type.String({ format: "date-time", description: "Oldest instant, inclusive" }));
const to = Type.Optional(Type.String({ format: "date-time", description: "Newest instant, exclusive" }));

const rawQuery = Type.Object(
  {
    from,
    to,
    order: Type.Enum(["asc", "desc"], { default: "asc" }),
    limit: Type.Integer({ minimum: 1, maximum: 10_000, default: 1_000 }),
    after: Type.Optional(Type.String({ format: "date-time", description: "`next` of the page before" })),
  },
  strict,
);

const aggregateQuery = Type.Object(
  {
    aggregate: Type.Enum([...aggregateNames], { default: "Average" }),
    from: Type.String({ format: "date-time" }),
    to: Type.String({ format: "date-time" }),
    intervalMs: Type.Number({ minimum: 0, maximum: 366 * 86_400_000, default: 60_000, description: "0: one interval" }),
  },
  strict,
);

/** Points of an aggregate in one answer; more would not be looked at. */
const maxIntervals = 20_000;

/** History: stored values of one parameter, as they came or aggregated (OPC 10000-13). */
export function historyRoutes(app: Api, { fleet, history }: Pick<FacadeParts, "fleet" | "history">): void {
  app.get(
    "/devices/:id/history/:name",
    {
      config,
      schema: {
        tags,
        summary: "Stored values, a page at a time",
        params: parameterParams,
        querystring: rawQuery,
        response: { 200: Page, ...failures },
      },
    },
    async ({ params, query }) => {
      const device = fleet.registry.get(params.id);
      const spec = specOf(device, params.name);
      const page = await history.raw({
        device: device.id,
        parameter: spec.name,
        from: timeOf(query.from),
        to: timeOf(query.to),
        reverse: query.order === "desc",
        limit: query.limit,
        ...(query.after === undefined ? {} : { after: Date.parse(query.after) }),
      });
      const { times, values, qualities, texts } = page;
      const last = times.at(-1);
      return {
        device: device.id,
        parameter: spec.name,
        unit: spec.unit?.symbol ?? null,
        points: Array.from(times, (time, i) =>
          pointOf({ time, value: values[i], status: qualities[i] ?? 0, text: texts?.[i] }, spec),
        ),
        next: page.more && last !== undefined ? isoOf(last) : null,
      };
    },
  );
  app.get(
    "/devices/:id/history/:name/aggregate",
    {
      config,
      schema: {
        tags,
        summary: "Aggregated values, one per interval",
        params: parameterParams,
        querystring: aggregateQuery,
        response: { 200: Page, ...failures },
      },
    },
    async ({ params, query }) => {
      const device = fleet.registry.get(params.id);
      const spec = specOf(device, params.name);
      const [startTime, endTime] = [Date.parse(query.from), Date.parse(query.to)];
      checkIntervals(Math.abs(endTime - startTime), query.intervalMs);
      const { times, values, statuses } = await history.processed({
        device: device.id,
        parameter: spec.name,
        aggregate: query.aggregate,
        startTime,
        endTime,
        processingIntervalMs: query.intervalMs,
        stepped: spec.class !== "dynamic" || spec.enumeration.length > 0 || spec.dataType === "boolean",
        configuration: defaultAggregateConfiguration,
      });
      const number = { dataType: "double" } as const;
      return {
        device: device.id,
        parameter: spec.name,
        unit: spec.unit?.symbol ?? null,
        points: Array.from(times, (time, i) =>
          pointOf({ time, value: values[i], status: statuses[i] ?? 0, text: undefined }, number),
        ),
        next: null,
      };
    },
  );
}

interface StoredPoint {
  readonly time: EpochMs;
  readonly value: number | undefined;
  readonly status: number;
  readonly text: string | undefined;
}

function pointOf({ time, value, status, text }: StoredPoint, spec: Pick<ParameterSpec, "dataType">) {
  const isTruth = spec.dataType === "boolean" && value !== undefined && !Number.isNaN(value);
  const shown = text ?? jsonValueOf(isTruth ? value !== 0 : value, spec);
  return { time: isoOf(time), value: shown, quality: qualityWord(status), status };
}

function timeOf(text: string | undefined): EpochMs | undefined {
  return text === undefined ? undefined : Date.parse(text);
}

function checkIntervals(spanMs: number, intervalMs: number): void {
  if (intervalMs === 0 || spanMs / intervalMs <= maxIntervals) return;
  const text = `${Math.ceil(spanMs / intervalMs)} intervals are asked for, at most ${maxIntervals} at once`;
  throw new HostError("argument-invalid", text);
}
