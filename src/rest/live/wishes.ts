import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";
import { Value } from "typebox/value";
import { strict } from "#rest/schemas/common.ts";

const devices = Type.Optional(
  Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 20_000, description: "Absent: every device" }),
);

/** What a client may ask for over a live socket. */
export const Subscribe = Type.Object(
  {
    type: Type.Literal("subscribe"),
    id: Type.String({ minLength: 1, maxLength: 64, description: "Names the subscription; the same id replaces it" }),
    values: Type.Optional(
      Type.Object(
        {
          devices,
          parameters: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 500 })),
          intervalMs: Type.Number({ minimum: 0, maximum: 60_000, default: 100 }),
          form: Type.Enum(["batch", "device"], { default: "batch" }),
          snapshot: Type.Boolean({ default: true, description: "True: begins with everything as it is" }),
        },
        strict,
      ),
    ),
    alarms: Type.Optional(
      Type.Object({ devices, minSeverity: Type.Integer({ minimum: 1, maximum: 1_000, default: 1 }) }, strict),
    ),
    events: Type.Optional(
      Type.Object({ devices }, { ...strict, description: "What devices report, e.g. trip notices" }),
    ),
    commands: Type.Optional(Type.Object({ devices }, { ...strict, description: "Commands, at each of their states" })),
  },
  strict,
);

export type Subscribe = Static<typeof Subscribe>;

const Unsubscribe = Type.Object(
  { type: Type.Literal("unsubscribe"), id: Type.String({ minLength: 1, maxLength: 64 }) },
  strict,
);

const checkSubscribe = Compile(Subscribe);
const checkUnsubscribe = Compile(Unsubscribe);

export type Wish = Subscribe | Static<typeof Unsubscribe>;

/** Reads what a client sent; a sentence when it is not understood. */
export function readWish(text: string): Wish | string {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return "expected JSON";
  }
  if (checkUnsubscribe.Check(given)) return given;
  const wish = Value.Default(Subscribe, given);
  if (checkSubscribe.Check(wish)) return wish;
  const [problem] = checkSubscribe.Errors(wish);
  return `expected subscribe or unsubscribe: ${problem?.instancePath ?? ""} ${problem?.message ?? ""}`.trim();
}
