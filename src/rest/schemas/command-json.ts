import type { CommandRecord as Kept } from "#fleet/command-book.ts";
import type { ParameterValue } from "#model/data-type.ts";
import { jsonValueOf } from "#rest/value-json.ts";
import { isoOf, type JsonValue } from "./common.ts";

/** A command with its states as the API shows it. */
export function commandJsonOf({ arguments: given, changes, steps, ...record }: Kept) {
  const values = Object.entries(given ?? {}).map(([name, value]) => [name, plainOf(value)] as const);
  return {
    ...record,
    arguments: Object.fromEntries(values),
    changes: (changes ?? []).map(({ parameter, before, after }) => ({
      parameter,
      before: plainOf(before),
      after: plainOf(after),
    })),
    steps: steps.map(({ at, ...step }) => ({ at: isoOf(at), ...step })),
  };
}

function plainOf(value: ParameterValue | undefined): JsonValue {
  return jsonValueOf(value, { dataType: "double" });
}
