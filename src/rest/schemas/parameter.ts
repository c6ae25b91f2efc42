import { Type } from "typebox";
import { dataTypes } from "#model/data-type.ts";
import { deviceParams, GivenValue, JsonValue, nullable, strict } from "./common.ts";
import { LiveValue } from "./device.ts";

export const Range = Type.Object({ low: Type.Number(), high: Type.Number() });

/** What a parameter is, with its last value. */
export const Parameter = Type.Object({
  ...LiveValue.properties,
  displayName: Type.String(),
  description: Type.String(),
  dataType: Type.Enum([...dataTypes]),
  group: Type.String(),
  class: Type.Enum(["dynamic", "static", "rating", "local"]),
  access: Type.Enum(["read", "write", "read-write"]),
  range: nullable(Range),
  defaultValue: JsonValue,
  choices: Type.Array(Type.Object({ value: Type.Number(), name: Type.String() })),
  historized: Type.Boolean(),
  writable: Type.Boolean({ description: "By the one who asks" }),
});

export const parameterParams = Type.Object({
  ...deviceParams.properties,
  name: Type.String({ minLength: 1, maxLength: 200, description: "Parameter" }),
});

export const writeBody = Type.Object({ value: GivenValue }, strict);
