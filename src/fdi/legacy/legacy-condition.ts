import { conditionOf } from "#model/compile-condition.ts";
import type { Condition } from "#model/condition.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { unitTexts } from "./vocabulary.ts";

export interface LegacyCondition {
  readonly condition: Condition;
  /** What was changed to make it an expression, one sentence each. */
  readonly notes: readonly string[];
  /** Why it could not be compiled. */
  readonly problem?: string;
}

const units = [...unitTexts].sort((a, b) => b.length - a.length).map((text) => text.replaceAll(/[^A-Za-z]/g, "\\$&"));
const numberWithUnit = new RegExp(`(\\d+(?:\\.\\d+)?)\\s*(?:${units.join("|")})(?![A-Za-z0-9_])`, "g");

/** Compiles a condition as the old dialects write them: `Temperature > 70°C`, `ArcFaultDetected = true`, `Current > X`. */
export function legacyCondition(text: string, parameters: ReadonlyMap<string, ParameterSpec>): LegacyCondition {
  const notes: string[] = [];
  const changed = (before: string, after: string, what: string): string => {
    if (before !== after) notes.push(what);
    return after;
  };
  const equal = changed(text, text.replaceAll(/(?<![=<>!])=(?!=)/g, "=="), "= is read as ==");
  const bare = changed(equal, equal.replaceAll(numberWithUnit, "$1"), "the unit after a number is left out");
  const phases = changed(bare, perPhase(bare, parameters), "a name without phase stands for any phase");
  const { condition, problem } = conditionOf(phases, parameters);
  if (problem === undefined) return { condition, notes };
  return { condition: { text }, notes: [], problem: problem.message };
}

/** One comparison of a name that exists only per phase becomes three, joined by OR. */
function perPhase(text: string, parameters: ReadonlyMap<string, ParameterSpec>): string {
  const match = /^\s*([A-Za-z]\w*)(\s*(?:[<>]=?|==|!=)\s*[\w.]+)\s*$/.exec(text);
  const [, name = "", rest = ""] = match ?? [];
  const phases = ["A", "B", "C"].map((phase) => `${name}Phase${phase}`);
  if (match === null || parameters.has(name) || !phases.every((phase) => parameters.has(phase))) return text;
  return phases.map((phase) => `${phase}${rest}`).join(" OR ");
}
