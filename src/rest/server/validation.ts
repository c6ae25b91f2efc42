import type { FastifySchemaCompiler } from "fastify";
import { IsArray, IsObject, type TSchema } from "typebox";
import { Compile } from "typebox/compile";
import type { TLocalizedValidationError } from "typebox/error";
import { Value } from "typebox/value";

/** What is shown of a wrong value. */
const maxProblems = 5;

/**
 * Checks requests against their schemas. Path and query are text, so numbers and lists are read from it; a body says itself
 * what it is, so nothing in it is converted. No body is an empty one. Unknown members are errors.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = Compile(schema);
  // TypeBox takes the name of a wildcard, *, for a pattern when it converts, and fails.
  const hasWildcard = IsObject(schema) && "*" in schema.properties;
  const isConverted = httpPart !== "body" && !hasWildcard;
  return (value: unknown) => {
    const body = value ?? (IsObject(schema) ? {} : value);
    const given = Value.Default(schema, isConverted ? Value.Convert(schema, listsOf(schema, value)) : body);
    if (check.Check(given)) return { value: given };
    const known = IsObject(schema) ? Object.keys(schema.properties) : [];
    return { error: new InvalidRequest(sentenceOf(httpPart ?? "request", check.Errors(given), known)) };
  };
};

/** Lists in a query may be written `a,b` as well as `x=a&x=b`. */
function listsOf(schema: TSchema, value: unknown): Record<string, unknown> {
  const given: [string, unknown][] = typeof value === "object" && value !== null ? Object.entries(value) : [];
  const properties = IsObject(schema) ? schema.properties : {};
  return Object.fromEntries(
    given.map(([name, text]) => {
      const property = properties[name];
      return [name, typeof text === "string" && IsArray(property) ? text.split(",") : text];
    }),
  );
}

class InvalidRequest extends Error {
  readonly statusCode = 400;
}

/** `known`: the members that there are at the top. */
function sentenceOf(part: string, errors: readonly TLocalizedValidationError[], known: readonly string[]): string {
  const sentences = new Map<string, string>();
  for (const error of errors) {
    // Single alternatives and the `false` of additionalProperties are told by the error above them.
    if (error.keyword === "boolean" || error.keyword === "const") continue;
    const isTop = error.keyword === "additionalProperties" && error.instancePath === "" && known.length > 0;
    const hint = isTop ? ` (there are: ${known.join(", ")})` : "";
    sentences.set(error.instancePath, `${part}${error.instancePath} ${detailOf(error)}${hint}`);
  }
  return [...sentences.values()].slice(0, maxProblems).join("; ");
}

function detailOf(error: TLocalizedValidationError): string {
  if (error.keyword === "additionalProperties") {
    return `has unknown members: ${error.params.additionalProperties.map((name) => name.slice(0, 40)).join(", ")}`;
  }
  if (error.keyword === "enum") return `must be one of ${error.params.allowedValues.map(String).join(", ")}`;
  return error.message;
}
