import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import type { PasswordHasher } from "#fleet/access/ports.ts";

/** Cost of a new hash: the first recommendation of the OWASP Password Storage Cheat Sheet; about 35 ms of a core. */
const cost = { memoryKib: 47_104, passes: 1, parallelism: 1 };
const saltBytes = 16;
const hashBytes = 32;

type Cost = typeof cost;

const keptPattern =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/** Argon2id (RFC 9106) in the usual text form `$argon2id$v=19$m=47104,t=1,p=1$salt$hash`; runs outside the main thread. */
export const argon2Hasher: PasswordHasher = {
  async hash(password) {
    const salt = randomBytes(saltBytes);
    const { memoryKib, passes, parallelism } = cost;
    const hash = await derive(password, salt, cost, hashBytes);
    return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${parallelism}$${plain(salt)}$${plain(hash)}`;
  },
  async verify(password, kept) {
    const [, m, t, p, salt, hash] = keptPattern.exec(kept) ?? [];
    if (salt === undefined || hash === undefined) return false;
    const expected = Buffer.from(hash, "base64");
    const keptCost = { memoryKib: Number(m), passes: Number(t), parallelism: Number(p) };
    return timingSafeEqual(await derive(password, Buffer.from(salt, "base64"), keptCost, expected.length), expected);
  },
};

function derive(
  password: string,
  nonce: Buffer,
  { memoryKib, passes, parallelism }: Cost,
  size: number,
): Promise<Buffer> {
  const parameters = { message: password, nonce, parallelism, tagLength: size, memory: memoryKib, passes };
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  argon2("argon2id", parameters, (error, hash) => (error === null ? resolve(hash) : reject(error)));
  return promise;
}

/** Base64 without padding, as the text form wants it. */
function plain(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}
