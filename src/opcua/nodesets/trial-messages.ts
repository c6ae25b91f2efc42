/** A file to try. */
export interface TrialCandidate {
  readonly file: string;
  /** Files of ours that take its place when it does not load. */
  readonly replaced: readonly string[];
}

export interface TrialRequest {
  /** Files that are known to load, in order. */
  readonly base: readonly string[];
  /** Files to try on top, each after the files that it requires. */
  readonly candidates: readonly TrialCandidate[];
}

export function isTrialRequest(value: unknown): value is TrialRequest {
  return typeof value === "object" && value !== null && "base" in value && "candidates" in value;
}

export interface TrialOutcome {
  /** Files that load together, in order. */
  readonly files: readonly string[];
  readonly failures: readonly { readonly file: string; readonly cause: string }[];
}
