import type { Expression } from "./expression/expression.ts";

/** A condition of a package: its text, and its compiled form unless it says something that we cannot evaluate. */
export interface Condition {
  readonly text: string;
  readonly expression?: Expression;
}
