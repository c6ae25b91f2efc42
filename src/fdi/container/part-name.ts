const segment = /^(?:[A-Za-z0-9._~!$&'()*+,;=:@\- ]|%[0-9A-Fa-f]{2})+$/;

/**
 * True for the name of a part: `/` and segments that neither end with a dot nor hide a slash (ISO/IEC 29500-2, 6.2.2),
 * spaces allowed. `/[Content_Types].xml` is the one name with brackets.
 */
export function isPartName(name: string): boolean {
  if (name === contentTypesName) return true;
  if (!name.startsWith("/") || name.length > 250) return false;
  return name
    .slice(1)
    .split("/")
    .every((text) => segment.test(text) && !text.endsWith(".") && !/%(?:2f|5c|00)/i.test(text));
}

export const contentTypesName = "/[Content_Types].xml";

/** The part that holds the relationships of a part; of the package itself for `/`. */
export function relationshipsPartOf(part: string): string {
  const slash = part.lastIndexOf("/");
  return `${part.slice(0, slash)}/_rels/${part.slice(slash + 1)}.rels`;
}

/** The part that a relative reference from `base` names; undefined when it leaves the package. */
export function resolveTarget(base: string, target: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return undefined;
  const path = target.startsWith("/") ? target : `${base.slice(0, base.lastIndexOf("/") + 1)}${target}`;
  const parts: string[] = [];
  for (const text of path.split("/").slice(1)) {
    if (text === "..") {
      if (parts.pop() === undefined) return undefined;
    } else if (text !== ".") parts.push(text);
  }
  const name = `/${parts.join("/")}`;
  return isPartName(name) ? name : undefined;
}
