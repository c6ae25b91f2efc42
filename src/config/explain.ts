import { Value } from "typebox/value";
import { shownUrl } from "#lib/shown-url.ts";
import { configSchema } from "./schema.ts";

/** One thing wrong with a configuration: where (path segments) and a sentence with the value and what is allowed. */
export interface ConfigProblem {
  readonly path: readonly string[];
  readonly sentence: string;
}

/** Everything that is wrong with `value` as a configuration; empty when it is right. */
export function problemsOf(value: unknown): ConfigProblem[] {
  const problems = new Map<string, ConfigProblem>();
  for (const error of Value.Errors(configSchema, value)) {
    const path = error.instancePath.split("/").slice(1);
    for (const problem of explain(error.keyword, path, error.schemaPath, error.params, value)) {
      const key = problem.path.join(".");
      if (!problems.has(key) || error.keyword === "anyOf") problems.set(key, problem);
    }
  }
  return [...problems.values()];
}

function explain(
  keyword: string,
  path: readonly string[],
  schemaPath: string,
  params: object,
  root: unknown,
): ConfigProblem[] {
  const schema = at(configSchema, schemaPath.split("/").slice(1));
  if (keyword === "boolean" || keyword === "const") return [];
  if (keyword === "additionalProperties") {
    const allowed = Object.keys(asRecord(asRecord(schema)["properties"])).join(", ");
    const unknown = asRecord(params)["additionalProperties"];
    return (Array.isArray(unknown) ? unknown : []).map((key: unknown) => ({
      path: [...path, String(key)],
      sentence: `unknown key ${[...path, String(key)].join(".")}; allowed here: ${allowed}`,
    }));
  }
  const value = at(root, path);
  const isUrl = typeof value === "string" && value.includes("//");
  const found = JSON.stringify(isUrl ? shownUrl(value) : value) ?? "nothing";
  return [{ path, sentence: `${path.join(".") || "the file"} is ${found}; expected ${expected(asRecord(schema))}` }];
}

function expected(schema: Record<string, unknown>): string {
  const choices = schema["anyOf"];
  if (Array.isArray(choices))
    return `one of ${choices.map((choice: unknown) => String(asRecord(choice)["const"])).join(", ")}`;
  const { minimum, maximum, minLength } = schema;
  const words: Record<string, string> = {
    integer: "a whole number",
    number: "a number",
    string: "a text",
    boolean: "true or false",
    array: "a list",
    object: "a section of keys",
  };
  const type = words[String(schema["type"])] ?? String(schema["type"]);
  if (typeof minimum === "number") return `${type} from ${minimum} to ${Number(maximum)}`;
  return minLength === undefined ? type : `${type} that is not empty`;
}

function at(root: unknown, path: readonly string[]): unknown {
  return path.reduce((node: unknown, key) => asRecord(node)[key], root);
}

function asRecord(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === "object" ? Object.fromEntries(Object.entries(value)) : {};
}
