/**
 * A URL as it may be shown and logged: without user, password, query and fragment. Everything up to the last `@` goes, also
 * when a password has an unescaped `/` or `@` in it.
 */
export function shownUrl(url: string): string {
  return url.replace(/\/\/.*@/s, "//").replace(/[?#].*$/s, "");
}
