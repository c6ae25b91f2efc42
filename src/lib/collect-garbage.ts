import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Collects all garbage now, in one pause of about half a second per gigabyte of heap. For the moment before serving begins,
 * after much was built: else V8 does it whenever the heap next grows, while clients wait.
 */
export function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc()");
  setFlagsFromString("--no-expose-gc");
}
