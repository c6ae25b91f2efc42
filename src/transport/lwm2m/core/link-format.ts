import { type Path, pathOf } from "./path.ts";

/** What a client says it has: one link of a registration (RFC 6690, OMA Core 1.2, 6.2.1). */
export interface ClientLink {
  /** Object or object instance, without the alternate path. */
  readonly path: Path;
  /** Version of the object, where the link says so. */
  readonly version: string | undefined;
}

export interface ClientLinks {
  /** Where the tree begins (`rt="oma.lwm2m"`), e.g. `/lwm2m`; empty at the root. */
  readonly rootPath: string;
  /** Content formats the client can send, best first; empty when it does not say. */
  readonly formats: readonly number[];
  readonly links: readonly ClientLink[];
}

interface RawLink {
  readonly target: string;
  readonly attributes: ReadonlyMap<string, string>;
}

const maxLength = 64 * 1024;
const maxLinks = 1_000;
const linkPattern =
  /^\s*<([^<>]{0,256})>((?:\s*;\s*[^\s;=,"<>]{1,64}(?:=(?:"[^"]{0,512}"|[^\s;,"<>]{0,256}))?)*)\s*(?:,|$)/;

/** Reads the links of a registration; undefined when the text is none. Links that are no LwM2M path are left out. */
export function readLinks(text: string): ClientLinks | undefined {
  const raw = rawLinks(text);
  if (raw === undefined) return undefined;
  const root = raw.find(({ attributes }) => attributes.get("rt") === "oma.lwm2m");
  const rootPath = root === undefined || root.target === "/" ? "" : root.target.replace(/\/$/, "");
  const formats = (root?.attributes.get("ct") ?? "").split(/\s+/).filter((format) => /^\d+$/.test(format));
  return {
    rootPath,
    formats: formats.map(Number),
    links: raw.flatMap(({ target, attributes }) => {
      if (!target.startsWith(`${rootPath}/`)) return [];
      const path = pathOf(target.slice(rootPath.length));
      if (path?.object === undefined) return [];
      return [{ path, version: attributes.get("ver") }];
    }),
  };
}

function rawLinks(text: string): readonly RawLink[] | undefined {
  if (text.length > maxLength) return undefined;
  const links: RawLink[] = [];
  let rest = text.trim();
  while (rest !== "") {
    const match = linkPattern.exec(rest);
    if (match === null || links.length === maxLinks) return undefined;
    links.push({ target: match[1] ?? "", attributes: attributesOf(match[2] ?? "") });
    rest = rest.slice(match[0].length).trim();
  }
  return links;
}

function attributesOf(text: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = "", quoted, bare] of text.matchAll(/;\s*([^\s;=,"<>]+)(?:=(?:"([^"]*)"|([^\s;,"<>]*)))?/g)) {
    attributes.set(name, quoted ?? bare ?? "");
  }
  return attributes;
}
