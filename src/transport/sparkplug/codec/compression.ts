import { constants, gunzipSync, inflateSync } from "node:zlib";
import { messageOf } from "#model/errors.ts";

export type InflateResult =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly reason: "malformed" | "oversized"; readonly detail: string };

/** What encoders mean when they do not say it. */
export const deflateAlgorithm = "DEFLATE";

/** Unfolds the body of a compressed payload (`GZIP` or `DEFLATE`), to at most `maxBytes`. Never throws. */
export function inflateBody(body: Uint8Array, algorithm: string, maxBytes: number): InflateResult {
  const options = { maxOutputLength: maxBytes, finishFlush: constants.Z_FINISH };
  try {
    if (algorithm === "GZIP") return { ok: true, bytes: gunzipSync(body, options) };
    if (algorithm === deflateAlgorithm) return { ok: true, bytes: inflateSync(body, options) };
  } catch (error) {
    if (isTooLarge(error)) return { ok: false, reason: "oversized", detail: `unfolds to more than ${maxBytes} bytes` };
    return { ok: false, reason: "malformed", detail: `compressed body: ${messageOf(error)}` };
  }
  return { ok: false, reason: "malformed", detail: `compression ${JSON.stringify(algorithm.slice(0, 40))} is unknown` };
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
}
