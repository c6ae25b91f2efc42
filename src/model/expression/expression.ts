import { type Arithmetic, type Comparison, type Node, parseExpression } from "./parse.ts";
import { ExpressionProblem } from "./tokenize.ts";

export type ExpressionType = "number" | "boolean" | "string";

/** A value in an expression; undefined = not known (no value yet, bad quality, division by zero). */
export type ExpressionValue = number | boolean | string | undefined;

/** Gives the value of the name at this position of `Expression.names`. Must not throw. */
export type NameReader = (index: number) => ExpressionValue;

/** What a name stands for when an expression is compiled. */
export interface NameType {
  readonly type: ExpressionType;
  /** Texts that may be compared with it instead of its values, e.g. "Open" for 1. */
  readonly labels?: ReadonlyMap<string, number | boolean>;
}

/** A compiled expression over named values. */
export interface Expression {
  readonly text: string;
  readonly type: ExpressionType;
  /** The names that it reads, each once, in order of appearance. */
  readonly names: readonly string[];
  /** The value for the present values of its names; never throws. Unknown inputs make it unknown unless they do not matter. */
  evaluate(read: NameReader): ExpressionValue;
}

export type CompileResult =
  | { readonly ok: true; readonly expression: Expression }
  | { readonly ok: false; readonly message: string; readonly at: number };

/** Compiles an expression; `typeOf` says what each name is, undefined for a name that does not exist. */
export function compileExpression(text: string, typeOf: (name: string) => NameType | undefined): CompileResult {
  try {
    const compiler = new Compiler(typeOf);
    const { type, run } = compiler.compile(parseExpression(text));
    return { ok: true, expression: { text, type, names: compiler.names, evaluate: run } };
  } catch (error) {
    if (error instanceof ExpressionProblem) return { ok: false, message: error.message, at: error.at };
    throw error;
  }
}

/** As `compileExpression`, for conditions: anything but a boolean result is a problem. */
export function compileCondition(text: string, typeOf: (name: string) => NameType | undefined): CompileResult {
  const result = compileExpression(text, typeOf);
  if (!result.ok || result.expression.type === "boolean") return result;
  return { ok: false, message: `it gives a ${result.expression.type}: expected a condition`, at: 0 };
}

type Run = (read: NameReader) => ExpressionValue;

interface Compiled {
  readonly type: ExpressionType;
  readonly run: Run;
}

class Compiler {
  readonly names: string[] = [];
  readonly #typeOf: (name: string) => NameType | undefined;

  constructor(typeOf: (name: string) => NameType | undefined) {
    this.#typeOf = typeOf;
  }

  compile(node: Node): Compiled {
    switch (node.kind) {
      case "literal":
        return literal(node.value);
      case "name":
        return this.#name(node.name, node.at);
      case "not":
        return { type: "boolean", run: not(this.#operand(node.operand, "boolean", "NOT")) };
      case "negate":
        return { type: "number", run: arithmeticOf("-", () => 0, this.#operand(node.operand, "number", "-")) };
      case "logic": {
        const [left, right] = [
          this.#operand(node.left, "boolean", node.operator),
          this.#operand(node.right, "boolean", node.operator),
        ];
        return { type: "boolean", run: node.operator === "AND" ? and(left, right) : or(left, right) };
      }
      case "arithmetic": {
        const [left, right] = [
          this.#operand(node.left, "number", node.operator),
          this.#operand(node.right, "number", node.operator),
        ];
        return { type: "number", run: arithmeticOf(node.operator, left, right) };
      }
      case "compare":
        return this.#compare(node);
    }
  }

  #name(name: string, at: number): Compiled {
    const known = this.#typeOf(name);
    if (known === undefined) throw new ExpressionProblem(`unknown name ${name}`, at);
    let index = this.names.indexOf(name);
    if (index === -1) index = this.names.push(name) - 1;
    return { type: known.type, run: (read) => read(index) };
  }

  #operand(node: Node, type: ExpressionType, operator: string): Run {
    const compiled = this.compile(node);
    if (compiled.type === type) return compiled.run;
    throw new ExpressionProblem(`${operator} needs a ${type} but this is a ${compiled.type}`, node.at);
  }

  #compare(node: Node & { readonly kind: "compare" }): Compiled {
    const left = this.compile(this.#labelled(node.left, node.right));
    const right = this.compile(this.#labelled(node.right, node.left));
    if (left.type !== right.type) {
      throw new ExpressionProblem(`a ${left.type} cannot be compared with a ${right.type}`, node.right.at);
    }
    if (left.type === "boolean" && node.operator !== "==" && node.operator !== "!=") {
      throw new ExpressionProblem(`${node.operator} needs numbers or texts but these are booleans`, node.at);
    }
    return { type: "boolean", run: compareOf(node.operator, left.run, right.run) };
  }

  /** A text beside a name that has labels stands for the labelled value. */
  #labelled(node: Node, other: Node): Node {
    if (node.kind !== "literal" || typeof node.value !== "string" || other.kind !== "name") return node;
    const labels = this.#typeOf(other.name)?.labels;
    if (labels === undefined) return node;
    const value = labels.get(node.value);
    if (value === undefined) {
      throw new ExpressionProblem(
        `${other.name} has no value "${node.value}": expected ${[...labels.keys()].join(", ")}`,
        node.at,
      );
    }
    return { ...node, value };
  }
}

function literal(value: number | boolean | string): Compiled {
  const type = typeof value === "number" ? "number" : typeof value === "boolean" ? "boolean" : "string";
  return { type, run: () => value };
}

function not(operand: Run): Run {
  return (read) => {
    const value = operand(read);
    return typeof value === "boolean" ? !value : undefined;
  };
}

function and(left: Run, right: Run): Run {
  return (read) => {
    const first = left(read);
    if (first === false) return false;
    const second = right(read);
    if (second === false) return false;
    return first === undefined ? undefined : second;
  };
}

function or(left: Run, right: Run): Run {
  return (read) => {
    const first = left(read);
    if (first === true) return true;
    const second = right(read);
    if (second === true) return true;
    return first === undefined ? undefined : second;
  };
}

function arithmeticOf(operator: Arithmetic, left: Run, right: Run): Run {
  const apply = operations[operator];
  return (read) => {
    const a = left(read);
    const b = right(read);
    if (typeof a !== "number" || typeof b !== "number") return undefined;
    const result = apply(a, b);
    return Number.isFinite(result) ? result : undefined;
  };
}

const operations: Readonly<Record<Arithmetic, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
};

function compareOf(operator: Comparison, left: Run, right: Run): Run {
  const test = comparisons[operator];
  return (read) => {
    const a = left(read);
    const b = right(read);
    // NaN is no value: a comparison with it would answer false as if it knew.
    if (a === undefined || b === undefined || Number.isNaN(a) || Number.isNaN(b)) return undefined;
    return typeof a === typeof b ? test(a, b) : undefined;
  };
}

type Comparable = number | boolean | string;

const comparisons: Readonly<Record<Comparison, (a: Comparable, b: Comparable) => boolean>> = {
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};
