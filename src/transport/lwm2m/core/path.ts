/** Where something is in a client's tree: /object/instance/resource/resource instance, each level optional from the right. */
export interface Path {
  readonly object?: number | undefined;
  readonly instance?: number | undefined;
  readonly resource?: number | undefined;
  readonly resourceInstance?: number | undefined;
}

/** Ids are 0 to 65534 (OMA Core 1.2, 7.3). */
const maxId = 65_534;

export function isPathId(id: unknown): id is number {
  return typeof id === "number" && Number.isInteger(id) && id >= 0 && id <= maxId;
}

/** Reads `/3/0/0`, also without the first slash; `/` is the root. Undefined when it is no path. */
export function pathOf(text: string): Path | undefined {
  if (text.length > 32) return undefined;
  const trimmed = text.startsWith("/") ? text.slice(1) : text;
  if (trimmed === "") return {};
  const parts = trimmed.split("/");
  if (parts.length > 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,4})$/.test(part))) return undefined;
  return pathOfIds(parts.map(Number));
}

/** The path of up to four ids; undefined when one of them is none. */
export function pathOfIds(ids: readonly unknown[]): Path | undefined {
  if (ids.length > 4 || !ids.every(isPathId)) return undefined;
  const [object, instance, resource, resourceInstance] = ids;
  return { object, instance, resource, resourceInstance };
}

export function idsOf({ object, instance, resource, resourceInstance }: Path): number[] {
  const ids: number[] = [];
  for (const id of [object, instance, resource, resourceInstance]) {
    if (id === undefined) break;
    ids.push(id);
  }
  return ids;
}

export function pathText(path: Path): string {
  return `/${idsOf(path).join("/")}`;
}

/** True when `path` is `base` or lies below it. */
export function isWithin(path: Path, base: Path): boolean {
  const ids = idsOf(path);
  return idsOf(base).every((id, level) => ids[level] === id);
}

/** The path of the resource that a value belongs to: without its resource instance. */
export function resourcePathText({ object, instance, resource }: Path): string {
  return `/${object}/${instance}/${resource}`;
}
