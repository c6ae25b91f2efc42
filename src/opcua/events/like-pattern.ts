/**
 * The pattern of the Like operator (OPC 10000-4, 7.7.3, Table 120): `%` any text, `_` one character, `\` takes the next
 * one as it is, `[abc]` and `[^abc]` one of (none of) these. Undefined where a bracket or a backslash is left open.
 */
export function likePatternOf(pattern: string): ((text: string) => boolean) | undefined {
  const tokens = tokensOf(pattern);
  return tokens === undefined ? undefined : (text) => matches(tokens, Array.from(text));
}

type Token = "any" | ((character: string) => boolean);

function tokensOf(pattern: string): Token[] | undefined {
  const characters = Array.from(pattern);
  const tokens: Token[] = [];
  for (let i = 0; i < characters.length; i += 1) {
    const character = characters[i] ?? "";
    if (character === "%") tokens.push("any");
    else if (character === "_") tokens.push(() => true);
    else if (character === "[") {
      const end = characters.indexOf("]", i + 2);
      if (end < 0) return undefined;
      tokens.push(setOf(characters.slice(i + 1, end)));
      i = end;
    } else {
      if (character === "\\") i += 1;
      const literal = characters[i];
      if (literal === undefined) return undefined;
      tokens.push((other) => other === literal);
    }
  }
  return tokens;
}

function setOf(inside: readonly string[]): (character: string) => boolean {
  const isNegated = inside[0] === "^" && inside.length > 1;
  const members = isNegated ? inside.slice(1) : inside;
  const isIn = (character: string): boolean => {
    for (let i = 0; i < members.length; i += 1) {
      const [low = "", dash, high] = members.slice(i, i + 3);
      if (dash === "-" && high !== undefined) {
        if (character >= low && character <= high) return true;
        i += 2;
      } else if (character === low) return true;
    }
    return false;
  };
  return isNegated ? (character) => !isIn(character) : isIn;
}

/** Goes back to the last `%` only, so that no pattern takes more than its length times that of the text. */
function matches(tokens: readonly Token[], text: readonly string[]): boolean {
  let [t, i, lastAny, resume] = [0, 0, -1, 0];
  while (i < text.length) {
    const token = tokens[t];
    if (token === "any") {
      lastAny = t;
      resume = i;
      t += 1;
    } else if (token?.(text[i] ?? "") === true) {
      t += 1;
      i += 1;
    } else {
      if (lastAny < 0) return false;
      t = lastAny + 1;
      resume += 1;
      i = resume;
    }
  }
  return tokens.slice(t).every((token) => token === "any");
}
