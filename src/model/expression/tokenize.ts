export type Token =
  | { readonly kind: "name"; readonly text: string; readonly at: number }
  | { readonly kind: "number"; readonly value: number; readonly at: number }
  | { readonly kind: "string"; readonly value: string; readonly at: number }
  | { readonly kind: "boolean"; readonly value: boolean; readonly at: number }
  | { readonly kind: "operator"; readonly text: Operator; readonly at: number }
  | { readonly kind: "end"; readonly at: number };

export type Operator = "OR" | "AND" | "NOT" | "==" | "!=" | "<=" | ">=" | "<" | ">" | "+" | "-" | "*" | "/" | "(" | ")";

/** What is wrong with an expression, and where: an offset in its text. */
export class ExpressionProblem extends Error {
  override readonly name = "ExpressionProblem";
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

export const maxExpressionLength = 1000;
export const maxExpressionTokens = 250;

const tokenPattern =
  /\s*(?:([A-Za-z][A-Za-z0-9_]*)|((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|("[^"]*"|'[^']*')|(==|!=|<=|>=|[<>+\-*/()]))/y;

const symbols: ReadonlySet<string> = new Set(["==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "(", ")"]);

/** The words of an expression, `end` last. Throws ExpressionProblem. */
export function tokenize(text: string): Token[] {
  if (text.length > maxExpressionLength) {
    throw new ExpressionProblem(
      `${text.length} characters: expected at most ${maxExpressionLength}`,
      maxExpressionLength,
    );
  }
  const end = text.trimEnd().length;
  const tokens: Token[] = [];
  tokenPattern.lastIndex = 0;
  for (let at = 0; at < end; at = tokenPattern.lastIndex) {
    tokenPattern.lastIndex = at;
    const match = tokenPattern.exec(text);
    const start = at + (/\S/.exec(text.slice(at))?.index ?? 0);
    if (match === null) throw new ExpressionProblem(`unexpected ${JSON.stringify(text[start])}`, start);
    tokens.push(tokenOf(match, start));
    if (tokens.length > maxExpressionTokens) {
      throw new ExpressionProblem(`more than ${maxExpressionTokens} words`, start);
    }
  }
  tokens.push({ kind: "end", at: end });
  return tokens;
}

function tokenOf(match: RegExpExecArray, at: number): Token {
  const [, word, number, string, symbol] = match;
  if (word !== undefined) return wordToken(word, at);
  if (string !== undefined) return { kind: "string", value: string.slice(1, -1), at };
  if (symbol !== undefined && isOperator(symbol)) return { kind: "operator", text: symbol, at };
  const value = Number(number);
  if (!Number.isFinite(value)) throw new ExpressionProblem(`${number} is too large`, at);
  return { kind: "number", value, at };
}

function wordToken(word: string, at: number): Token {
  const upper = word.toUpperCase();
  if (upper === "AND" || upper === "OR" || upper === "NOT") return { kind: "operator", text: upper, at };
  if (upper === "TRUE" || upper === "FALSE") return { kind: "boolean", value: upper === "TRUE", at };
  return { kind: "name", text: word, at };
}

function isOperator(text: string): text is Operator {
  return symbols.has(text);
}
