const named: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);

/**
 * Text with its character references and the five predefined entities of XML replaced; calls `fail` with the position of
 * an `&` that starts neither.
 */
export function resolveReferences(raw: string, fail: (at: number, message: string) => never): string {
  return raw.replaceAll(/&([^;&\s]{0,32});?/g, (whole: string, name: string, at: number) => {
    if (!whole.endsWith(";")) fail(at, "& starts no reference (an & in text is written &amp;)");
    const character = named.get(name) ?? numbered(name);
    if (character === undefined) fail(at, `&${name}; is not a known reference`);
    return character;
  });
}

function numbered(name: string): string | undefined {
  const match = /^#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}))$/.exec(name);
  if (match === null) return undefined;
  const code = match[1] === undefined ? Number(match[2]) : Number.parseInt(match[1], 16);
  return isXmlCharacter(code) ? String.fromCodePoint(code) : undefined;
}

/** XML 1.0, 2.2 Char. */
function isXmlCharacter(code: number): boolean {
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd;
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
}
