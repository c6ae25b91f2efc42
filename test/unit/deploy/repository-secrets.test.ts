import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../../..");

interface Pattern {
  readonly name: string;
  readonly found: RegExp;
  /** What is none, and why: values, or folders in which it is none. */
  readonly harmless?: { readonly value?: RegExp; readonly folders?: RegExp };
}

/** What must not be in the repository; the first group is the secret itself. */
const patterns: readonly Pattern[] = [
  { name: "private key", found: /-----BEGIN [A-Z ]*PRIVATE KEY-----/g },
  {
    name: "login in an address",
    found: /\b[a-z]{2,12}:\/\/[^\s/:"'`@<>]+:([^\s/"'`@<>]+)@/g,
    // Placeholders of examples, and what tests look for in messages.
    harmless: { value: /^(\.\.\.|%s|password|secret|p%40ss|\$\{.*)$/ },
  },
  {
    name: "password as a constant",
    found: /(?:password|passwd|secret|token|api_?key)["']?\s*[:=]\s*["'`]([^"'`$\s]{6,})["'`]/gi,
    // Users of servers that live as long as a test.
    harmless: { folders: /^(test|bench)\// },
  },
  { name: "hash of a password", found: /\$argon2(?:id|i|d)\$v=\d+\$m=\d+,t=\d+,p=\d+\$[\w+/]{8,}/g },
  { name: "JSON web token", found: /\beyJ[\w-]{10,}\.[\w-]{10,}\./g },
  { name: "key of a cloud", found: /\b(?:AKIA|ghp_|xox[bp]-)[\w-]{12,}/g },
];

function findingsIn(path: string, text: string): string[] {
  return patterns.flatMap(({ name, found, harmless }) => {
    if (harmless?.folders?.test(path) === true) return [];
    const values = [...text.matchAll(found)].map(([all, value = all]) => value);
    return values.filter((value) => harmless?.value?.test(value) !== true).map(() => `${path}: ${name}`);
  });
}

function isText(bytes: Buffer): boolean {
  return !bytes.subarray(0, 8_000).includes(0);
}

describe("the repository", () => {
  it("has no private key, password or token in any file", () => {
    const files = execFileSync("git", ["-c", "safe.directory=*", "ls-files", "-z"], { cwd: root, encoding: "utf8" });
    const texts = files.split("\0").flatMap((path) => {
      if (path === "" || !existsSync(join(root, path))) return [];
      const bytes = readFileSync(join(root, path));
      return isText(bytes) ? [[path, bytes.toString("utf8")] as const] : [];
    });

    expect(texts.length).toBeGreaterThan(500);
    expect(texts.flatMap(([path, text]) => findingsIn(path, text))).toEqual([]);
  });

  it.each([
    ["a key", ["-----BEGIN RSA PRIVATE", " KEY-----"]],
    ["a login", ["url: postgres://fdi:hunter2x", "@db/fdi"]],
    ["a constant", ["const dbPassword", ' = "hunter2x"']],
    ["a member", ['"mqttSecret"', ': "hunter2x"']],
  ])("would be found out with %s", (_what, halves) => {
    expect(findingsIn("src/app/x.ts", halves.join(""))).toHaveLength(1);
  });
});
