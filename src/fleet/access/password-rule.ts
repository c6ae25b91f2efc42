import { HostError } from "#model/errors.ts";

/** What a new password must be (IEC 62443-4-2, CR 1.7): length counts, composition does not (NIST SP 800-63B, 3.1.1.2). */
export interface PasswordRule {
  /** In characters. */
  readonly minLength: number;
}

/** Longer texts are no better and cost time to hash. */
export const longestPassword = 256;
const minDifferent = 5;

/** What is tried first by whoever guesses, also with digits behind. */
const guessed =
  /^(?:password|passw0rd|administrator|admin|changeme|letmein|welcome|qwerty|operator|secret|fdi-?host)\W*\d*\W*$/i;

/** Throws `argument-invalid` when `password` may not be used by `user`; the message never contains it. */
export function checkPassword(password: string, user: string, { minLength }: PasswordRule): void {
  const problem = problemOf(password, user, minLength);
  if (problem !== undefined) throw new HostError("argument-invalid", `the new password of ${user} ${problem}`);
}

function problemOf(password: string, user: string, minLength: number): string | undefined {
  const { length } = password;
  if (length < minLength) return `has ${length} characters: expected at least ${minLength}`;
  if (length > longestPassword) return `has ${length} characters: expected at most ${longestPassword}`;
  if (new Set(password).size < minDifferent) return `needs at least ${minDifferent} different characters`;
  if (password.toLowerCase().includes(user.toLowerCase())) return "must not contain the user name";
  if (guessed.test(password)) return "is one that everybody tries first";
  return undefined;
}
