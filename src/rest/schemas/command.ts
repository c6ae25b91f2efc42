import { Type } from "typebox";
import { commandStates } from "#fleet/command-book.ts";
import { commandResults } from "#model/command.ts";
import { commandEffects, packageRoles } from "#model/command-spec.ts";
import { dataTypes } from "#model/data-type.ts";
import { deviceParams, GivenValue, JsonValue, nullable, strict, Time } from "./common.ts";
import { Range } from "./parameter.ts";

export const Argument = Type.Object({
  name: Type.String(),
  description: Type.String(),
  dataType: Type.Enum([...dataTypes]),
  required: Type.Boolean(),
  defaultValue: JsonValue,
  unit: Type.Optional(Type.String()),
  range: nullable(Range),
  choices: Type.Array(Type.String()),
});

export const Command = Type.Object({
  name: Type.String(),
  displayName: Type.String(),
  description: Type.String(),
  effect: Type.Enum([...commandEffects]),
  role: Type.Enum([...packageRoles], { description: "The least role that may do it" }),
  timeoutMs: Type.Number(),
  needsSelection: Type.Boolean({ description: "True: select it first, at least under some conditions" }),
  confirmedBy: Type.String({ description: "What proves that it took effect" }),
  arguments: Type.Array(Argument),
});

export const commandParams = Type.Object({
  ...deviceParams.properties,
  command: Type.String({ minLength: 1, maxLength: 200 }),
});

export const argumentsBody = Type.Object(
  { arguments: Type.Optional(Type.Record(Type.String({ maxLength: 200 }), GivenValue)) },
  strict,
);

export const Outcome = Type.Object({
  commandId: Type.String({ description: "Names it in the history and the audit" }),
  result: Type.Enum([...commandResults]),
  addCause: Type.Integer({ description: "AddCause of IEC 61850-7-2" }),
  evidence: Type.String({ description: "What was seen" }),
  settledAt: Time,
});

export const CommandRecord = Type.Object({
  id: Type.String(),
  device: Type.String(),
  action: Type.String(),
  user: Type.String(),
  origin: Type.String(),
  state: Type.Enum([...commandStates]),
  arguments: Type.Record(Type.String(), JsonValue),
  changes: Type.Array(Type.Object({ parameter: Type.String(), before: JsonValue, after: JsonValue })),
  steps: Type.Array(Type.Object({ at: Time, state: Type.Enum([...commandStates, "late"]), detail: Type.String() }), {
    description: "The states it went through, with what was seen",
  }),
});

export const CommandHistory = Type.Object({ items: Type.Array(CommandRecord) });

export const latestQuery = Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 1_000, default: 100 }) }, strict);

export const selectionBody = Type.Object({ command: Type.String({ minLength: 1, maxLength: 200 }) }, strict);
export const Selection = Type.Object({ token: Type.String(), command: Type.String(), timeoutMs: Type.Number() });
export const selectionParams = Type.Object({
  ...deviceParams.properties,
  token: Type.String({ minLength: 1, maxLength: 100 }),
});
