import { assert, asyncProperty, uint8Array } from "fast-check";
import { describe, expect, it } from "vitest";
import { readZip, zipLimits } from "#fdi/container/read-zip.ts";
import { writeZip } from "#fdi/container/write-zip.ts";
import { PackageError } from "#model/package-problem.ts";
import { type RawEntry, rawZip } from "../support/raw-zip.ts";

async function problemOf(bytes: Uint8Array): Promise<string> {
  try {
    await readZip(bytes, "p.fdix");
    return "accepted";
  } catch (error) {
    if (error instanceof PackageError) return error.problem;
    throw error;
  }
}

const zeros = (size: number): Buffer => Buffer.alloc(size);
const many = (count: number): RawEntry[] => Array.from({ length: count }, (_, i) => ({ name: `f${i}` }));

describe("readZip", () => {
  it("gives back what writeZip was given", async () => {
    const files = new Map([
      ["[Content_Types].xml", Buffer.from("<Types/>")],
      ["a/empty.txt", Buffer.alloc(0)],
      ["a/text.txt", Buffer.from("text ".repeat(1000))],
      ["a/b%20c.bin", Buffer.from([0, 1, 2, 255])],
    ]);

    expect(await readZip(writeZip(files), "p.fdix")).toEqual(files);
  });

  it("ignores folders", async () => {
    const zip = rawZip([{ name: "a/", content: Buffer.alloc(0), mode: 0o040755 }, { name: "a/b" }]);

    expect([...(await readZip(zip, "p.fdix")).keys()]).toEqual(["a/b"]);
  });

  it.each<[string, string, RawEntry[]]>([
    ["a path that climbs out", "zip-path", [{ name: "../../etc/passwd" }]],
    ["a path that climbs out in the middle", "zip-path", [{ name: "a/../../b" }]],
    ["a path that climbs out with backslashes", "zip-path", [{ name: "..\\evil" }]],
    ["an absolute path", "zip-path", [{ name: "/etc/passwd" }]],
    ["a drive letter", "zip-path", [{ name: "C:/evil" }]],
    ["an encoded slash", "zip-path", [{ name: "a%2f..%2fb" }]],
    ["a NUL in a name", "zip-path", [{ name: "a\u0000.fdi" }]],
    ["an empty segment", "zip-path", [{ name: "a//b" }]],
    ["a segment that ends with a dot", "zip-path", [{ name: "a./b" }]],
    ["a symbolic link", "zip-symlink", [{ name: "link", content: Buffer.from("/etc/passwd"), mode: 0o120777 }]],
    ["a device node", "zip-symlink", [{ name: "tty", mode: 0o020666 }]],
    ["two entries of one name", "zip-duplicate", [{ name: "a" }, { name: "a" }]],
    ["two entries that differ in case only", "zip-duplicate", [{ name: "Catalog.xml" }, { name: "catalog.XML" }]],
    ["60,000 entries", "zip-too-many-entries", many(60_000)],
    [
      "a size that says less than there is",
      "zip-size",
      [{ name: "a", content: zeros(100_000), method: 8, declaredSize: 10 }],
    ],
    [
      "a size that says more than there is",
      "zip-size",
      [{ name: "a", content: zeros(10), method: 8, declaredSize: 1000 }],
    ],
    ["a bomb", "zip-size", [{ name: "a", content: zeros(40 * 1024 * 1024), method: 8 }]],
    [
      "a bomb that lies about its size",
      "zip-size",
      [{ name: "a", content: zeros(40 * 1024 * 1024), method: 8, declaredSize: 1000 }],
    ],
    [
      "many entries that are a bomb together",
      "zip-size",
      many(10).map((entry) => ({ ...entry, content: zeros(3 * 1024 * 1024), method: 8 })),
    ],
    ["a wrong checksum", "zip-broken", [{ name: "a", crc: 1 }]],
    ["a local header with another name", "zip-broken", [{ name: "a.txt", localName: "b.txt" }]],
    ["an encrypted entry", "zip-encrypted", [{ name: "a", content: zeros(20), declaredSize: 8, flags: 0x0801 }]],
  ])("refuses %s", async (_, problem, entries) => {
    expect(await problemOf(rawZip(entries))).toBe(problem);
  });

  it("refuses a file above the limit unread", async () => {
    expect(await problemOf(zeros(zipLimits.bytes + 1))).toBe("too-large");
  });

  it("refuses every truncation of a good container", async () => {
    const good = writeZip([["a.txt", Buffer.from("text ".repeat(50))]]);

    for (let length = 0; length < good.length; length += 1) {
      expect(await problemOf(good.subarray(0, length))).not.toBe("accepted");
    }
  });

  it("never throws anything but a PackageError, whatever the bytes", async () => {
    const good = writeZip([
      ["a.txt", Buffer.from("some text")],
      ["b/c.txt", Buffer.from("more text")],
    ]);
    const noise = uint8Array({ minLength: 3, maxLength: 3 });

    await assert(
      asyncProperty(noise, async ([at = 0, from = 0, value = 0]) => {
        const bytes = Buffer.from(good);
        bytes[(at * 256 + from) % bytes.length] = value;
        await problemOf(bytes);
        await problemOf(bytes.subarray(from));
      }),
      { numRuns: 300 },
    );
  }, 60_000);
});
