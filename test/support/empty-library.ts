import type { PackageLibrary } from "#fleet/packages/package-library.ts";
import { PackageError } from "#model/package-problem.ts";

function nothing(): never {
  throw new PackageError("not-in-catalogue", "there are no packages here");
}

/** A library into which nobody brought anything. */
export const emptyLibrary: PackageLibrary = {
  list: () => [],
  preview: async () => nothing(),
  install: async () => nothing(),
  activate: async () => nothing(),
  retire: async () => nothing(),
  remove: async () => nothing(),
  diff: () => [],
  schemaOf: () => ({}),
  violations: () => [],
};
