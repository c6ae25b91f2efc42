import { PackageError } from "#model/package-problem.ts";
import { lineStartsOf, locationAt } from "./xml-document.ts";

/** Above this an XML file is refused unread; our largest package has about a twentieth of it. */
export const maxXmlBytes = 2 * 1024 * 1024;

// The ranges of XML 1.0 (2.2 Char) that text must not leave; lone surrogates cannot come out of a strict UTF-8 decoder.
// oxlint-disable-next-line no-control-regex
const forbiddenCharacter = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/u;

/**
 * The text of an XML file with line ends as `\n` and without byte order mark.
 * Throws PackageError `too-large`, `encoding` (not UTF-8, a character XML does not allow), `doctype`.
 */
export function decodeXmlText(bytes: Uint8Array, source: string): string {
  if (bytes.length > maxXmlBytes) {
    throw new PackageError("too-large", `${source}: ${bytes.length} bytes, expected at most ${maxXmlBytes}`);
  }
  const text = decodeUtf8(bytes, source).replaceAll(/\r\n?/g, "\n");
  refuseAt(text, source, text.search(forbiddenCharacter), (at) => {
    const code = (text.codePointAt(at) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    return ["encoding", `character U+${code} is not allowed in XML`];
  });
  // By text search before any parsing: no entity can be declared without a document type.
  refuseAt(text, source, text.search(/<!DOCTYPE/i), () => ["doctype", "a document type declaration is not accepted"]);
  refuseAt(text, source, text.search(/<!ENTITY/i), () => ["doctype", "an entity declaration is not accepted"]);
  return text;
}

function decodeUtf8(bytes: Uint8Array, source: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    const line = 1 + countLinesBefore(bytes, firstBrokenByte(bytes));
    const place = { source, line, column: 1 };
    throw new PackageError("encoding", "the file is not UTF-8 text", place, { cause: error });
  }
}

/** The offset of the first byte that does not continue valid UTF-8, found by halving. */
function firstBrokenByte(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1;
    if (isUtf8Prefix(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

function isUtf8Prefix(bytes: Uint8Array): boolean {
  try {
    // stream: a sequence cut off at the end is not an error.
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function countLinesBefore(bytes: Uint8Array, end: number): number {
  let lines = 0;
  for (let i = 0; i < end; i += 1) if (bytes[i] === 0x0a) lines += 1;
  return lines;
}

function refuseAt(
  text: string,
  source: string,
  at: number,
  problem: (at: number) => ["encoding" | "doctype", string],
): void {
  if (at === -1) return;
  const [code, message] = problem(at);
  throw new PackageError(code, message, locationAt(source, lineStartsOf(text), at));
}
