import { HostError } from "./errors.ts";

/** Why a package is refused; every code is `package-invalid` to callers that do not care which. */
export const packageProblems = [
  // The file as bytes.
  "too-large",
  "too-complex",
  "encoding",
  // The description.
  "doctype",
  "not-well-formed",
  "unknown-dialect",
  "invalid-content",
  // The container.
  "zip-broken",
  "zip-path",
  "zip-symlink",
  "zip-duplicate",
  "zip-too-many-entries",
  "zip-size",
  "zip-encrypted",
  "container-invalid",
  // The signature.
  "signature-missing",
  "signature-malformed",
  "signature-unsupported",
  "signature-wrong",
  "part-altered",
  "part-removed",
  "part-unsigned",
  "signer-unknown",
  "signer-expired",
  "signer-not-yet-valid",
  "signer-rejected",
  "signer-unsuitable",
  // The catalogue.
  "duplicate-package",
  "id-claimed",
  "revision-exists",
  "checksum-mismatch",
  "not-in-catalogue",
  "in-use",
  "catalogue-broken",
] as const;

export type PackageProblem = (typeof packageProblems)[number];

/** A place in a file; line and column count from 1. */
export interface SourceLocation {
  readonly source: string;
  readonly line: number;
  readonly column: number;
}

/** Something in a package that was understood only in part, or changed on the way in. */
export interface PackageWarning {
  readonly code: string;
  readonly message: string;
  readonly location: SourceLocation;
}

/** A refused package: `package-invalid` with the exact problem and, where there is one, the place in the file. */
export class PackageError extends HostError {
  readonly problem: PackageProblem;
  readonly location: SourceLocation | undefined;

  constructor(problem: PackageProblem, message: string, location?: SourceLocation, options?: ErrorOptions) {
    super("package-invalid", location === undefined ? message : `${locationText(location)}: ${message}`, options);
    this.name = "PackageError";
    this.problem = problem;
    this.location = location;
  }
}

/** `file:line:column`, as compilers print it. */
export function locationText(location: SourceLocation): string {
  return `${location.source}:${location.line}:${location.column}`;
}
