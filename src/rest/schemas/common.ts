import { type Static, type TSchema, Type } from "typebox";
import type { EpochMs } from "#model/ids.ts";

export const strict = { additionalProperties: false };

/** How every failure is told. */
export const Failure = Type.Object(
  {
    code: Type.String({ description: "Stable; what programs look at", examples: ["device-unknown"] }),
    message: Type.String({ description: "One sentence with the values concerned" }),
    requestId: Type.String({ description: "Finds the request in the host's log" }),
    commandId: Type.Optional(Type.String({ description: "The command that it concerns, for its history" })),
    result: Type.Optional(Type.String({ description: "What became of the command" })),
    addCause: Type.Optional(Type.Integer({ description: "AddCause of IEC 61850-7-2" })),
  },
  { ...strict, description: "Why it was not done" },
);

export const deviceParams = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64, description: "Device name" }),
});

export const Time = Type.String({ format: "date-time", description: "ISO 8601, UTC" });
export const MaybeTime = Type.Unsafe<string | null>({
  type: ["string", "null"],
  format: "date-time",
  description: "ISO 8601, UTC; null when there is none",
});

/** A value on the wire: 64-bit integers beyond 2^53 as text, no value as null. */
export type JsonValue = string | number | boolean | null;
export const JsonValue = Type.Unsafe<JsonValue>({ type: ["string", "number", "boolean", "null"] });

export const GivenValue = Type.Union([Type.Number(), Type.Boolean(), Type.String({ maxLength: 65_536 })], {
  description: "In the parameter's type and unit; times as ISO 8601, enumerations by name or number",
});

export function nullable<T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()]);
}

/** Marks a route whose package may ask for a higher role than the route itself. */
export const devicePackage = { action: "device.read", packageDecides: true } as const;

/** One page of a list. */
export function pageOf<T extends TSchema>(items: T) {
  return Type.Object({
    items: Type.Array(items),
    total: Type.Integer({ description: "Items on all pages" }),
    page: Type.Integer(),
    pageSize: Type.Integer(),
  });
}

export const paging = {
  page: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 1 }),
  pageSize: Type.Integer({ minimum: 1, maximum: 1_000, default: 100 }),
};

/** Failures that every route can end with, for its `response`. */
export const failures = { "4xx": Failure, "5xx": Failure } as const;

export function isoOf(time: EpochMs): string {
  return new Date(time).toISOString();
}

export function maybeIsoOf(time: EpochMs | undefined): string | null {
  return time === undefined || !Number.isFinite(time) ? null : isoOf(time);
}

export type Failure = Static<typeof Failure>;
