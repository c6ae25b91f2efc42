import { createHash, randomBytes } from "node:crypto";
import type { TokenSource } from "#fleet/access/ports.ts";

/** Tokens of 256 random bits, kept as SHA-256: with so much randomness a slow hash adds nothing. */
export const randomTokens: TokenSource = {
  newToken: () => randomBytes(32).toString("base64url"),
  digest: (token) => createHash("sha256").update(token, "utf8").digest("base64url"),
};
