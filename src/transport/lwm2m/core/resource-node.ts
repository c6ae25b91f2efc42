import type { EpochMs } from "#model/ids.ts";
import type { Path } from "./path.ts";

/** Types of resources (OMA Core 1.2, appendix C). */
export const resourceTypes = [
  "string",
  "integer",
  "unsigned",
  "float",
  "boolean",
  "opaque",
  "time",
  "objlnk",
  "corelnk",
] as const;

export type ResourceType = (typeof resourceTypes)[number];

/** A link to an object instance: `object:instance` as text. */
export type ResourceValue = number | bigint | boolean | string | Uint8Array;

/** One value of one resource (or resource instance). */
export interface ResourceNode {
  readonly path: Path;
  /** Times are epoch ms, links to objects `object:instance`. */
  readonly value: ResourceValue;
  /** When it was measured (epoch ms), where the format says so. */
  readonly time?: EpochMs | undefined;
}

/** What a decoder has to know besides the bytes. */
export interface DecodeContext {
  /** What was asked for: the paths of formats that do not carry their own are relative to it. */
  readonly base: Path;
  /** The type of the resource at a path; undefined when it is not known. */
  readonly typeOf: (path: Path) => ResourceType | undefined;
  /** Epoch ms: what relative times refer to. */
  readonly now: EpochMs;
}

/** Nodes that one message may hold. */
export const maxNodes = 5_000;
