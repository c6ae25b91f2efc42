import { ExpressionProblem, type Operator, type Token, tokenize } from "./tokenize.ts";

export type Logic = "AND" | "OR";
export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=";
export type Arithmetic = "+" | "-" | "*" | "/";

/** The tree of an expression; `at` is where its text starts. */
export type Node =
  | { readonly kind: "literal"; readonly value: number | boolean | string; readonly at: number }
  | { readonly kind: "name"; readonly name: string; readonly at: number }
  | { readonly kind: "not" | "negate"; readonly operand: Node; readonly at: number }
  | { readonly kind: "logic"; readonly operator: Logic; readonly left: Node; readonly right: Node; readonly at: number }
  | {
      readonly kind: "compare";
      readonly operator: Comparison;
      readonly left: Node;
      readonly right: Node;
      readonly at: number;
    }
  | {
      readonly kind: "arithmetic";
      readonly operator: Arithmetic;
      readonly left: Node;
      readonly right: Node;
      readonly at: number;
    };

export const maxExpressionDepth = 32;

const comparisons = ["==", "!=", "<", "<=", ">", ">="] as const satisfies readonly Comparison[];

/**
 * Parses `OR` over `AND` over `NOT` over one comparison over `+ -` over `* /` over a sign. Throws ExpressionProblem.
 */
export function parseExpression(text: string): Node {
  return new Parser(tokenize(text)).parse();
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): Node {
    const node = this.#or();
    const rest = this.#peek();
    if (rest.kind !== "end") throw new ExpressionProblem(`unexpected ${shown(rest)}`, rest.at);
    return node;
  }

  #or(): Node {
    return this.#chain(
      ["OR"],
      () => this.#and(),
      (operator, left, right) => ({ kind: "logic", operator, left, right, at: left.at }),
    );
  }

  #and(): Node {
    return this.#chain(
      ["AND"],
      () => this.#not(),
      (operator, left, right) => ({ kind: "logic", operator, left, right, at: left.at }),
    );
  }

  #not(): Node {
    const { at } = this.#peek();
    if (!this.#accept("NOT")) return this.#comparison();
    return { kind: "not", operand: this.#deeper(at, () => this.#not()), at };
  }

  #comparison(): Node {
    const left = this.#sum();
    const operator = comparisons.find((candidate) => this.#accept(candidate));
    if (operator === undefined) return left;
    const node: Node = { kind: "compare", operator, left, right: this.#sum(), at: left.at };
    const next = this.#peek();
    if (comparisons.some((candidate) => isOperator(next, candidate))) {
      throw new ExpressionProblem("comparisons cannot be chained: join them with AND", next.at);
    }
    return node;
  }

  #sum(): Node {
    return this.#chain(["+", "-"], () => this.#product(), arithmetic);
  }

  #product(): Node {
    return this.#chain(["*", "/"], () => this.#sign(), arithmetic);
  }

  #sign(): Node {
    const { at } = this.#peek();
    if (!this.#accept("-")) return this.#primary();
    return { kind: "negate", operand: this.#deeper(at, () => this.#sign()), at };
  }

  #primary(): Node {
    const token = this.#peek();
    this.#next += 1;
    if (token.kind === "name") return { kind: "name", name: token.text, at: token.at };
    if (isOperator(token, "(")) return this.#deeper(token.at, () => this.#parenthesis());
    if (token.kind === "operator" || token.kind === "end") {
      throw new ExpressionProblem(`expected a name, a value or ( but found ${shown(token)}`, token.at);
    }
    return { kind: "literal", value: token.value, at: token.at };
  }

  #parenthesis(): Node {
    const inner = this.#or();
    const closing = this.#peek();
    if (!this.#accept(")")) throw new ExpressionProblem(`expected ) but found ${shown(closing)}`, closing.at);
    return inner;
  }

  #chain<T extends Operator>(
    operators: readonly T[],
    operand: () => Node,
    join: (operator: T, left: Node, right: Node) => Node,
  ): Node {
    let left = operand();
    for (;;) {
      const operator = operators.find((candidate) => this.#accept(candidate));
      if (operator === undefined) return left;
      left = join(operator, left, operand());
    }
  }

  #deeper(at: number, parse: () => Node): Node {
    this.#depth += 1;
    if (this.#depth > maxExpressionDepth) throw new ExpressionProblem(`more than ${maxExpressionDepth} levels`, at);
    const node = parse();
    this.#depth -= 1;
    return node;
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: "end", at: 0 };
  }

  #accept(operator: Operator): boolean {
    if (!isOperator(this.#peek(), operator)) return false;
    this.#next += 1;
    return true;
  }
}

function arithmetic(operator: Arithmetic, left: Node, right: Node): Node {
  return { kind: "arithmetic", operator, left, right, at: left.at };
}

function isOperator(token: Token, operator: Operator): boolean {
  return token.kind === "operator" && token.text === operator;
}

function shown(token: Token): string {
  if (token.kind === "end") return "the end";
  return token.kind === "operator" || token.kind === "name" ? token.text : JSON.stringify(token.value);
}
